"""Makes a slice of a scan the reference of the document."""

import numpy as np

from segpaint.core.volumes.frame import Frame
from segpaint.studio.document.document import Reference
from segpaint.studio.scans.scan import Image, Page


def reference_of(page: Page, frame: Frame, image: Image) -> Reference:
    """Describe what the frame holds of a slice, with the labels that are known to be there."""
    scan, place = page.scan, page.place
    known, blank = scan.labels.get(place), np.zeros(image.shape[:2], np.uint8)
    mask, used = (known.within(frame), known.used) if known is not None else (blank, ())
    rows, columns = scan.spacing(place.plane)
    spacing = float(np.sqrt(frame.step[0] * rows * frame.step[1] * columns)) if scan.is_measured else None
    name = scan.volume.name
    if scan.volume.count(place.plane) > 1:
        name += f", slice {place.index + 1}"
    is_found = known is not None and known.is_found
    return Reference(
        name,
        image,
        mask,
        used,
        not scan.is_measured,
        spacing,
        scan.path,
        is_found=is_found,
        labels_from="those of the slice",
        is_slice=True,
        made_by=scan.volume.made_by,
    )
