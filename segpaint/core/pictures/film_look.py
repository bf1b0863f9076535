"""Draws a scene of a film, with its caption and a note on what its images are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from segpaint.core.pictures.film import Panel, Scene
from segpaint.core.requests.kinds import NOTES

SURROUND, TEXT, FAINT = (23, 24, 26), (213, 215, 218), (154, 157, 163)


@dataclass(frozen=True)
class Look:
    """The appearance of a scene.

    Attributes
    ----------
    size : int
        Height of a panel in pixels, even.
    smooth : bool
        Whether images, but not masks, are enlarged smoothly.
    captions : bool
        Whether to draw a line of captions below.
    note : bool
        Whether to write on images what they are: synthetic, edited, or near to a patient's.
    """

    size: int = 512
    smooth: bool = True
    captions: bool = True
    note: bool = True

    @property
    def margin(self) -> int:
        """Pixels around text and between panels; even, since videos need even sizes."""
        return self.size // 64 // 2 * 2

    @property
    def line(self) -> int:
        """Height of the line of captions in pixels."""
        return self.size // 24 * 2


def picture_size(scene: Scene, look: Look) -> tuple[int, int]:
    """Compute width and height of a scene's picture."""
    count = len(scene.panels)
    width = count * look.size + (count - 1) * look.margin
    return width, look.size + (look.line if look.captions else 0)


def render(scene: Scene, look: Look) -> NDArray[np.uint8]:
    """Draw a scene.

    Parameters
    ----------
    scene : Scene
        Its panels are square.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    picture = Image.new("RGB", picture_size(scene, look), SURROUND)
    draw = ImageDraw.Draw(picture, "RGBA")
    for number, panel in enumerate(scene.panels):
        left = number * (look.size + look.margin)
        picture.paste(_enlarged(panel, look), (left, 0))
        if look.note and panel.about is not None:
            _draw_note(draw, NOTES[panel.about.kind], left, look)
        if look.captions and len(scene.panels) > 1:
            _draw_line(draw, (left + look.margin, "lm"), panel.name, FAINT, look)
    if look.captions:
        alone = len(scene.panels) == 1
        place = (look.margin, "lm") if alone else (picture.width - look.margin, "rm")
        _draw_line(draw, place, scene.caption, TEXT, look)
    return np.asarray(picture)


def _enlarged(panel: Panel, look: Look) -> Image.Image:
    smooth = look.smooth and not panel.is_mask
    resampling = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    return Image.fromarray(panel.pixels).convert("RGB").resize((look.size, look.size), resampling)


def _draw_line(
    draw: ImageDraw.ImageDraw, place: tuple[int, str], text: str, color: tuple[int, int, int], look: Look
) -> None:
    x, anchor = place
    font = ImageFont.load_default(look.size // 26)
    draw.text((x, look.size + look.line // 2), text, fill=color, font=font, anchor=anchor)


def _draw_note(draw: ImageDraw.ImageDraw, note: str, left: int, look: Look) -> None:
    """Write a note in the lower right corner of a panel, on a dark ground."""
    font = ImageFont.load_default(look.size // 34)
    corner = (left + look.size - 2 * look.margin, look.size - 2 * look.margin)
    x0, y0, x1, y1 = draw.textbbox(corner, note, font=font, anchor="rb")
    pad = look.margin
    draw.rectangle((x0 - pad, y0 - pad, x1 + pad - 1, y1 + pad - 1), fill=(*SURROUND, 170))
    draw.text(corner, note, fill=TEXT, font=font, anchor="rb")
