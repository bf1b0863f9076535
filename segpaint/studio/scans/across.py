"""Finds what the masks of a scan's other planes show on a slice."""

from collections.abc import Hashable, Iterable

import numpy as np

from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.studio.document.strokes import Strokes
from segpaint.studio.scans.scan import Image, Page, Scan


def masks_across(strokes: Strokes, page: Page) -> Image | None:
    """Cut the masks that were painted in other planes, at the same time, along a slice.

    A pixel gets the label of the mask whose slice it lies in; there is nothing between painted slices.

    Returns
    -------
    ndarray of uint8, shape (rows, columns) of the slice, or None
        None if no slice of another plane is painted.
    """
    scan, here = page.scan, page.place
    found: Image | None = None
    for plane, frame in scan.frames.items():
        painted = _painted(strokes.painted_pages, page, plane)
        if plane is not here.plane and painted:
            masks = np.zeros((scan.volume.count(plane), frame.side, frame.side), np.uint8)
            for one in painted:
                masks[one.place.index] = strokes.on_page(one)
            cut = _cut(scan, page, plane, frame, masks)
            found = cut if found is None else np.where(found == BACKGROUND, cut, found)
    return found


def _painted(pages: Iterable[Hashable], page: Page, plane: Plane) -> list[Page]:
    return [
        one
        for one in pages
        if isinstance(one, Page)
        and one.scan is page.scan
        and (one.place.plane, one.place.time) == (plane, page.place.time)
    ]


def _cut(scan: Scan, page: Page, plane: Plane, frame: Frame, masks: Image) -> Image:
    here, there = scan.geometry(page.place.plane), scan.geometry(plane)
    _, rows, columns = here.shape
    grid = np.stack(np.meshgrid([page.place.index], np.arange(rows), np.arange(columns), indexing="ij"), -1)[0]
    places = there.index(here.world(grid))
    top, _, left, _ = frame.box
    corner, step = np.array([-0.5, top, left]), np.array([1.0, *frame.step])
    indices = np.floor((places - corner) / step).astype(int)
    inside = ((indices >= 0) & (indices < masks.shape)).all(axis=-1)
    cut = np.full((rows, columns), BACKGROUND, np.uint8)
    cut[inside] = masks[tuple(indices[inside].T)]
    return cut
