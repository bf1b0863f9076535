"""Recognises what a file or folder is by its first bytes."""

from contextlib import suppress
from enum import Enum
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import DESCRIPTION
from segpaint.io.image_files import mode_of
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
    with suppress(SegPaintError):
        if holds_request(path):
            return Content.RESULT
        return Content.MASK if mode_of(path) in ("P", "1") else Content.PICTURE
    return None
