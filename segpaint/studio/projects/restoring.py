"""Brings back what a project holds in the open document; undo leads to what was there before."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.taking_up import Terms, asked_settings, take_over
from segpaint.studio.document.unsaved_work import UnsavedWork, recall_switches
from segpaint.studio.projects.edit_list import masks_before, past_edits
from segpaint.studio.projects.project import KeptView, Project
from segpaint.studio.runs.history import Kept
from segpaint.studio.scans.kept_masks import KeptScan
from segpaint.studio.scans.scan import Page, Place, Scan
from segpaint.studio.scans.scan_desk import ScanDesk
from segpaint.studio.view.view import View

Masks = dict[Hashable, NDArray[np.uint8]]


def restore(document: Document, project: Project, reference: Reference | None, name: str) -> None:
    """Bring back a project without a scan.

    Parameters
    ----------
    reference : Reference or None
        The project's, if it was found.
    name : str
        Of the project, for the list of edits.
    """
    document.strokes.turn(None)
    size = document.checkpoint.description.size
    masks = masks_before(project.edits, {None: project.work.request.final.mask}, None, size)
    take_over(document, _terms(document, project.work, reference), masks[None], f"Open {name}")
    document.strokes.push_edits(past_edits(project.edits, None), project.edits.done)
    recall_switches(document, project.work)


def restore_scan(
    document: Document, desk: ScanDesk, project: Project, results: Mapping[str, Kept], name: str
) -> None:
    """Bring back a project of the scan that is open.

    Parameters
    ----------
    results : mapping of str to Kept
        Its results in the history, by their names in the project.
    """
    scan, kept, place = desk.scan, project.slices, project.head.scan
    if scan is None or kept is None or place is None:
        return
    strokes = document.strokes
    take_over(document, _terms(document, project.work, document.reference), strokes.painted, f"Open {name}")
    own = [page for page in strokes.painted_pages if isinstance(page, Page) and page.scan is scan]
    for outside in scan.painted.keys() - {page.place for page in own}:
        del scan.painted[outside]  # what lies outside the frame would come up among the project's masks
    frames = {one.plane: one.frame for one in kept.slices}
    if any(scan.frames.get(plane, frame) != frame for plane, frame in frames.items()):
        strokes.replace_pages(dict.fromkeys(own, np.zeros(strokes.mask.shape, np.uint8)), f"Clear for {name}")
        scan.painted.clear()
        for plane, frame in frames.items():
            desk.set_frame(frame, plane)
    strokes.replace_pages(_slices(document, project, kept, scan, own), f"Masks of {name}")
    strokes.push_edits(past_edits(project.edits, scan), project.edits.done)
    for one in kept.slices:
        one.recall(scan)
    for shown in project.head.shown:
        if shown.slice is not None and shown.name in results and shown.slice[0] in scan.frames:
            result, where = results[shown.name], Place(*shown.slice)
            scan.results[where, scan.frames[where.plane]] = result.request, result.pixels
    desk.refer()
    recall_switches(document, project.work)
    desk.go_to(Place(place.plane, place.index, place.time))


def restore_view(view: View, kept: KeptView) -> None:
    """Look at the document as it was looked at."""
    view.overlay.set_opacity(kept.opacity)
    view.overlay.set_outlined(kept.is_outlined)
    viewpoint = view.viewpoint
    viewpoint.fit()
    if kept.centre is not None:
        centre = QPointF(*kept.centre)
        viewpoint.zoom_at(centre, kept.zoom / viewpoint.zoom)
        viewpoint.pan((viewpoint.centre - centre) * viewpoint.zoom)


def _slices(document: Document, project: Project, kept: KeptScan, scan: Scan, own: list[Page]) -> Masks:
    """Return the masks of all slices as they were before the first edit of the project's list."""
    size = document.checkpoint.description.size
    masks: Masks = {page: np.zeros((size, size), np.uint8) for page in own}
    masks |= {Page(scan, one.place): one.mask for one in kept.slices}
    return masks_before(project.edits, masks, scan, size)


def _terms(document: Document, work: UnsavedWork, reference: Reference | None) -> Terms:
    """Find the terms of the next request as they were saved."""
    request = work.request
    return Terms(
        used=frozenset(request.final.used), settings=asked_settings(request, document.settings),
        keeps_seed=work.keeps_seed, reference=reference,
    )  # fmt: skip
