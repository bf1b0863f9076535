"""Reads the labels of a ``dataset.json``, in each of the ways in which people write them.

nnU-Net's version 2 has ``{"background": 0, "liver": 1}``; version 1 and the Medical Segmentation Decathlon have
``{"0": "background", "1": "liver"}``. Values may be strings. A *region* has a list of values.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND

IGNORE = "ignore"
"""The name of the value of voxels that nobody labelled."""


@dataclass(frozen=True)
class NamedValues:
    """What the values of labels mean.

    Attributes
    ----------
    names : dict of int to str
        Without the background.
    parents : dict of int to int
        The value of the smallest region that a region lies inside.
    """

    names: dict[int, str] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)


def ignored_value(labels: dict[str, Any]) -> int | None:
    """Find the value of what nobody labelled."""
    values = [_whole(value) for name, value in _pairs(labels) if name.casefold() == IGNORE]
    return values[0] if values else None


def read_names(path: Path, labels: dict[str, Any]) -> NamedValues:
    """Read the names of values.

    Regions that lie inside each other name single values, too, if each has one value that no region inside it
    has. A whole tumour of 1, 2 and 3 around a core of 2 and 3 names the value 1.

    Parameters
    ----------
    path : Path
        Named in errors.

    Raises
    ------
    SegPaintError
        If a value is no whole number, has two names, or is in regions that name no single value.
    """
    regions: dict[frozenset[int], str] = {}
    for name, value in _pairs(labels):
        values = frozenset(_values(path, name, value))
        if values in regions:
            told = ", ".join(map(str, sorted(values)))
            raise SegPaintError(
                f"{path} gives the value {told} two names, {regions[values]!r} and {name!r}; leave one of them "
                "out."
            )
        regions[values] = name
    regions = {values: name for values, name in regions.items() if not _is_left_out(values, name)}
    own = {values: _own_value(path, values, regions) for values in regions}
    parents = {}
    for values in regions:
        around = [other for other in regions if values < other]
        if around:
            parents[own[values]] = own[min(around, key=len)]
    return NamedValues({own[values]: name for values, name in regions.items()}, parents)


def _is_left_out(values: frozenset[int], name: str) -> bool:
    return values == {BACKGROUND} or (len(values) == 1 and name.casefold() == IGNORE)


def _own_value(path: Path, values: frozenset[int], regions: dict[frozenset[int], str]) -> int:
    inside = [other for other in regions if other < values]
    crossing = [other for other in regions if other & values and not (other <= values or values <= other)]
    left = values.difference(*inside)
    if len(left) == 1 and not crossing and BACKGROUND not in values:
        return next(iter(left))
    raise SegPaintError(
        f"{path} gives the label {regions[values]!r} the values {sorted(values)}: regions are understood only "
        "where they lie inside each other, and each has one value more than those inside it. Name each value "
        "in a table, and give it with --labels."
    )


def _pairs(labels: dict[str, Any]) -> list[tuple[str, Any]]:
    """List names with values, whichever of them comes first."""
    old = all(_whole(key) is not None for key in labels) and all(
        isinstance(value, str) and _whole(value) is None for value in labels.values()
    )
    return [(value, key) for key, value in labels.items()] if old else list(labels.items())


def _values(path: Path, name: str, value: Any) -> list[int]:
    listed = [_whole(one) for one in (value if isinstance(value, list) else [value])]
    whole = [one for one in listed if one is not None]
    if not whole or len(whole) < len(listed):
        raise SegPaintError(f"{path} gives the label {name!r} the value {value!r}; it must be a whole number.")
    return whole


def _whole(value: Any) -> int | None:
    """Turn 1, 1.0, "1" or " 1 " into 1, and anything else into None."""
    if isinstance(value, str) and len(value) < 20 and value.strip().isdecimal():
        return int(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and value == value // 1 else None
