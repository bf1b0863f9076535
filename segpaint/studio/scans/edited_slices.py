"""Gathers what was made of the slices of the open scan."""

from __future__ import annotations

from dataclasses import dataclass, replace

from segpaint.core.requests.kinds import Kind, kind_of
from segpaint.core.requests.request import Request
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.volume import Volume
from segpaint.studio.document.strokes import Strokes
from segpaint.studio.scans.scan import Image, Page
from segpaint.studio.scans.scan_desk import ScanDesk


@dataclass(frozen=True)
class EditedSlices:
    """The edited images of a plane at a time.

    Attributes
    ----------
    frame : Frame
        The one of now, which the masks lie in.
    images : dict
        By slice, the frame that an image was made in, what it was made by, and its pixels.
    masks : dict
        Masks of slices without an image: what is known to be there, else what was painted.
    is_found : bool
        Whether a segmenter found labels of the slices that were edited.
    """

    volume: Volume
    plane: Plane
    time: int
    frame: Frame
    images: dict[int, tuple[Frame, Request, Image]]
    masks: dict[int, Image]
    is_found: bool


def edited_slices(desk: ScanDesk, strokes: Strokes) -> EditedSlices | None:
    """Gather the edited images around the slice shown; None without an open scan, or if there are none.

    Of a slice with several, the one in the frame of now counts, else the newest.
    """
    scan, frame, shown = desk.scan, desk.frame, desk.place
    if scan is None or frame is None:
        return None
    images = {
        place.index: (within, *made)
        for (place, within), made in sorted(scan.results.items(), key=lambda one: one[0][1] == frame)
        if (place.plane, place.time) == (shown.plane, shown.time) and kind_of(made[0]) is Kind.EDITED
    }
    if not images:
        return None
    masks = {}
    # What is known to be on a slice is there still if it was erased.
    for page in dict.fromkeys([*strokes.painted_pages, *(Page(scan, place) for place in scan.labels)]):
        if isinstance(page, Page) and page.scan is scan:
            place = page.place
            if (place.plane, place.time) == (shown.plane, shown.time) and place.index not in images:
                known = scan.labels.get(place)
                masks[place.index] = strokes.on_page(page) if known is None else known.within(frame)
    labels = [scan.labels.get(replace(shown, index=index)) for index in images]
    is_found = any(one is not None and one.is_found for one in labels)
    return EditedSlices(scan.volume, shown.plane, shown.time, frame, images, masks, is_found)
