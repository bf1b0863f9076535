"""A project: a piece of work in one file, with where its reference or its scan lies."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from segpaint import __version__
from segpaint.core.errors import SegPaintError
from segpaint.core.reading import decode, parse_json, parse_model, reads
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.frozen import FrozenMask
from segpaint.core.volumes.planes import Plane
from segpaint.io.project_files import EDITS, HEAD, SLICES, WORK, read_parts
from segpaint.studio.document.unsaved_work import UnsavedWork, check_meaning
from segpaint.studio.scans.kept_masks import KeptScan
from segpaint.studio.scans.scan import Place

FORMAT = 1
RESULTS, REFERENCES = "results/", "references/"


class KeptView(BaseModel, frozen=True, extra="forbid"):
    """How a document was looked at.

    Attributes
    ----------
    centre : tuple of float or None
        In pixels of the image; None while the whole image was fitted.
    zoom : float
        Screen pixels per image pixel.
    opacity : float
        Of the labels, 0 to 1.
    """

    centre: tuple[FiniteFloat, FiniteFloat] | None = None
    zoom: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    opacity: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)
    is_outlined: bool = False


class FilePlace(BaseModel):
    """Where a patient's file lies, and what it showed.

    Attributes
    ----------
    path : str
        Absolute; empty if nobody knows it.
    nearby : str
        The way to it from the project's folder, which counts first; empty if there is none.
    digest : str
        Of its pixels, see `segpaint.core.requests.origins.digest_of`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    path: str
    nearby: str = ""
    digest: str

    def places(self, project: Path) -> Iterator[Path]:
        """List where to look for it, seen from a project."""
        if self.nearby:
            yield project.parent / self.nearby
        if self.path:
            yield Path(self.path)


class ReferencePlace(FilePlace):
    """A reference without its pixels."""

    mask: FrozenMask
    used: tuple[int, ...]
    is_resampled: bool = False
    pixel_spacing: float | None = None


class ScanPlace(FilePlace):
    """A scan without its voxels, and the slice that was looked at.

    Attributes
    ----------
    width : float or None
        Millimetres across a picture, if the user gave them.
    """

    is_folder: bool
    plane: Plane
    index: int = Field(ge=0)
    time: int = Field(ge=0)
    width: float | None = Field(default=None, gt=0, allow_inf_nan=False)


SliceName = tuple[Plane, int, int]
"""A plane, the index of a slice, and its time."""


class KeptResult(BaseModel, frozen=True, extra="forbid"):
    """A result that is shown when the project is opened, or when its slice is looked at.

    Attributes
    ----------
    name : str
        Of its file in the project.
    slice : tuple of plane, index and time, or None
        None if it is of no scan.
    """

    name: str
    slice: SliceName | None = None


class Head(BaseModel, frozen=True, extra="forbid"):
    """What a project holds besides the document.

    Attributes
    ----------
    reference : ReferencePlace or None
        None if there is none, if a copy of it lies in the document, or if it is a slice of the scan.
    shown : tuple of KeptResult
        The one looked at or, of a scan, the last one of each slice.
    """

    format: Literal[1] = 1
    program: str = __version__
    view: KeptView
    reference: ReferencePlace | None = None
    scan: ScanPlace | None = None
    shown: tuple[KeptResult, ...] = ()


