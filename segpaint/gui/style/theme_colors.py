"""The colours of the window: neutral greys and one accent, in a dark theme and a light one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colors:
    """The colours of one theme, each as "#rrggbb".

    Attributes
    ----------
    surround : str
        Around the images. Dark in both themes, so that nothing beside an image outshines it.
    surround_text : str
        Text there while there is no image.
    window : str
        Bars, panels and dialogs.
    base : str
        Fields and lists.
    raised, hovered, pressed : str
        Buttons: at rest, under the pointer, held or switched on.
    selected : str
        The row painted with.
    line : str
        Rules and borders.
    text, faint, disabled : str
        Primary text, secondary text, disabled text.
    accent : str
        Focus, the item looked at, and links.
    primary, primary_hovered, primary_line, primary_text : str
        The most important button, and selections in menus and fields.
    warning, warning_surface : str
        Warnings, and their background.
    story, story_text : str
        The tour's narration.
    tip, tip_text : str
        Parts over the window: tool tips and the step preview.
    handle, handle_hovered : str
        Of scroll bars.
    """

    surround: str
    surround_text: str
    window: str
    base: str
    raised: str
    hovered: str
    pressed: str
    selected: str
    line: str
    text: str
    faint: str
    disabled: str
    accent: str
    primary: str
    primary_hovered: str
    primary_line: str
    primary_text: str
    warning: str
    warning_surface: str
    story: str
    story_text: str
    tip: str
    tip_text: str
    handle: str
    handle_hovered: str


DARK = Colors(
    surround="#17181a",
    surround_text="#a3a6ab",
    window="#232528",
    base="#1c1d20",
    raised="#2d3034",
    hovered="#373a3f",
    pressed="#34383d",
    selected="#283c51",
    line="#3d4045",
    text="#d5d7da",
    faint="#a3a6ab",
    disabled="#6b6f75",
    accent="#4c9be8",
    primary="#2b6cb0",
    primary_hovered="#3076bd",
    primary_line="#3a7fc6",
    primary_text="#ffffff",
    warning="#e0a84c",
    warning_surface="#3a3122",
    story="#1c2733",
    story_text="#ffffff",
    tip="#101113",
    tip_text="#d5d7da",
    handle="#4a4e54",
    handle_hovered="#5c6167",
)

LIGHT = Colors(
    surround="#3a3b3d",
    surround_text="#c3c5c9",
    window="#e6e7e9",
    base="#f6f6f7",
    raised="#f4f4f5",
    hovered="#fcfcfc",
    pressed="#d2d5d9",
    selected="#c6daee",
    line="#bfc2c7",
    text="#1f2124",
    faint="#53565b",
    disabled="#94979c",
    accent="#1763a8",
    primary="#2368ad",
    primary_hovered="#2b74bc",
    primary_line="#1c5896",
    primary_text="#ffffff",
    warning="#855300",
    warning_surface="#f7e8cb",
    story="#d9e6f4",
    story_text="#10202f",
    tip="#fbfbfb",
    tip_text="#1f2124",
    handle="#b3b6bb",
    handle_hovered="#989ca2",
)

# Over images and masks, which are the same in both themes:

BLACK, WHITE = "#000000", "#ffffff"
"""Colours of lines on any colour, and of the background of a mask."""
SWIPE = "#4c9be8"
"""The border between two compared images."""
DISAGREEMENT = "#e0a84c"
"""Places where the segmenter and the mask disagree."""
STAR = "#e0a84c"
PICTURE = "#101113"
"""Placeholder of a picture."""
PICTURE_TEXT = "#a3a6ab"
NOTE = "#e0101113"
"""Background of a note, with its opacity first."""
NOTE_TEXT, NOTE_FAINT, NOTE_LINE = "#d5d7da", "#a3a6ab", "#3d4045"
HATCH = "#82ffffff"
"""Stripes of a free region, with their opacity first."""
