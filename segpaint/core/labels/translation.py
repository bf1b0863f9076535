"""A mask painted in the labels of one checkpoint, as another understands it: labels are known by name."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable


class Translation:
    """From one label table to another.

    A label that the other table lacks becomes the innermost label around it that it has; where there is
    none, the pixels are free. A label of the other table that the first lacks is unknown, so it is not used.

    Parameters
    ----------
    source, target : LabelTable

    Attributes
    ----------
    by_index : dict of int to int
        The labels known to both.
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
        """A mask in the target's labels."""
        translated: NDArray[np.uint8] = self._lookup[values]
        return translated

    def used(self, indices: Collection[int]) -> tuple[int, ...]:
        """Labels in use, as indices of the target in table order."""
        wanted = {self.by_index[index] for index in indices if index in self.by_index}
        return tuple(index for index in self.target.indices if index in wanted)


def visible(values: NDArray[np.uint8], used: Collection[int], table: LabelTable) -> NDArray[np.uint8]:
    """What a model sees of a mask: each label as the innermost one in use around it.

    Masks that look alike, with the same labels in use, make the same image.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
    used : collection of int
    table : LabelTable

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    lookup = table.seen(used)
    lookup[FREE] = FREE if used else BACKGROUND
    seen: NDArray[np.uint8] = lookup[values]
    return seen


def unsure(used: Collection[int], table: LabelTable) -> frozenset[int]:
    """The values of a visible mask that a label left out may hide in.

    Returns
    -------
    frozenset of int
        Labels in use around those left out, and the background if one lies within none.
    """
    return frozenset(table.seen(used)[[index for index in table.indices if index not in used]].tolist())
