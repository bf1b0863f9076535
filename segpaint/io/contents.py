"""Recognises what a file or folder is by its first bytes."""

from contextlib import suppress
from enum import Enum
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import DESCRIPTION
from segpaint.io.image_files import mode_of
from segpaint.io.project_files import ENDING
from segpaint.io.results import holds_request
from segpaint.io.volume_files.file_kinds import Kind, kind_of


class Content(Enum):
    """What the window can open."""

    CHECKPOINT = "checkpoint"
    RESULT = "result"
    """An image that holds a request, or a request file."""
    MASK = "mask"
    """A palette or one-bit image, whose values are not shades."""
    PICTURE = "picture"
    """An image, or a mask of another program, in shades or colours."""
    PROJECT = "project"
    """A document that was saved as a whole."""
    SCAN = "scan"
    """A file of the clinic, or a folder that may hold some."""


SCANS = (Kind.DICOM, Kind.NIFTI, Kind.NRRD, Kind.META)


def content_of(path: Path) -> Content | None:
    """Detect what a path holds, without reading it whole; None if it cannot be opened."""
    if (path / DESCRIPTION).is_file() or (path.name == DESCRIPTION and path.is_file()):
        return Content.CHECKPOINT
    if path.is_dir():
        return Content.SCAN
    if not path.is_file():
        return None
    if path.suffix.lower() == ENDING:
        return Content.PROJECT
    with suppress(SegPaintError):
        if kind_of(path) in SCANS:
            return Content.SCAN
        if holds_request(path):
            return Content.RESULT
        return Content.MASK if mode_of(path) in ("P", "1") else Content.PICTURE
    return None
