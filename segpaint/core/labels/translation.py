"""Translates masks between the labels of two checkpoints, matched by name."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable


class Translation:
    """Translates masks from one label table to another.

    A label that the target lacks becomes the innermost label around it that the target has, or else free. A
    label that the source lacks is unknown, and so not in use.

    Attributes
    ----------
    by_index : dict of int to int
        Target index by source index, for labels of both tables.
    """

    def __init__(self, source: LabelTable, target: LabelTable) -> None:
        self.source, self.target = source, target
        names = {label.name.casefold(): label.index for label in target}
        self.by_index = {
            label.index: names[label.name.casefold()] for label in source if label.name.casefold() in names
        }
        self._lookup = np.full(256, FREE, np.uint8)
        self._lookup[BACKGROUND] = BACKGROUND
        seen = source.seen(self.by_index)
        for label in source:
            self._lookup[label.index] = self.by_index.get(seen[label.index], FREE)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the labels that the target lacks."""
        return tuple(label.name for label in self.source if label.index not in self.by_index)

    def mask(self, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Translate a mask to the target's labels."""
        translated: NDArray[np.uint8] = self._lookup[values]
        return translated

    def used(self, indices: Collection[int]) -> tuple[int, ...]:
        """Translate labels in use to indices of the target, in table order."""
        wanted = {self.by_index[index] for index in indices if index in self.by_index}
        return tuple(index for index in self.target.indices if index in wanted)


def visible(values: NDArray[np.uint8], used: Collection[int], table: LabelTable) -> NDArray[np.uint8]:
    """Return what a model sees of a mask: each label as the innermost one in use around it.

    Equal visible masks, with the same labels in use, make the same image.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    lookup = table.seen(used)
    lookup[FREE] = FREE if used else BACKGROUND
    seen: NDArray[np.uint8] = lookup[values]
    return seen


def unsure(used: Collection[int], table: LabelTable) -> frozenset[int]:
    """Find the values of a visible mask in which labels not in use may hide.

    Returns
    -------
    frozenset of int
        Labels around those not in use, and background for one inside none.
    """
    return frozenset(table.seen(used)[[index for index in table.indices if index not in used]].tolist())
