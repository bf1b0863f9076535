"""Masks to make pairs from: those of real patients, varied by the program's own gestures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.anatomy import Anatomy, Region, Values
from segpaint.core.masks.gestures import Side, grow, shrink, thicken
from segpaint.core.masks.push import push
from segpaint.core.masks.transform import transform
from segpaint.evaluation.batches import evenly
from segpaint.evaluation.edits.cases import (
    AMOUNTS,
    PUSHES,
    SMALLEST,
    WALLS,
    at_edge,
    diameter_of,
    is_wall,
    last_along,
    wall_thickness,
)
from segpaint.training.dataset import Pairs

LABELS_CHANGED = 2
"""Labels of a mask that are changed, one after the other."""
LARGEST = 2.0
"""The largest gesture of a rare mask, as a multiple of the largest of `segpaint evaluate --edits`."""
THINNED = 0.5
"""Share of its thickness that a wall loses at most."""
DISPLACED = 1 / 3
"""Share of rare masks in which a label that can move is displaced, and not resized."""
KEPT = 0.6
"""Share of its pixels that each other label keeps, at least: a chamber that grows does not swallow its wall."""
TRIES = 4
"""How often a gesture is halved, until no other label loses too much."""
TYPICAL = 300
"""Training masks, evenly spread, of which the usual size of a label is found."""

Gesture = Callable[[Anatomy, float, NDArray[np.float64]], Values]


def varied(values: Values, table: LabelTable, labels: Sequence[int], rng: np.random.Generator) -> Values:
    """Change a mask by gestures of the amounts of `segpaint.evaluation.edits.cases`, and smaller ones.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    labels : sequence of int
        Indices of the labels that may change.
    """
    for label in rng.permutation(_changeable(values, table, labels))[:LABELS_CHANGED].tolist():
        anatomy = Anatomy(values, table, label)
        names = ["push", *(("thicken", "thin") if is_wall(anatomy) else ("grow", "shrink"))]
        if _stands_free(anatomy):
            names += ["move", "enlarge", "reduce"]
        values = _changed(anatomy, str(rng.choice(names)), rng.uniform(0, 1), rng)
    return values


def rare(
    values: Values,
    table: LabelTable,
    labels: Sequence[int],
    usual: Mapping[int, Mapping[str, float]],
    rng: np.random.Generator,
) -> Values:
    """Lead a mask to what is rare, by gestures larger than all in `varied`.

    A label that is larger than usual becomes larger still, and a smaller one smaller; a wall becomes thicker
    or thinner. Some labels are displaced.

    Parameters
    ----------
    usual : mapping of int to mapping of str to float
        From `usual_sizes`.
    """
    for label in rng.permutation(_changeable(values, table, labels))[:LABELS_CHANGED].tolist():
        anatomy = Anatomy(values, table, label)
        sizes = size_of(anatomy)
        free = _stands_free(anatomy)
        name = "wall" if "wall" in sizes and not (free and rng.random() < 0.5) else "area"
        larger = sizes[name] >= usual.get(label, {}).get(name, 0.0)
        whole = ("reduce", "enlarge") if free else ("shrink", "grow")
        gesture = {"wall": ("thin", "thicken"), "area": whole}[name][larger]
        if free and rng.random() < DISPLACED:
            gesture = "move"
        values = _changed(anatomy, gesture, rng.uniform(1, LARGEST), rng)
    return values


def size_of(anatomy: Anatomy) -> dict[str, float]:
    """Measure a label's "area", with all inside it, in pixels; of a wall, its thickness as "wall", too."""
    sizes = {"area": float(anatomy.shape.sum())}
    if is_wall(anatomy):
        sizes["wall"] = wall_thickness(anatomy.values == anatomy.label)
    return sizes


def usual_sizes(pairs: Pairs, table: LabelTable) -> dict[int, dict[str, float]]:
    """Find the median of each label's `size_of` in some masks, by index, over those that show it."""
    found: dict[int, dict[str, float]] = {}
    holds = pairs.annotated & pairs.shown(table)
    for column, label in enumerate(table):
        rows = np.flatnonzero(holds[:, column])
        some = [
            size_of(Anatomy(pairs.masks[row], table, label.index)) for row in rows[evenly(len(rows), TYPICAL)]
        ]
        names = {name for sizes in some for name in sizes}
        found[label.index] = {
            name: float(np.median([sizes[name] for sizes in some if name in sizes])) for name in sorted(names)
        }
    return found


def _changeable(values: Values, table: LabelTable, labels: Sequence[int]) -> list[int]:
    """List the labels that are large enough to change, and that the mask's edge does not cut off."""
    shapes = {label: table.shape_of(values, label) for label in labels}
    return [label for label, shape in shapes.items() if shape.sum() >= SMALLEST and not at_edge(shape)]


