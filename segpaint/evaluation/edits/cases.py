"""What is edited in unseen masks, and how: the program's own gestures."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.core.masks.anatomy import Anatomy, Values
from segpaint.core.masks.gestures import Side, grow, shrink, thicken
from segpaint.core.masks.hollow import hollow
from segpaint.core.masks.push import push, push_sources
from segpaint.core.masks.simple_movements import middle, middle_line, moved, outlined
from segpaint.core.masks.transform import Axis, mirror, transform
from segpaint.evaluation.edits.warps import Region, Sources, sources_of, warp_mask
from segpaint.training.dataset import Pairs

AMOUNTS = (0.1, 0.2)
"""Shares of a label's diameter by which it grows, shrinks and moves."""
WALLS = (0.25, 0.5)
"""Shares of its thickness by which a wall thickens and thins."""
PUSHES = (0.2, 0.4)
"""Shares of a label's diameter by which its border is pushed."""
SMALLEST = 30
"""Pixels of a label that is edited; 10 % of the diameter of a smaller one is no pixel."""
FEWEST = 4
"""Pixels that an edit changes in its label."""
FITS = 0.7
"""Share of the changed pixels that a gesture's deformation changes likewise, for the edit to be a warp."""
HOLLOW, THIN = 0.2, 0.35
"""What a wall encloses, at least, as a share of its own pixels; its thickness, at most, of its diameter."""


@dataclass(frozen=True, eq=False)
class EditCase:
    """One edit of one unseen mask.

    Attributes
    ----------
    row : int
        The slice, among the unseen ones.
    label : int
        Index of the edited label.
    gesture : str
        "grow", "shrink", "move", "thicken", "thin", "push", "remove" or "add".
    amount : float
        Share of the label's diameter, or of a wall's thickness; 0 if the gesture has none.
    before, after : ndarray of uint8, shape (height, width)
        The mask and the edited mask.
    was, asked : ndarray of bool, shape (height, width)
        The label with all inside it, before and after.
    sources : ndarray of float64, shape (2, height, width), or None
        The gesture's deformation, see `segpaint.evaluation.edits.warps`; None if no deformation does it.
    """

    row: int
    label: int
    gesture: str
    amount: float
    before: Values
    after: Values
    was: Region
    asked: Region
    sources: Sources | None = None

    @cached_property
    def changed(self) -> Region:
        """The pixels by which the edit is judged: those that the label gained or lost.

        Of a warp, these are the ones that its deformation changes likewise.
        """
        changed: Region = (self.was != self.asked) & (self.before != FREE) & (self.after != FREE)
        if self.sources is not None:
            changed &= warp_mask(self.before, self.sources) == self.after
        return changed


def patient_of(name: str) -> str:
    """Find the patient in a slice's name: its folder, or all up to the end of the first number."""
    path = PurePosixPath(name)
    if len(path.parts) > 1:
        return path.parts[0]
    found = re.match(r"\D*\d+", path.stem)
    return found[0] if found else path.stem


def plan_edits(
    pairs: Pairs, table: LabelTable, rows: NDArray[np.int64], labels: Collection[int] | None = None
) -> list[EditCase]:
    """List the edits of some unseen slices, slice by slice; the same for the same data.

    Parameters
    ----------
    rows : ndarray of int
        The slices.
    labels : collection of int, optional
        Indices of the labels to edit; all if left out.
    """
    cases: list[EditCase] = []
    for row in rows.tolist():
        for column, label in enumerate(table):
            if pairs.annotated[row, column] and (labels is None or label.index in labels):
                anatomy = Anatomy(pairs.masks[row], table, label.index)
                edits = _edits(anatomy, row) if anatomy.shape.any() else _from_another(pairs, anatomy, row)
                cases += [case for edit in edits if (case := _checked(row, anatomy, *edit)) is not None]
    return cases


Edit = tuple[str, float, Values, Sources | None]


def _checked(
    row: int, anatomy: Anatomy, gesture: str, amount: float, after: Values, sources: Sources | None
) -> EditCase | None:
    """Leave out an edit that changes next to nothing, and a deformation that does not do the same.

    Where a jaw shrinks, for instance, the mask asks for other bone, and a deformation draws in soft tissue.
    """
    was, asked = anatomy.shape, anatomy.table.shape_of(after, anatomy.label)
    changed = was != asked
    if changed.sum() < FEWEST:
        return None
    if sources is not None and (warp_mask(anatomy.values, sources) == after)[changed].mean() < FITS:
        sources = None
    return EditCase(row, anatomy.label, gesture, amount, anatomy.values, after, was, asked, sources)


