"""Recognises what a file or folder is by its first bytes."""

from enum import Enum
from pathlib import Path

from PIL import Image

from segpaint.core.requests.checkpoint import DESCRIPTION
from segpaint.io.image_files import FORMATS, UNREADABLE
from segpaint.io.results import holds_request


class Content(Enum):
    """What the window can open."""

    CHECKPOINT = "checkpoint"
    RESULT = "result"
    """An image that holds a request, or a request file."""
    MASK = "mask"
    """A palette or one-bit image, whose values are not shades."""
    PICTURE = "picture"
    """An image, or a mask of another program, in shades or colours."""


def content_of(path: Path) -> Content | None:
    """Detect what a path holds, without reading it whole; None if it cannot be opened."""
    if (path / DESCRIPTION).is_file() or (path.name == DESCRIPTION and path.is_file()):
        return Content.CHECKPOINT
    if not path.is_file():
        return None
    if holds_request(path):
        return Content.RESULT
    try:
        if path.suffix.lower() in FORMATS and path.suffix.lower() != ".png":
            mode = FORMATS[path.suffix.lower()].read(path.read_bytes()).mode
        else:
            with Image.open(path) as image:
                mode = image.mode
    except UNREADABLE:
        return None
    return Content.MASK if mode in ("P", "1") else Content.PICTURE
