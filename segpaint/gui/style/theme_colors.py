"""The colours of the window in its two themes, as ``resources/themes.toml`` gives them."""

import tomllib
from dataclasses import dataclass

from segpaint.paths import read_resource


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


_THEMES = tomllib.loads(read_resource("themes.toml"))
DARK, LIGHT = Colors(**_THEMES["dark"]), Colors(**_THEMES["light"])

# Over images and masks, which are the same in both themes:

BLACK, WHITE = "#000000", "#ffffff"
"""Colours of lines on any colour, and of the background of a mask."""
SWIPE = "#4c9be8"
"""The border between two compared images."""
DISAGREEMENT = "#e0a84c"
"""Places where the segmenter and the mask disagree."""
NOT_AS_ASKED = "#4fc3f7"
"""Places that were edited, and where the segmenter does not find what was asked for."""
STAR = "#e0a84c"
UNUSUAL = "#e0a84c"
"""A frame on a slice whose pixels are unlike those that the model was trained on."""
PICTURE = "#101113"
"""Placeholder of a picture."""
PICTURE_TEXT = "#a3a6ab"
NOTE = "#e0101113"
"""Background of a note, with its opacity first."""
NOTE_TEXT, NOTE_FAINT, NOTE_LINE = "#d5d7da", "#a3a6ab", "#3d4045"
INK = "#202124"
"""Text of a figure, on white."""
HATCH = "#82ffffff"
"""Stripes of a free region, with their opacity first."""
