"""Takes up what a project keeps of the studio; quick, so that the rest can be done on another thread."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.origins import digest_of
from segpaint.core.requests.request import Request
from segpaint.core.volumes.planes import Plane
from segpaint.io.history_files import read_content, stamped_name
from segpaint.io.project_files import write_parts
from segpaint.io.results import encode_image, reference_beside
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.unsaved_work import UnsavedWork, work_of
from segpaint.studio.projects.edit_list import PackedEdits, pack_edits
from segpaint.studio.projects.project import (
    Head,
    KeptResult,
    KeptView,
    Project,
    ReferencePlace,
    ScanPlace,
    way_between,
)
from segpaint.studio.scans.kept_masks import KeptPages
from segpaint.studio.scans.scan import Place, Scan

Shown = tuple[Place | None, Request, NDArray[np.uint8]]
MOST_RESULTS = 100
"""Results that a project keeps; beyond them the oldest stay in the history alone."""
LARGEST_RESULTS = 2**27
"""Bytes of them."""


@dataclass(frozen=True)
class Packed:
    """The state of the studio for a project.

    Attributes
    ----------
    place : Place
        The slice of the scan that is looked at.
    shown : sequence
        Finished images with their requests: the one looked at, or that of each slice.
    results : sequence of Path
        Files of the history, the oldest first.
    """

    work: UnsavedWork
    checkpoint: Checkpoint
    view: KeptView
    edits: PackedEdits
    scan: Scan | None
    place: Place
    pages: KeptPages | None
    shown: Sequence[Shown]
    results: Sequence[Path]

    def project(self, path: Path, *, copies_reference: bool) -> Project:
        """Make the project that is to lie at a path; reads weights, for their fingerprint, and results.

        Raises
        ------
        SegPaintError
            If the weights can no longer be read.
        """
        request = self.work.request
        request = request.model_copy(update=self.checkpoint.signature(request.sampler))
        work = self.work.model_copy(update={"request": request})
        reference, scan = work.reference, None
        copies = copies_reference and self.scan is None
        if self.scan is not None:
            scan, reference = _scan_place(path, self.scan, self.place), None
        if not copies:
            work = work.model_copy(update={"reference": None, "request": work.request.withheld()})
        results, references, shown = self._results(copies=copies)
        return Project(
            head=Head(
                view=self.view, shown=shown, scan=scan,
                reference=None if copies or reference is None else _reference_place(path, reference),
            ),
            work=work, edits=self.edits.kept(), results=results, references=references,
            slices=None if self.pages is None else self.pages.kept(),
        )  # fmt: skip

    def _results(self, *, copies: bool) -> tuple[dict[str, bytes], dict[str, bytes], tuple[KeptResult, ...]]:
        """Read the results, what they were made from, and which of them are shown where."""
        results, references, room = {}, {}, LARGEST_RESULTS
        for path in reversed(self.results[-MOST_RESULTS:]):
            with suppress(SegPaintError):  # deleted meanwhile
                content = read_content(path)
                room -= len(content)
                if room < 0:
                    break
                results[path.name] = content
                if copies:
                    with suppress(SegPaintError):  # made from noise alone
                        references[path.name] = read_content(reference_beside(path))
        names, shown = {content: name for name, content in results.items()}, []
        for number, (place, request, pixels) in enumerate(self.shown):
            content = encode_image(pixels, request)
            name = names.get(content) or stamped_name(request, number)
            results.setdefault(name, content)
            slice_name = None if place is None else (place.plane, place.index, place.time)
            shown.append(KeptResult(name=name, slice=slice_name))
        return results, references, tuple(shown)


def write_packed(path: Path, packed: Packed, *, copies_reference: bool) -> None:
    """Write a project.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    write_parts(path, packed.project(path, copies_reference=copies_reference).parts())


def pack(
    document: Document,
    view: KeptView,
    scan: Scan | None,
    place: Place,
    shown: Shown | None,
    results: Sequence[Path],
) -> Packed:
    """Take up the state of the studio.

    Parameters
    ----------
    shown : tuple or None
        The finished image looked at; those of a scan are known.
    """
    images = [shown] if shown is not None else []
    if scan is not None:
        images = [
            (where, *result) for (where, frame), result in scan.results.items()
            if scan.frames[where.plane] == frame
        ]  # fmt: skip
    return Packed(
        work=work_of(document), checkpoint=document.checkpoint, view=view,
        edits=pack_edits(document.strokes, scan), scan=scan, place=place,
        pages=None if scan is None else KeptPages.of(document, scan), shown=images, results=tuple(results),
    )  # fmt: skip


def _scan_place(project: Path, scan: Scan, place: Place) -> ScanPlace:
    return ScanPlace(
        name=scan.volume.name, path=scan.path, nearby=way_between(project, scan.path), digest=scan.digest,
        is_folder=Path(scan.path).is_dir(), plane=place.plane, index=place.index, time=place.time,
        width=scan.width(Plane.ACQUIRED) if scan.is_sized else None,
    )  # fmt: skip


def _reference_place(project: Path, reference: Reference) -> ReferencePlace:
    return ReferencePlace(
        name=reference.name, path=reference.path, nearby=way_between(project, reference.path),
        digest=digest_of(reference.image), mask=reference.mask, used=reference.used,
        is_resampled=reference.is_resampled, pixel_spacing=reference.pixel_spacing,
    )  # fmt: skip
