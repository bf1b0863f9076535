"""The images that an evaluation generates: masks, labels in use, seeds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.attributes import Attribute, AttributeTable
from segpaint.core.labels.labels import LabelTable
from segpaint.training.dataset import Pairs

DIVERSITY_MASKS = 6
DIVERSITY_SEEDS = 8


@dataclass(frozen=True)
class ImageBatch:
    """Images to generate with one choice of labels in use.

    Attributes
    ----------
    name : str
        Also of its file.
    rows : ndarray of int, shape (images,)
        The mask of each image, as a row of the real slices.
    used : ndarray of bool, shape (images, labels)
        The labels in use; the others are ablated.
    seed : int
        Cases with one seed and equally many images start from the same noise.
    attributes : int
        The number of a combination of attributes, see `segpaint.core.labels.attributes.AttributeTable`.
    """

    name: str
    rows: NDArray[np.int64]
    used: NDArray[np.bool_]
    seed: int
    attributes: int = 0

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class EvaluationPlan:
    """All images that an evaluation generates.

    Attributes
    ----------
    full : ImageBatch
        Every annotated label in use, `per_mask` images for each mask, all first images first.
    blank : ImageBatch
        No label in use.
    alone, without, shown : dict of int to ImageBatch
        By label index: only that label; every label but that one; and every label, from the same
        noise as `without`, for comparison.
    seeds : list of ImageBatch
        The same few masks, once for each seed.
    asked : dict of (str, str) to ImageBatch
        By attribute and value: the same masks, with this value alone known.
    """

    full: ImageBatch
    blank: ImageBatch
    alone: dict[int, ImageBatch]
    without: dict[int, ImageBatch]
    shown: dict[int, ImageBatch]
    seeds: list[ImageBatch]
    asked: dict[tuple[str, str], ImageBatch]

    def __iter__(self) -> Iterator[ImageBatch]:
        yield self.full
        yield self.blank
        yield from self.seeds
        for index in self.alone:
            yield self.alone[index]
            yield self.without[index]
            yield self.shown[index]
        yield from self.asked.values()


def evenly(count: int, wanted: int) -> NDArray[np.int64]:
    """Choose up to `wanted` of `count` rows, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(np.int64))


def plan_cases(
    pairs: Pairs, table: LabelTable, measured: tuple[int, ...], *,
    masks: int, per_mask: int, per_label: int, per_value: int = 0, attributes: Sequence[Attribute] = (),
) -> EvaluationPlan:  # fmt: skip
    """Decide what to generate.

    Parameters
    ----------
    pairs : Pairs
        Unseen real slices.
    measured : tuple of int
        Indices of the labels to use.
    masks : int
        How many masks to use at most, evenly spread over the slices.
    per_mask : int
        Images for each of them with the full mask.
    per_label : int
        Masks with a label, for using that label alone and for leaving it out.
    per_value : int
        Masks for each value of an attribute.
    attributes : sequence of Attribute
        Those of the checkpoint.
    """
    allowed = pairs.annotated & np.isin(table.indices, measured)
    rows = evenly(len(pairs), masks)
    full = ImageBatch("full", np.tile(rows, per_mask), np.tile(allowed[rows], (per_mask, 1)), seed=0)
    blank = ImageBatch("blank", rows, np.zeros_like(allowed[rows]), seed=1)
    few = _rich_rows(pairs, allowed, table, DIVERSITY_MASKS)
    seeds = [ImageBatch(f"seed-{seed}", few, allowed[few], seed=100 + seed) for seed in range(DIVERSITY_SEEDS)]
    alone, without, shown = {}, {}, {}
    holds = table.planes(pairs.masks).any(axis=(-2, -1)) & allowed
    for column, label in enumerate(table):
        found = np.flatnonzero(holds[:, column])
        if not len(found):
            continue
        some = found[evenly(len(found), per_label)]
        only = np.zeros((len(some), len(table)), np.bool_)
        only[:, column] = True
        rest = allowed[some].copy()
        rest[:, column] = False
        seed = 1000 + label.index
        alone[label.index] = ImageBatch(f"alone-{label.index}", some, only, seed)
        without[label.index] = ImageBatch(f"without-{label.index}", some, rest, seed)
        shown[label.index] = ImageBatch(f"shown-{label.index}", some, allowed[some], seed)
    some, numbers = evenly(len(pairs), per_value), AttributeTable(attributes)
    asked = {
        (one.name, value): ImageBatch(
            f"attribute-{column}-{place}", some, allowed[some], 2000 + column, numbers.number({one.name: value})
        )
        for column, one in enumerate(attributes)
        for place, value in enumerate(one.values)
    }
    return EvaluationPlan(full, blank, alone, without, shown, seeds, asked)


def _rich_rows(pairs: Pairs, allowed: NDArray[np.bool_], table: LabelTable, wanted: int) -> NDArray[np.int64]:
    """Divide the slices into equal stretches, and choose the one with the most labels from each."""
    counts = (table.planes(pairs.masks).any(axis=(-2, -1)) & allowed).sum(axis=1)
    stretches = np.array_split(np.arange(len(pairs)), min(wanted, len(pairs)))
    return np.array([stretch[counts[stretch].argmax()] for stretch in stretches])