class KeptChange(BaseModel):
    """A part of a mask before and after an edit.

    Attributes
    ----------
    slice : tuple of plane, index and time, or None
        None for a mask of no scan.
    top, left : int
        Place of the part's first pixel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    slice: SliceName | None = None
    top: int = Field(ge=0)
    left: int = Field(ge=0)
    old: FrozenMask
    new: FrozenMask

    @model_validator(mode="after")
    def _check_shapes(self) -> KeptChange:
        if self.old.shape != self.new.shape or not self.old.size:
            raise ValueError("a part of a mask has another size after an edit than before")
        return self


class KeptEdit(BaseModel, frozen=True, extra="forbid"):
    """An edit in the list of edits."""

    name: str = Field(max_length=300)
    changes: tuple[KeptChange, ...]


class KeptEdits(BaseModel, frozen=True, extra="forbid"):
    """The list of edits, the oldest first, of which some may be undone.

    Attributes
    ----------
    done : int
        How many are not undone.
    """

    done: int = Field(default=0, ge=0)
    edits: tuple[KeptEdit, ...] = ()

    def check(self, size: int, table: frozenset[int]) -> None:
        """Check that all masks fit a checkpoint.

        Raises
        ------
        SegPaintError
            If a part lies outside, or holds a value without a label.
        """
        if self.done > len(self.edits):
            raise SegPaintError("Its list of edits is shorter than the number of edits done.")
        for change in (change for edit in self.edits for change in edit.changes):
            height, width = change.old.shape
            if change.top + height > size or change.left + width > size:
                raise SegPaintError("An edit in it reaches beyond the mask.")
            if not table.issuperset(np.unique([change.old, change.new]).tolist()):
                raise SegPaintError("An edit in it paints a label that this model does not have.")


@dataclass(frozen=True, eq=False)
class Project:
    """A piece of work.

    Attributes
    ----------
    slices : KeptScan or None
        The masks of the scan's slices.
    results : mapping of str to bytes
        Images with their requests, as PNG files, by name.
    references : mapping of str to bytes
        What some of them were made from, as PNG files by the same names; patients' images.
    """

    head: Head
    work: UnsavedWork
    edits: KeptEdits = field(default_factory=KeptEdits)
    slices: KeptScan | None = None
    results: Mapping[str, bytes] = field(default_factory=dict)
    references: Mapping[str, bytes] = field(default_factory=dict)

    def parts(self) -> dict[str, bytes]:
        """Encode the parts of the file; takes a while."""
        models = {HEAD: self.head, WORK: self.work, EDITS: self.edits, SLICES: self.slices}
        parts = {
            name: model.model_dump_json(indent=1).encode()
            for name, model in models.items()
            if model is not None
        }
        for folder, files in ((RESULTS, self.results), (REFERENCES, self.references)):
            parts |= {f"{folder}{name}": content for name, content in files.items()}
        return parts

    @property
    def places(self) -> set[Place]:
        """The slices of the scan of which it holds something."""
        kept = () if self.slices is None else self.slices.slices
        named = [change.slice for edit in self.edits.edits for change in edit.changes]
        named += [shown.slice for shown in self.head.shown]
        return {*(one.place for one in kept), *(Place(*one) for one in named if one is not None)}

    def check_fit(self, checkpoint: Checkpoint) -> None:
        """Check that all masks mean the same with a checkpoint's labels.

        Raises
        ------
        SegPaintError
            If one does not.
        """
        check_meaning(self.work, checkpoint)
        size, slices = checkpoint.description.size, self.slices
        self.edits.check(size, frozenset((*checkpoint.table.indices, 0, 255)))
        if slices is None:
            return
        if slices.labels != checkpoint.table.labels:
            raise SegPaintError("The masks of its slices have other labels than this model.")
        if not all(one.fits(size) for one in slices.slices):
            raise SegPaintError(f"The masks of its slices are not {size} x {size} pixels, as this model's are.")


@reads("a project")
def read_project(path: Path) -> Project:
    """Read a project.

    Raises
    ------
    SegPaintError
        If it is missing, damaged, or of a newer format.
    """
    parts = read_parts(path)
    edits, slices, head = parts.get(EDITS), parts.get(SLICES), parse_json(decode(parts[HEAD]))
    if isinstance(head, dict) and isinstance(head.get("format"), int) and head["format"] > FORMAT:
        raise SegPaintError(f"{path} was saved by a newer SegPaint; install that, and open it there.")
    return Project(
        head=parse_model(decode(parts[HEAD]), Head),
        work=parse_model(decode(parts[WORK]), UnsavedWork),
        edits=KeptEdits() if edits is None else parse_model(decode(edits), KeptEdits),
        slices=None if slices is None else parse_model(decode(slices), KeptScan),
        results=_below(parts, RESULTS),
        references=_below(parts, REFERENCES),
    )


def way_between(project: Path, file: str) -> str:
    """Write the way from a project's folder to a file; empty where there is none, as between two drives."""
    try:
        return Path(os.path.relpath(file, project.parent)).as_posix() if file else ""
    except ValueError:
        return ""


def _below(parts: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    return {name[len(folder) :]: content for name, content in parts.items() if name.startswith(folder)}
