"""Plans the images of a paired set before the first is made, and builds each when it is asked for."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import overload

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Precision, check_count
from segpaint.paired.model_plan import ModelPlan
from segpaint.paired.naming import by_folder, splits
from segpaint.paired.pairs import Pair, Picked, Place, Spot
from segpaint.paired.sources import NamedMask, about_unusable
from segpaint.paired.specification import Specification

__all__ = ["Pair", "Pairs", "Picked", "Place", "Plan", "Spot", "plan_pairs", "sides", "spot_at", "spots"]


class Pairs(Sequence[Pair]):
    """All pairs of a set in the order in which they are made; each is built when it is asked for.

    What is kept is which combinations of mask, labels and attributes differ, some bytes for each, and the mask
    in use. Pairs of one mask share it, so going through them in order is fastest.
    """

    def __init__(self, models: Sequence[ModelPlan]) -> None:
        self._models = models
        self._ends = list(accumulate(map(len, models)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> Pair: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Pair]: ...

    def __getitem__(self, place: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(place, slice):
            return Picked(self, range(len(self))[place])
        model, position = self._find(place)
        return model.pair(position)

    def _find(self, place: int) -> tuple[ModelPlan, int]:
        position = range(len(self))[place]
        number = bisect_right(self._ends, position)
        model = self._models[number]
        return model, position - self._ends[number] + len(model)

    def __iter__(self) -> Iterator[Pair]:
        for model in self._models:
            yield from map(model.pair, range(len(model)))

    def spots(self) -> Iterator[Spot]:
        """Go through all pairs without building them."""
        for model in self._models:
            yield from model.spots()

    def spot(self, place: int) -> Spot:
        """Return where a pair lies, without building it."""
        model, position = self._find(place)
        return model.spot(position)

    def sides(self) -> set[tuple[str, str]]:
        """Return the folders and splits in which pairs may lie."""
        return set().union(*(model.sides() for model in self._models))

    def parts(self) -> list[Sequence[Pair]]:
        """Return the pairs of each checkpoint that has any."""
        return [Pairs([model]) for model in self._models if len(model)]


def spots(pairs: Sequence[Pair]) -> Iterator[Spot]:
    """Go through pairs without building those that are not there yet."""
    if isinstance(pairs, Pairs):
        return pairs.spots()
    return map(Spot.of, pairs)


def sides(pairs: Sequence[Pair]) -> set[tuple[str, str]]:
    """Return the folders and splits in which pairs may lie."""
    return pairs.sides() if isinstance(pairs, Pairs) else {(pair.folder, pair.split) for pair in pairs}


def spot_at(pairs: Sequence[Pair], position: int) -> Spot:
    """Return where a pair lies, without building one that is not there yet."""
    return pairs.spot(position) if isinstance(pairs, Pairs) else Spot.of(pairs[position])


@dataclass(frozen=True)
class Plan:
    """All pairs in the order they are made, and what to know about them.

    Attributes
    ----------
    notes : tuple of str
        Sentences.
    """

    pairs: Pairs
    notes: tuple[str, ...]


def plan_pairs(
    specification: Specification,
    masks: Sequence[NamedMask],
    checkpoints: Sequence[Checkpoint],
    precision: Precision,
) -> Plan:
    """Plan the pairs of a set: look at every mask once, and keep none.

    Pairs whose visible mask and seed repeat an earlier pair are skipped and reported. What is visible depends
    on no seed, so it is compared once for all of them, by digest.

    Parameters
    ----------
    masks : sequence of NamedMask
        Masks in the first checkpoint's labels and size; those of files are read when they are needed.
    precision : {"float32", "bfloat16"}

    Raises
    ------
    SegPaintError
        If there are too many pairs, or a setting is out of range. If the first checkpoint lacks a label of a
        subset. If a checkpoint that was trained on whole masks is to leave one out. If a mask has the wrong
        size for another checkpoint.
    """
    seeds = specification.seeds
    check_count(
        len(checkpoints) * len(masks) * seeds.count * len(specification.subsets) * len(specification.attributes)
    )
    parts = splits(len(masks), specification.validation)
    notes = [] if "val" in parts or not specification.validation else [
        "There is one mask alone, so nothing is kept to validate with."
    ]  # fmt: skip
    models = [
        ModelPlan(specification, masks, parts, checkpoint, checkpoints[0], folder, precision)
        for folder, checkpoint in by_folder(checkpoints).items()
    ]
    _look_at(masks, models)
    for model in models:
        notes += model.notes()
    return Plan(Pairs(models), tuple(notes))


def _look_at(masks: Sequence[NamedMask], models: Sequence[ModelPlan]) -> None:
    """Look at every mask for each model.

    Raises
    ------
    SegPaintError
        If some cannot be read, or have the wrong size; it names them all, up to a number.
    """
    problems = []
    for number in range(len(masks)):
        try:
            mask = masks[number]
            fitted = [model.fit(mask) for model in models]
        except SegPaintError as error:
            problems.append(str(error))
            continue
        if not problems:
            for model, values in zip(models, fitted, strict=True):
                model.look_at(mask.name, values)
    if problems:
        raise SegPaintError(about_unusable(problems))
