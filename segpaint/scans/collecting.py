"""Puts the images that were made of single slices back into their scan."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.request import Request
from segpaint.core.volumes.frame import Frame, Indices
from segpaint.scans.editing import Copies, EditableScan, EditedScan

Made: TypeAlias = tuple[Frame, Request, NDArray[np.uint8]]
"""The frame in which an image of a slice was made, its request, and its pixels within the frame."""


def collect(
    scan: EditableScan, frame: Frame, images: Mapping[int, Made], masks: Mapping[int, Indices]
) -> EditedScan:
    """Put edited images into their slices, each in its own frame, at the scan's own resolution.

    Images that were not edited from the slice, such as those made from a mask alone, are left out: they would
    cover the patient.

    Parameters
    ----------
    frame : Frame
        Of the `masks`.
    images : mapping of int to Made
        By slice.
    masks : mapping of int to ndarray of uint8, shape (side, side)
        Masks within the frame of slices without an image.

    Raises
    ------
    SegPaintError
        If there is no edited image.
    """
    copies, requests, frames = Copies(scan), {}, {}
    shape = copies.before.shape[1], copies.before.shape[2]
    for index, mask in masks.items():
        copies.before[index] = copies.after[index] = frame.put_mask(mask, shape)
    for index, (own, request, pixels) in images.items():
        framed = scan.framed(index, own)
        with suppress(SegPaintError):  # a project keeps none; of another slice it is left out below
            request = request.with_reference(framed.image)
        origin = request.origin
        if not isinstance(origin, Counterfactual) or not np.array_equal(origin.image, framed.image):
            continue
        if scan.volume.is_damaged(scan.plane, index, scan.time):
            continue
        requests[index], frames[index] = request, own
        copies.values[index] = framed.changed(pixels)
        copies.before[index] = own.put_mask(origin.mask, shape)
        copies.after[index] = framed.drawn(origin.mask, request.final.mask, copies.before[index])
    if not requests:
        raise SegPaintError("No slice of the scan was edited yet; change its mask and generate first.")
    return copies.finished(frame, requests, frames)
