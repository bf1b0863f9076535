"""Places a frame on a slice: by the labels there, by a model's segmenter, or by the body's outline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.masks.paint import bounds
from segpaint.core.pictures.body import find_body
from segpaint.core.volumes.frame import Frame, Indices
from segpaint.core.volumes.framed import Framed
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.volume import Values, Volume

Find = Callable[[NDArray[np.uint8]], Indices]
"""Finds the mask of an image that a model sees."""
BEGUN = 2
"""From how many of the best places the search goes on."""
MOST_ROUNDS = 4
"""How often a frame is moved to where the segmenter found its labels."""
UNSURE = 0.4
"""A plausibility below which what the segmenter found is not trusted."""
AROUND = 1.06
"""How many times larger than the body a frame is, where the size of the model's pixels is not known."""
LOOKED_AT = (2, 1, 3)
"""Quarters of a volume at which the slices lie that the place of the frame is looked for on."""


class Statistics(Protocol):
    """Place and size of a label in the training masks, see `segpaint.core.requests.checkpoint`."""

    @property
    def presence(self) -> float:
        """The share of masks that have it."""

    @property
    def area(self) -> tuple[float, float, float]:
        """The 5th, 50th and 95th percentile of its share of the image."""

    @property
    def centre(self) -> tuple[float, float]:
        """Row and column of its centre, as shares of the image."""


class Model(Protocol):
    """What placing needs to know of a model: the fields of its description."""

    @property
    def size(self) -> int:
        """Pixels along a side."""

    @property
    def channels(self) -> int:
        """1 grey, 3 colour."""

    @property
    def pixel_spacing(self) -> float | None:
        """Millimetres of a pixel, if all training images had the same."""

    @property
    def window(self) -> tuple[float, float] | None:
        """The values that are black and white."""


def place_by_body(
    plane: Values, spacing: tuple[float, float], model: Model, *, is_measured: bool = True
) -> Frame:
    """Lay the frame over the middle of the body: of the model's spacing, or around all of the body.

    Parameters
    ----------
    plane : ndarray, shape (rows, columns) or (rows, columns, 3)
    spacing : tuple of float
        Millimetres between rows and between columns; or what stands for them, where they are not known.
    is_measured : bool
        Whether they are known; else the frame lies around all of the body.
    """
    body = find_body(plane if plane.ndim == 2 else plane.mean(axis=2))
    rows, columns = bounds(body) if body.any() else (slice(0, plane.shape[0]), slice(0, plane.shape[1]))
    step = model.pixel_spacing if is_measured else None
    if step is None:
        lengths = (rows.stop - rows.start) * spacing[0], (columns.stop - columns.start) * spacing[1]
        step = max(lengths) * AROUND / model.size
    frame = Frame.fitting((plane.shape[0], plane.shape[1]), spacing, model.size, step)
    middle = (rows.start + rows.stop - 1) / 2, (columns.start + columns.stop - 1) / 2
    return frame.moved(middle[0] - frame.centre[0], middle[1] - frame.centre[1])


def place_by_labels(frame: Frame, mask: Indices, statistics: Mapping[int, Statistics]) -> Frame | None:
    """Move a frame so that labels lie where they lie in the training masks; None if there are none.

    Parameters
    ----------
    mask : ndarray of uint8, shape (rows, columns)
        Of the slice.
    statistics : mapping of int to Statistics
        By the label's index.
    """
    ways = []
    for index, usual in statistics.items():
        if (mask == index).any():
            found = scipy.ndimage.center_of_mass(mask == index)
            wanted = [
                middle + (share * frame.side - frame.side / 2) * step
                for middle, share, step in zip(frame.centre, usual.centre, frame.step, strict=True)
            ]
            ways.append((found[0] - wanted[0], found[1] - wanted[1]))
    return frame.moved(*np.mean(ways, axis=0).tolist()) if ways else None