def _edits(anatomy: Anatomy, row: int) -> Iterator[Edit]:
    """Change a label that the mask has."""
    shape, values = anatomy.shape, anatomy.values
    yield "remove", 0.0, anatomy.outlined(np.zeros_like(shape)), None
    flipped = mirror(anatomy, Axis.IMAGE)
    second = anatomy.table.shape_of(flipped, anatomy.label)
    if (values[second] == BACKGROUND).all() and not is_wall(anatomy):
        yield "add", 0.0, np.where(second, flipped, values), None
    # What the picture's edge cuts off would come from beyond it.
    if shape.sum() < SMALLEST or at_edge(shape):
        return
    if is_wall(anatomy):
        yield from _wall_edits(anatomy)
    else:
        yield from _outline_edits(anatomy)
    diameter = diameter_of(shape | anatomy.enclosed)
    angle = np.random.default_rng([row, anatomy.label]).uniform(0, 2 * math.pi)
    way = np.array([math.sin(angle), math.cos(angle)])
    whole = shape | anatomy.enclosed if is_wall(anatomy) else shape
    for amount in AMOUNTS:
        # Whole pixels, as by the arrow keys.
        move = tuple(float(part) for part in np.round(amount * diameter * way))
        after = transform(anatomy, move=(move[0], move[1]), with_enclosed=is_wall(anatomy))
        if any(move) and not at_edge(anatomy.table.shape_of(after, anatomy.label)):
            yield "move", amount, after, sources_of(moved(whole, (move[0], move[1])))
    start, radius = last_along(shape, way) + 0.5, max(diameter / 2, 4.0)
    for amount in PUSHES:
        end = start + amount * diameter * way
        path = [(float(start[0]), float(start[1])), (float(end[0]), float(end[1]))]
        yield "push", amount, push(values, path, radius), push_sources(values, path, radius) - 0.5


def _outline_edits(anatomy: Anatomy) -> Iterator[Edit]:
    core, done = middle(anatomy.shape), set()
    for amount in AMOUNTS:
        # Half of it on each side of the diameter.
        pixels = max(1, round(amount * diameter_of(anatomy.shape) / 2))
        if pixels not in done:
            done.add(pixels)
            yield "grow", amount, grow(anatomy, pixels), sources_of(outlined(anatomy.shape, core, pixels))
            yield "shrink", amount, shrink(anatomy, pixels), sources_of(outlined(anatomy.shape, core, -pixels))


def _wall_edits(anatomy: Anatomy) -> Iterator[Edit]:
    """Thicken a wall outward, and thin it from both sides."""
    wall = anatomy.values == anatomy.label
    inside, thickness = _inside(anatomy), wall_thickness(wall)
    done: set[tuple[str, int]] = set()
    for amount in WALLS:
        pixels = max(1, round(amount * thickness))
        if ("thicken", pixels) not in done:
            sources = sources_of(outlined(wall | inside, inside, pixels))
            yield "thicken", amount, thicken(anatomy, pixels, Side.OUTWARD), sources
        half = max(1, round(amount * thickness / 2))
        if ("thin", half) not in done:
            sources = sources_of(outlined(anatomy.shape, middle_line(wall), -half))
            yield "thin", amount, shrink(anatomy, half), sources
        done |= {("thicken", pixels), ("thin", half)}


def _from_another(pairs: Pairs, anatomy: Anatomy, row: int) -> Iterator[Edit]:
    """Add a label as that patient has it whose mask is otherwise most alike."""
    column = anatomy.table.indices.index(anatomy.label)
    patient, mine = patient_of(pairs.names[row]), anatomy.values
    best, chosen = -1.0, None
    for other, mask in enumerate(pairs.masks):
        shape = anatomy.table.shape_of(mask, anatomy.label)
        if (
            not pairs.annotated[other, column]
            or shape.sum() < SMALLEST
            or patient_of(pairs.names[other]) == patient
        ):
            continue
        either = ((mask != BACKGROUND) | (mine != BACKGROUND)) & ~shape
        alike = float((mask == mine)[either].mean()) if either.any() else 0.0
        if alike > best:
            best, chosen = alike, np.where(shape, mask, np.uint8(BACKGROUND))
    if chosen is not None:
        yield "add", 0.0, anatomy.settled(chosen), None


def _inside(anatomy: Anatomy) -> Region:
    return hollow(anatomy.values == anatomy.label, anatomy.values, anatomy.surroundings)


def is_wall(anatomy: Anatomy) -> bool:
    """Check whether a label's own pixels are a thin layer around something, as a heart's muscle is."""
    wall, inside = anatomy.values == anatomy.label, _inside(anatomy)
    return bool(
        inside.sum() >= HOLLOW * wall.sum() and wall_thickness(wall) <= THIN * diameter_of(wall | inside)
    )


def wall_thickness(wall: Region) -> float:
    """Measure a wall's usual thickness in pixels, at its middle line."""
    line = middle_line(wall)
    if not line.any():
        return 0.0
    length = float(line.sum())
    return float(wall.sum()) / length


def diameter_of(region: Region) -> float:
    """Compute the diameter of the circle of the same area."""
    return 2 * math.sqrt(region.sum() / math.pi)


def at_edge(region: Region) -> bool:
    """Check whether a region reaches the edge of its mask, which may cut it off."""
    return bool(region[[0, -1]].any() or region[:, [0, -1]].any())


def last_along(region: Region, way: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find the pixel of a region that lies farthest in a direction."""
    pixels = np.argwhere(region).astype(np.float64)
    farthest: NDArray[np.float64] = pixels[(pixels @ way).argmax()]
    return farthest