def _changed(anatomy: Anatomy, name: str, times: float, rng: np.random.Generator) -> Values:
    """Change a label by a gesture, by a smaller one where that would spoil the anatomy, or not at all."""
    way = _direction(rng)
    for halved in range(TRIES):
        after = GESTURES[name](anatomy, times / 2**halved, way)
        if _is_sound(anatomy, after):
            return after
    return anatomy.values


def _is_sound(anatomy: Anatomy, after: Values) -> bool:
    """Check that no label is lost or cut off, that others keep most of themselves, and walls stay walls."""
    table = anatomy.table
    shape = table.shape_of(after, anatomy.label)
    if shape.sum() < SMALLEST or at_edge(shape):
        return False
    for index in np.unique(anatomy.values).tolist():
        if index in table.indices:
            kept = np.count_nonzero(after == index) / np.count_nonzero(anatomy.values == index)
            if index != anatomy.label and kept < KEPT:
                return False
            wall = is_wall(Anatomy(anatomy.values, table, index))
            if wall and not (kept > 1 - KEPT and is_wall(Anatomy(after, table, index))):
                return False
    return True


def _grown(anatomy: Anatomy, times: float, _way: NDArray[np.float64]) -> Values:
    return grow(anatomy, _outline(anatomy, times))


def _shrunk(anatomy: Anatomy, times: float, _way: NDArray[np.float64]) -> Values:
    return shrink(anatomy, _outline(anatomy, times))


def _outline(anatomy: Anatomy, times: float) -> int:
    """Find by how many pixels an outline moves: half of it on each side of the diameter."""
    return max(1, round(times * AMOUNTS[-1] * diameter_of(anatomy.shape) / 2))


def _thickened(anatomy: Anatomy, times: float, _way: NDArray[np.float64]) -> Values:
    pixels = times * WALLS[-1] * wall_thickness(anatomy.values == anatomy.label)
    return thicken(anatomy, max(1, round(pixels)), Side.OUTWARD)


def _thinned(anatomy: Anatomy, times: float, _way: NDArray[np.float64]) -> Values:
    pixels = min(times * WALLS[-1], THINNED) * wall_thickness(anatomy.values == anatomy.label)
    return shrink(anatomy, max(1, round(pixels / 2)))


def _moved(anatomy: Anatomy, times: float, way: NDArray[np.float64]) -> Values:
    wall = is_wall(anatomy)
    length = times * AMOUNTS[-1] * diameter_of(anatomy.shape | anatomy.enclosed if wall else anatomy.shape)
    row, column = np.round(length * way).tolist()
    return transform(anatomy, move=(row, column), with_enclosed=wall)


def _enlarged(anatomy: Anatomy, times: float, _way: NDArray[np.float64]) -> Values:
    return transform(anatomy, scale=1 + times * AMOUNTS[-1], with_enclosed=is_wall(anatomy))


def _reduced(anatomy: Anatomy, times: float, _way: NDArray[np.float64]) -> Values:
    return transform(anatomy, scale=1 / (1 + times * AMOUNTS[-1]), with_enclosed=is_wall(anatomy))


def _pushed(anatomy: Anatomy, times: float, way: NDArray[np.float64]) -> Values:
    diameter = diameter_of(anatomy.shape | anatomy.enclosed)
    start = last_along(anatomy.shape, way) + 0.5
    end = start + times * PUSHES[0] * diameter * way
    path = [(float(start[0]), float(start[1])), (float(end[0]), float(end[1]))]
    return push(anatomy.values, path, max(diameter / 2, 4.0))


GESTURES: dict[str, Gesture] = {
    "grow": _grown, "shrink": _shrunk, "thicken": _thickened, "thin": _thinned, "move": _moved, "push": _pushed,
    "enlarge": _enlarged, "reduce": _reduced,
}  # fmt: skip
"""The gestures that change masks, by name; each takes a multiple of the largest amount of `--edits`."""


def _direction(rng: np.random.Generator) -> NDArray[np.float64]:
    angle = rng.uniform(0, 2 * math.pi)
    return np.array([math.sin(angle), math.cos(angle)])


def _stands_free(anatomy: Anatomy) -> bool:
    """Check whether a label adjoins its surroundings more than other labels, so that it can move alone."""
    whole: Region = anatomy.shape | anatomy.enclosed if is_wall(anatomy) else anatomy.shape
    border = anatomy.values[scipy.ndimage.binary_dilation(whole) & ~whole]
    return bool(len(border) and np.isin(border, anatomy.surroundings).mean() > 0.5)
