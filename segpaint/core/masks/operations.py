"""The anatomy gestures with their amounts and ways, for the user to choose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from segpaint.core.masks import gestures
from segpaint.core.masks.anatomy import Anatomy, Values, around
from segpaint.core.masks.gestures import Side
from segpaint.core.masks.interpolation import Way
from segpaint.core.masks.paint import with_locks
from segpaint.core.masks.transform import Axis, mirror

Change: TypeAlias = Callable[[Anatomy, float, Any], Values]
"""Makes a new mask from a label, an amount in pixels and a way."""


class Unit(Enum):
    """The unit of an amount."""

    LENGTH = "length"
    """Pixels of the mask, or millimetres."""
    NUMBER = "number"
    PERCENT = "percent"


@dataclass(frozen=True)
class Gesture:
    """One of the anatomy gestures.

    Attributes
    ----------
    edit : str
        Title in the list of edits, with {label}, {amount} and {way} as placeholders.
    largest : float
        The largest useful amount; 0 if the gesture has none.
    ways : mapping of str to object
        Ways by title; may be empty, or depend on the mask.
    is_local : bool
        Whether all changes lie within the amount of the label.
    hindrance : callable
        Describes what is missing from a label, in a sentence about ``{label}``; empty if nothing is.
    """

    name: str
    change: Change
    edit: str
    largest: float = 0.0
    unit: Unit = Unit.LENGTH
    ways: Mapping[str, object] = field(default_factory=dict)
    is_local: bool = True
    hindrance: Callable[[Anatomy, object], str] = lambda _anatomy, _way: ""

    def run(self, anatomy: Anatomy, amount: float, way: object) -> Values:
        """Change the label.

        Parameters
        ----------
        amount : float
            Pixels, or as `unit` defines.
        way : object
            A value of `ways`; None if there are none.
        """
        if not self.is_local:
            return self.change(anatomy, amount, way)
        changed = anatomy.values.copy()
        if anatomy.shape.any():
            # Only the surroundings matter, and a large mask takes long.
            part = around(anatomy.shape, amount + 1)
            changed[part] = self.change(anatomy.part(part), amount, way)
        return changed


def _turned(anatomy: Anatomy, way: object, share: float) -> Values:
    """Interpolate the mask to another; locked labels neither lose nor gain a pixel."""
    values = anatomy.values
    return with_locks(values, way.at(share), anatomy.locked) if isinstance(way, Way) else values.copy()


def _no_inside(anatomy: Anatomy, way: object) -> str:
    if way is Side.BOTH or gestures.has_inside(anatomy):
        return ""
    return "{label} has no inside, since it lies around nothing; thicken it both ways."


GESTURES: dict[str, Gesture] = {
    "grow": Gesture(
        "Grow",
        lambda anatomy, amount, _way: gestures.grow(anatomy, amount),
        edit="Grow {label} by {amount}",
        largest=20,
    ),
    "shrink": Gesture(
        "Shrink",
        lambda anatomy, amount, _way: gestures.shrink(anatomy, amount),
        edit="Shrink {label} by {amount}",
        largest=20,
    ),
    "thicken": Gesture(
        "Thicken",
        lambda anatomy, amount, way: gestures.thicken(anatomy, amount, Side(way)),
        edit="Thicken {label} by {amount}, {way}",
        largest=12,
        ways={"outward": Side.OUTWARD, "inward": Side.INWARD, "both ways": Side.BOTH},
        hindrance=_no_inside,
    ),
    "smooth_label": Gesture(
        "Smooth",
        lambda anatomy, amount, _way: gestures.smooth(anatomy, amount),
        edit="Smooth {label} by {amount}",
        largest=12,
        is_local=False,
    ),
    "remove_islands": Gesture(
        "Remove islands",
        lambda anatomy, _amount, way: gestures.remove_islands(anatomy, way),
        edit="Remove islands of {label}, {way}",
        ways={"all but the largest": None, "under 5 px": 5, "under 20 px": 20, "under 100 px": 100},
    ),
    "fill_holes": Gesture(
        "Fill holes",
        lambda anatomy, _amount, _way: gestures.fill_holes(anatomy),
        edit="Fill holes of {label}",
    ),
    "mirror": Gesture(
        "Mirror",
        lambda anatomy, _amount, way: mirror(anatomy, Axis(way), with_enclosed=True),
        edit="Mirror {label} {way}",
        ways={"about the image's middle": Axis.IMAGE, "about its own": Axis.LABEL},
        is_local=False,
    ),
    "split_islands": Gesture(
        "Island",
        lambda anatomy, amount, way: gestures.take_island(anatomy, round(amount), way),
        edit="Island {amount} of {label} {way}",
        largest=1,
        unit=Unit.NUMBER,
    ),
    "interpolate": Gesture(
        "Turn into",
        lambda anatomy, amount, way: _turned(anatomy, way, amount / 100),
        edit="Turn into {way} by {amount}",
        largest=100,
        unit=Unit.PERCENT,
        is_local=False,
    ),
}
"""Gestures by the key of their command."""
