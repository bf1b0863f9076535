"""Gestures by amounts, which may be negative: a label that grows or shrinks, a wall, a label that moves.

A series of amounts of one of them is a *sweep*. By percent, areas are met to the pixel: as many pixels are
added or taken away as the amount asks for, in the order in which a smooth outline would reach them. By
millimetres, an outline moves by a length.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND, LabelTable
from segpaint.core.masks.amounts import in_pixels
from segpaint.core.masks.anatomy import Anatomy, Region, Values
from segpaint.core.masks.gestures import Side, grow, has_inside, shrink, thicken
from segpaint.core.masks.hollow import hollow
from segpaint.core.masks.transform import transform

PERCENT, MILLIMETRES = "%", "mm"
MOST = {PERCENT: 90.0, MILLIMETRES: 100.0}
"""The largest amount by its unit, in both directions."""
SOFT = 1.0
"""Standard deviation in pixels by which the distance to an outline is blurred, so that few pixels are equal."""


@dataclass(frozen=True)
class Dose:
    """A gesture whose amount is in percent, or a length.

    Attributes
    ----------
    name : str
        Shown to the user.
    change : callable
        Makes a new mask from an `Anatomy`, percent, and a way.
    by_length : callable
        The same from pixels of the mask.
    measure : str
        What the percent are of.
    length : str
        What the length is.
    ways : mapping of str to object
        By title; may be empty.
    """

    name: str
    change: Callable[[Anatomy, float, Any], Values]
    by_length: Callable[[Anatomy, float, Any], Values]
    measure: str
    length: str
    ways: Mapping[str, object] = field(default_factory=dict)


def resize(anatomy: Anatomy, percent: float) -> Values:
    """Move a label's outline until its area is larger, or smaller, by some percent; labels inside it stay.

    Parameters
    ----------
    percent : float
        Of the area of the label with all inside it.
    """
    whole = anatomy.shape
    count = round(np.count_nonzero(whole) * percent / 100)
    near = _nearness(whole)
    region = whole.copy()
    if count > 0:
        region |= _first(near, ~whole, count)
    else:
        region &= ~_first(-near, whole, -count)
    return anatomy.outlined(region)


def rewall(anatomy: Anatomy, percent: float, side: Side) -> Values:
    """Thicken a wall, or thin it, until its own area has changed by some percent.

    What a thinner wall leaves on its inner side goes to the nearest of what lies there, and on its outer side
    to what lies around.

    Parameters
    ----------
    percent : float
        Of the label's own pixels.
    side : Side
        The side of the wall that moves.
    """
    own, inside, outside, beyond = _around_wall(anatomy, side)
    count = round(np.count_nonzero(own) * percent / 100)
    if count >= 0:
        placed = np.where(anatomy.shape, anatomy.values, np.uint8(BACKGROUND))
        placed[_first(_nearness(own), beyond, count)] = anatomy.label
        return anatomy.settled(placed)
    return _without(anatomy, _first(_nearness(beyond), own, -count), inside, outside, side)


def thin(anatomy: Anatomy, pixels: float, side: Side) -> Values:
    """Thin a wall; what it leaves goes where `rewall` gives it.

    Parameters
    ----------
    pixels : float
        Taken away on each side that moves, from 0. A pixel goes if its centre is at most this far from one
        beyond that side.
    side : Side
        The side of the wall that moves.
    """
    own, inside, outside, beyond = _around_wall(anatomy, side)
    if not beyond.any():
        return anatomy.values.copy()
    gone = own & (scipy.ndimage.distance_transform_edt(~beyond) <= pixels)
    return _without(anatomy, gone, inside, outside, side)


def _around_wall(anatomy: Anatomy, side: Side) -> tuple[Region, Region, Region, Region]:
    """Find a wall, what is inside and outside it, and what lies beyond the side that moves."""
    own = anatomy.values == anatomy.label
    inside = hollow(own, anatomy.values, anatomy.surroundings)
    outside = ~own & ~inside
    return own, inside, outside, {Side.INWARD: inside, Side.OUTWARD: outside, Side.BOTH: ~own}[side]


def _without(anatomy: Anatomy, gone: Region, inside: Region, outside: Region, side: Side) -> Values:
    """Take pixels from a wall, and give them to what lies on their side of it."""
    placed = np.where(anatomy.shape, anatomy.values, np.uint8(BACKGROUND))
    placed[gone] = BACKGROUND
    settled = anatomy.settled(placed)
    if side is not Side.OUTWARD and inside.any() and anatomy.label not in anatomy.locked:
        to_inside, nearest = scipy.ndimage.distance_transform_edt(~inside, return_indices=True)
        if side is Side.BOTH and outside.any():
            gone &= to_inside < scipy.ndimage.distance_transform_edt(~outside)
        settled[gone] = anatomy.values[tuple(nearest)][gone]
    return settled


def displace(anatomy: Anatomy, percent: float, direction: tuple[int, int]) -> Values:
    """Move a label, with all inside it, by some percent of its diameter, in whole pixels.

    Parameters
    ----------
    percent : float
        Of the diameter of a circle of the same area.
    direction : tuple of int
        Rows downwards and columns to the right, of which one is 1.
    """
    diameter = 2 * math.sqrt(np.count_nonzero(anatomy.shape | anatomy.enclosed) / math.pi)
    return _moved(anatomy, diameter * percent / 100, direction)


def _moved(anatomy: Anatomy, pixels: float, direction: tuple[int, int]) -> Values:
    rows, columns = (round(part * pixels) for part in direction)
    return transform(anatomy, move=(rows, columns), with_enclosed=True)


DOSES: dict[str, Dose] = {
    "grow": Dose(
        "Grow or shrink",
        lambda anatomy, percent, _way: resize(anatomy, percent),
        lambda anatomy, pixels, _way: grow(anatomy, pixels) if pixels > 0 else shrink(anatomy, -pixels),
        "of its area with all inside it",
        "that its outline moves",
    ),
    "thicken": Dose(
        "Thicken or thin a wall",
        lambda anatomy, percent, way: rewall(anatomy, percent, Side(way)),
        lambda anatomy, pixels, way: (
            thicken(anatomy, pixels, Side(way)) if pixels > 0 else thin(anatomy, -pixels, Side(way))
        ),
        "of its own area",
        "that each side moves",
        {"outward": Side.OUTWARD, "inward": Side.INWARD, "both ways": Side.BOTH},
    ),
    "move": Dose(
        "Move", displace, _moved, "of its diameter", "that it moves", {"to the right": (0, 1), "down": (1, 0)}
    ),
}  # fmt: skip
"""By the name that stands in files."""


@dataclass(frozen=True)
class DosedGesture:
    """A gesture with its label and way; the amount is still open.

    Attributes
    ----------
    key : str
        Of `DOSES`.
    label : int
    way : str
        A title of the ways; empty if there are none.
    spacing : float or None
        Millimetres of the mask's pixels if the amount is in millimetres; None if it is in percent.
    """

    key: str
    label: int
    way: str = ""
    spacing: float | None = None

    @property
    def words(self) -> str:
        """The gesture with its way, such as "thicken outward"."""
        return f"{self.key} {self.way}".strip()

    @property
    def unit(self) -> str:
        """The unit of the amount, `PERCENT` or `MILLIMETRES`."""
        return PERCENT if self.spacing is None else MILLIMETRES

    def by(self, unit: str, spacing: float | None) -> DosedGesture:
        """Return the gesture with its amount in a unit.

        Parameters
        ----------
        unit : str
            `PERCENT` or `MILLIMETRES`.
        spacing : float or None
            Millimetres of the mask's pixels; None if unknown.

        Raises
        ------
        SegPaintError
            If millimetres are asked for, and the spacing is not known.
        """
        if unit == MILLIMETRES:
            in_pixels(1, spacing, "amounts in %")
            return replace(self, spacing=spacing)
        return replace(self, spacing=None)

    def run(self, values: Values, table: LabelTable, amount: float) -> Values:
        """Change a mask.

        Parameters
        ----------
        values : ndarray of uint8, shape (height, width)
        amount : float
            In the gesture's unit, from ``-MOST[unit]`` to ``MOST[unit]``.

        Raises
        ------
        SegPaintError
            If the label is not in the mask, or is no wall where one is needed.
        """
        anatomy, dose = Anatomy(values, table, self.label), DOSES[self.key]
        name = table[self.label].name
        if not anatomy.shape.any():
            raise SegPaintError(f"{name} is not in the mask; choose another label.")
        way = dose.ways[self.way] if dose.ways else None
        if isinstance(way, Side):
            if not (values == self.label).any():
                raise SegPaintError(f"{name} has no pixels of its own, so it is no wall; choose another label.")
            if way is not Side.BOTH and not has_inside(anatomy):
                raise SegPaintError(f"{name} has no inside, since it lies around nothing; change it both ways.")
        if self.spacing is None:
            return dose.change(anatomy, amount, way)
        return dose.by_length(anatomy, amount / self.spacing, way)


def parse_dosed(text: str, table: LabelTable) -> DosedGesture:
    """Read ``GESTURE:LABEL:WAY``; without a way, the first counts.

    Raises
    ------
    SegPaintError
        If a part is unknown, missing, or too much.
    """
    key, *parts = [part.strip() for part in text.split(":")]
    dose = DOSES.get(key.lower())
    if dose is None:
        raise SegPaintError(f"There is no gesture {key!r} by percent; give one of {', '.join(DOSES)}.")
    form = f"{key.lower()}:LABEL" + (f":{'|'.join(dose.ways)}" if dose.ways else "")
    if not parts:
        raise SegPaintError(f"{text!r} names no label; write it as {form}.")
    (label,) = table.parse([parts.pop(0)])
    way = next(iter(dose.ways), "")
    if parts and dose.ways:
        way = parts.pop(0).lower()
        if way not in dose.ways:
            raise SegPaintError(f"{text!r}: {way!r} is not one of {', '.join(dose.ways)}.")
    if parts:
        raise SegPaintError(f"{text!r}: {':'.join(parts)!r} is too much; write it as {form}.")
    return DosedGesture(key.lower(), label, way)


def spread_amounts(first: float, last: float, count: int) -> list[float]:
    """Spread amounts evenly from the first to the last; 0, which changes nothing, is left out."""
    spread = np.round(np.linspace(first, last, count), 2).tolist()
    return [float(amount) for amount in dict.fromkeys(spread) if amount]


def _nearness(region: Region) -> NDArray[np.float64]:
    """Measure how deep pixels lie in a region or, below 0, how far off, blurred; beyond the mask it goes on."""
    if region.all() or not region.any():
        return np.zeros(region.shape)
    deep = scipy.ndimage.distance_transform_edt(region) - scipy.ndimage.distance_transform_edt(~region)
    blurred: NDArray[np.float64] = scipy.ndimage.gaussian_filter(deep, SOFT, mode="nearest")
    return blurred


def _first(order: NDArray[np.float64], candidates: Region, count: int) -> Region:
    """Choose the pixels among some candidates that come first: those with the highest numbers."""
    places = np.flatnonzero(candidates)
    # Rounded, since another computer may add up the last digits otherwise.
    best = np.argsort(-np.round(order.ravel()[places], 6), kind="stable")[:count]
    chosen = np.zeros(candidates.size, np.bool_)
    chosen[places[best]] = True
    return chosen.reshape(candidates.shape)
