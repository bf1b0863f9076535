"""Makes a scan from the mask of one: each slice in a frame, and back at the mask's own resolution."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Unpack

import numpy as np

from segpaint.api import OpenCheckpoint, Settings
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.parts import Parts
from segpaint.core.requests.kinds import About, Kind
from segpaint.core.requests.request import Request
from segpaint.core.volumes.frame import Frame, Indices
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.placing import place_by_labels
from segpaint.core.volumes.planes import Plane, view_of
from segpaint.core.volumes.volume import MADE_AS, Stored, Values
from segpaint.scans.slice_images import Progress, slice_image


@dataclass(frozen=True, eq=False)
class MadeScan:
    """A scan that shows no patient.

    Attributes
    ----------
    values : ndarray of uint8, shape (slices, rows, columns) or (slices, rows, columns, 3)
        Black in slices without labels, and beside the frame.
    after : ndarray of uint8, shape (slices, rows, columns)
        The mask that it was made from.
    frame : Frame
        Where the model worked.
    requests : dict of int to Request
        By slice, as it is looked at in its acquired plane.
    """

    values: Values
    after: Indices
    geometry: Geometry
    labels: LabelTable
    frame: Frame
    requests: dict[int, Request]
    about: About
    modality: str
    stored: Stored = field(default=Stored(MADE_AS))
    source: None = None
    finder: str = ""
    blank: tuple[int, ...] = ()
    blank_note: str = ""

    @property
    def record(self) -> dict[str, object]:
        """What stands beside the requests in a file."""
        return {"frame": asdict(self.frame)}


def make_scan(
    checkpoint: OpenCheckpoint,
    mask: Indices,
    geometry: Geometry,
    *,
    seed: int = 0,
    progress: Progress = lambda _slice, _step, _count: None,
    parts: Parts | None = None,
    **settings: Unpack[Settings],
) -> MadeScan:
    """Make an image of every slice that has labels, all from one noise, so that neighbours are alike.

    Parameters
    ----------
    mask : ndarray of uint8, shape (slices, rows, columns)
        In the model's labels.
    geometry : Geometry
        Of the mask.
    seed, **settings
        See `segpaint.api.OpenCheckpoint.request`.
    progress : callable
        Gets the slice, the step, and the number of steps.
    parts : Parts, optional
        Keeps each finished slice, and has those that were finished before.

    Raises
    ------
    SegPaintError
        If no slice has a label.
    """
    view = view_of(geometry, Plane.ACQUIRED)
    seen = view.apply(mask)
    indices = [index for index, plane in enumerate(seen) if plane.any()]
    if not indices:
        raise SegPaintError("No slice of the mask has a label, so that there is nothing to make.")
    frame = _frame(checkpoint, seen[max(indices, key=lambda index: np.count_nonzero(seen[index]))], geometry)
    description = checkpoint.description
    shape = (*mask.shape, 3) if description.channels == 3 else mask.shape
    values = np.zeros(shape, np.uint8)
    shown = view.apply(values)
    requests = {}
    for index in indices:
        plane = np.asarray(seen[index], np.uint8)
        requests[index] = checkpoint.request(frame.cut_mask(plane), seed=seed, **settings)
        image = slice_image(checkpoint, index, requests[index], progress, parts).astype(np.float32)
        shown[index] = np.rint(frame.spread(image, (plane.shape[0], plane.shape[1])))
    about = About(Kind.MADE, checkpoint.name, 0, mask.size)
    return MadeScan(values, mask, geometry, checkpoint.labels, frame, requests, about, description.modality)


def _frame(checkpoint: OpenCheckpoint, plane: Values, geometry: Geometry) -> Frame:
    """Lay the frame around the labels, of the model's spacing; over the whole slice if that is not known."""
    description = checkpoint.description
    size, spacing = description.size, view_of(geometry, Plane.ACQUIRED).seen(geometry).spacing[1:]
    shape = plane.shape[0], plane.shape[1]
    if shape == (size, size):
        return Frame.fitting(shape, (1.0, 1.0), size, 1.0)
    step = description.pixel_spacing
    if step is None or not geometry.is_measured:
        step = max(length * distance for length, distance in zip(shape, spacing, strict=True)) / size
        return Frame.fitting(shape, spacing, size, step)
    begun = Frame.fitting(shape, spacing, size, step)
    found = place_by_labels(begun, np.asarray(plane, np.uint8), checkpoint.statistics)
    return (found or begun).aligned()
