"""The anatomy gestures, as a user chooses them: what each does, by how much, and in which ways."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks import gestures
from segpaint.core.masks.gestures import Side, shape_of
from segpaint.core.masks.interpolation import Way
from segpaint.core.masks.transform import Axis, mirror

Values: TypeAlias = NDArray[np.uint8]
Change: TypeAlias = Callable[[Values, LabelTable, int, float, Any, Collection[int]], Values]
"""From mask, table, label, amount in pixels, way and locked labels to another mask."""


class Unit(Enum):
    """What an amount counts."""

    LENGTH = "length"
    """Pixels of the mask, or millimetres."""
    NUMBER = "number"
    PERCENT = "percent"


@dataclass(frozen=True)
class Gesture:
    """One of the anatomy gestures.

    Attributes
    ----------
    name : str
    change : callable
    edit : str
        What the list of edits calls it; {label}, {amount} and {way} stand for what was set.
    largest : float
        Of the amounts that make sense; 0 where there is none to be set.
    unit : Unit
        Of the amount.
    ways : mapping of str to object
        In which it can be done, by what they are called; may be empty, or found out from the mask.
    is_local : bool
        Whether nothing changes further from the label than the amount.
    """

    name: str
    change: Change
    edit: str
    largest: float = 0.0
    unit: Unit = Unit.LENGTH
    ways: Mapping[str, object] = field(default_factory=dict)
    is_local: bool = True

    def run(
        self, values: Values, table: LabelTable, label: int, amount: float, way: object, locked: Collection[int]
    ) -> Values:
        """The mask with the label changed.

        Parameters
        ----------
        values : ndarray of uint8, shape (height, width)
        table : LabelTable
        label : int
        amount : float
            In pixels.
        way : object
            One of the values of `ways`; None where there are none.
        locked : collection of int

        Returns
        -------
        ndarray of uint8, shape (height, width)
        """
        if not self.is_local:
            return self.change(values, table, label, amount, way, locked)
        changed = values.copy()
        rows, columns = np.nonzero(shape_of(values, table, label))
        if len(rows):
            # What is further away counts for nothing, and a large mask takes long.
            margin = math.ceil(amount) + 2
            part = (
                slice(max(0, rows.min() - margin), rows.max() + margin + 1),
                slice(max(0, columns.min() - margin), columns.max() + margin + 1),
            )
            changed[part] = self.change(values[part], table, label, amount, way, locked)
        return changed


def _held(values: Values, way: object, share: float, locked: Collection[int]) -> Values:
    """A mask on the way to another; locked labels neither lose nor gain."""
    if not isinstance(way, Way):
        return values.copy()
    between = way.at(share)
    return np.where(np.isin(values, list(locked)) | np.isin(between, list(locked)), values, between)


GESTURES: dict[str, Gesture] = {
    "grow": Gesture(
        "Grow",
        lambda values, table, label, amount, _way, locked: gestures.grow(values, table, label, amount, locked),
        edit="Grow {label} by {amount}",
        largest=20,
    ),
    "shrink": Gesture(
        "Shrink",
        lambda values, table, label, amount, _way, locked: gestures.shrink(
            values, table, label, amount, locked
        ),
        edit="Shrink {label} by {amount}",
        largest=20,
    ),
    "thicken": Gesture(
        "Thicken",
        lambda values, table, label, amount, way, locked: gestures.thicken(
            values, table, label, amount, Side(way), locked
        ),
        edit="Thicken {label} by {amount}, {way}",
        largest=12,
        ways={"outward": Side.OUTWARD, "inward": Side.INWARD, "both ways": Side.BOTH},
    ),
    "smooth_label": Gesture(
        "Smooth",
        lambda values, table, label, amount, _way, locked: gestures.smooth(
            values, table, label, amount, locked
        ),
        edit="Smooth {label} by {amount}",
        largest=12,
        is_local=False,
    ),
    "remove_islands": Gesture(
        "Remove islands",
        lambda values, table, label, _amount, way, locked: gestures.remove_islands(
            values, table, label, way, locked
        ),
        edit="Remove islands of {label}, {way}",
        ways={"all but the largest": None, "under 5 px": 5, "under 20 px": 20, "under 100 px": 100},
    ),
    "fill_holes": Gesture(
        "Fill holes",
        lambda values, table, label, _amount, _way, locked: gestures.fill_holes(values, table, label, locked),
        edit="Fill holes of {label}",
    ),
    "mirror": Gesture(
        "Mirror",
        lambda values, table, label, _amount, way, locked: mirror(
            values, table, label, Axis(way), locked, with_enclosed=True
        ),
        edit="Mirror {label} {way}",
        ways={"about the image's middle": Axis.IMAGE, "about its own": Axis.LABEL},
        is_local=False,
    ),
    "split_islands": Gesture(
        "Island",
        lambda values, table, label, amount, way, locked: gestures.take_island(
            values, table, label, round(amount), way, locked
        ),
        edit="Island {amount} of {label} {way}",
        largest=1,
        unit=Unit.NUMBER,
    ),
    "interpolate": Gesture(
        "Turn into",
        lambda values, _table, _label, amount, way, locked: _held(values, way, amount / 100, locked),
        edit="Turn into {way} by {amount}",
        largest=100,
        unit=Unit.PERCENT,
        is_local=False,
    ),
}
"""By the keys of their commands."""
