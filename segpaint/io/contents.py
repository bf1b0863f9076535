"""What a file or folder is, found out from its first bytes."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PIL import Image

from segpaint.core.requests.checkpoint import DESCRIPTION
from segpaint.io.masks import UNREADABLE
from segpaint.io.results import holds_request


class Content(Enum):
    """What somebody may give the window to open."""

    CHECKPOINT = "checkpoint"
    RESULT = "result"
    """Or a request."""
    MASK = "mask"
    """Its values have colours of their own, so they are no shades."""
    PICTURE = "picture"
    """Shades or colours: an image, or a mask of another program."""


def content_of(path: Path) -> Content | None:
    """What this is, as far as can be told without reading it whole; None if nothing that can be opened."""
    if (path / DESCRIPTION).is_file() or (path.name == DESCRIPTION and path.is_file()):
        return Content.CHECKPOINT
    if not path.is_file():
        return None
    if holds_request(path):
        return Content.RESULT
    try:
        with Image.open(path) as image:
            mode = image.mode
    except UNREADABLE:
        return None
    return Content.MASK if mode in ("P", "1") else Content.PICTURE