def place_by_segmenter(
    plane: Values, frame: Frame, model: Model, statistics: Mapping[int, Statistics], find: Find
) -> tuple[Frame, float]:
    """Look for the labels all over a slice, and lay the frame where they look most like those of the training.

    Parameters
    ----------
    frame : Frame
        Where to begin; it keeps its size.

    Returns
    -------
    frame : Frame
    plausibility : float
        0 if nothing was found, up to the number of labels; see `UNSURE`.
    """
    shape = plane.shape[0], plane.shape[1]
    found, seen = np.zeros(shape), np.zeros(shape)
    tried: dict[Frame, tuple[float, Indices]] = {}

    def look(place: Frame) -> None:
        mask = find(Framed.of(plane, place, model.channels, model.window).image)
        drawn = place.put_mask(mask, shape)
        found[drawn > 0] += 1
        seen[:] += place.put_mask(np.ones_like(mask), shape)
        tried[place] = _plausibility(mask, statistics), drawn

    def score(place: Frame) -> float:
        # What is really there is found from most places that see it; what is imagined, from one.
        plausibility, drawn = tried[place]
        there = drawn > 0
        return plausibility * float((found[there] / seen[there]).mean()) if there.any() else 0.0

    for place in {frame, *_scattered(shape, frame)}:
        look(place)
    best = max(tried, key=score)
    for begun in sorted(tried, key=score)[-BEGUN:]:
        place = begun
        for _ in range(MOST_ROUNDS):
            nearer = place_by_labels(place, tried[place][1], statistics)
            if nearer is None or nearer in tried:
                break
            look(nearer)
            place = nearer
        best = max(best, place, key=score)
    return best, score(best)


def place(
    planes: Iterable[Values],
    spacing: tuple[float, float],
    model: Model,
    statistics: Mapping[int, Statistics],
    find: Find | None,
    *,
    is_measured: bool = True,
) -> Frame:
    """Lay the frame on some slices: by the segmenter where it is sure, else by the body on the first.

    Parameters
    ----------
    planes : iterable of ndarray
        A few slices, all of one shape.
    find : callable or None
        None without a segmenter.
    is_measured : bool
        Whether the spacing is known.
    """
    best: tuple[Frame, float] | None = None
    for plane in planes:
        frame = place_by_body(plane, spacing, model, is_measured=is_measured)
        found = (frame, 0.0)
        if find is not None and is_measured and model.pixel_spacing is not None:
            moved = place_by_segmenter(plane, frame, model, statistics, find)
            found = moved if moved[1] >= UNSURE else found
        if best is None or found[1] > best[1]:
            best = found
    if best is None:
        raise SegPaintError("There is no slice to place a frame on; choose one.")
    return best[0]


def place_in_volume(
    volume: Volume,
    plane: Plane,
    model: Model,
    statistics: Mapping[int, Statistics] | None = None,
    find: Find | None = None,
) -> Frame:
    """Lay the frame of a plane, the same one whichever slices are looked at or edited.

    The segmenter looks for its labels on the middle slice and on two others. Without it, the frame lies over
    the body on the middle slice.

    Parameters
    ----------
    find : callable or None
        None without a segmenter.
    """
    geometry = volume.view(plane).seen(volume.geometry)
    quarters = LOOKED_AT if find is not None else LOOKED_AT[:1]
    wanted = (geometry.shape[0] * quarter // 4 for quarter in quarters)
    indices = dict.fromkeys(nearest_whole(volume, plane, index) for index in wanted)
    return place(
        (volume.cut(plane, index) for index in indices), geometry.spacing[1:], model, statistics or {}, find,
        is_measured=volume.geometry.is_measured,
    ).aligned()  # fmt: skip


def nearest_whole(volume: Volume, plane: Plane, index: int, time: int = 0) -> int:
    """Find the nearest slice that is not damaged; the same one if all are."""
    for near in sorted(range(volume.count(plane)), key=lambda near: abs(near - index)):
        volume.cut(plane, near, time)
        if not volume.is_damaged(plane, near, time):
            return near
    return index


def _scattered(shape: tuple[int, int], frame: Frame) -> Iterator[Frame]:
    """Yield frames within the slice, at most half a side apart, so that they cover it."""
    ways = []
    for length, step in zip(shape, frame.step, strict=True):
        half = frame.side * step / 2
        room = length - 2 * half
        if room <= 0:
            ways.append(np.array([(length - 1) / 2]))
        else:
            ways.append(np.linspace(half - 0.5, length - half - 0.5, int(np.ceil(room / half)) + 1))
    for row in ways[0].tolist():
        for column in ways[1].tolist():
            yield replace(frame, centre=(row, column))


def _plausibility(mask: Indices, statistics: Mapping[int, Statistics]) -> float:
    """Sum up how usual the sizes and places of the labels are: 1 for each that is like the training's."""
    total = 0.0
    for index, usual in statistics.items():
        share = float((mask == index).mean())
        if share and usual.area[1]:
            centre = scipy.ndimage.center_of_mass(mask == index)
            apart = [place / len(mask) - expected for place, expected in zip(centre, usual.centre, strict=True)]
            size = np.exp(-abs(np.log(share / usual.area[1])))
            total += usual.presence * float(size * np.exp(-np.hypot(*apart) / 0.25))
    return total
