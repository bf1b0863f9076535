"""Colours for labels without any."""

import colorsys

FREE_REGION = "#46484c"
"""The colour of a free region: neutral, unlike any label."""
OKABE_ITO = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
"""Colours that the colour-blind can tell apart, without black
(Okabe and Ito, "Color Universal Design", 2008)."""


def distinct_colors(count: int) -> list[str]:
    """List different colours: those of Okabe and Ito, lighter and darker ones, then any hues.

    Parameters
    ----------
    count : int
        Up to 508, twice as many as a table can have labels.

    Returns
    -------
    list of str
        "#rrggbb".
    """
    colors = [mixed(color, paper, share) for paper, share in SHADES for color in OKABE_ITO]
    for number in range(count - len(colors)):
        hue = number * 0.618034 % 1  # the golden section spreads hues evenly
        lightness = 0.35 + 0.4 * (number * 0.3819 % 1)
        red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, lightness, 0.6))
        colors.append(f"#{red:02x}{green:02x}{blue:02x}")
    return colors[:count]


SHADES = ((0, 0.0), (255, 0.5), (0, 0.4))
"""What to mix the first colours with, black 0 or white 255, and its share."""


def mixed(color: str, paper: int, share: float) -> str:
    """Mix a colour with a share, 0 to 1, of black (0) or white (255)."""
    parts = [round(part + share * (paper - part)) for part in bytes.fromhex(color[1:])]
    return "#" + bytes(parts).hex()
