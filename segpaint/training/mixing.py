"""Puts the pairs of several data sets together, such as real slices and made pairs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.training.dataset import DataSet, Pairs
from segpaint.training.pngs import image_words


def mixed(data: DataSet, others: Sequence[DataSet]) -> DataSet:
    """Add the training pairs of other data sets; the fewer are repeated, so that half of all are the first's.

    Parameters
    ----------
    others : sequence of DataSet
        Their unseen pairs are left alone.

    Raises
    ------
    SegPaintError
        If one has other labels, or images of another kind.
    """
    for other in others:
        if other.table != data.table:
            raise SegPaintError(
                f"The labels of {other.folder} are not those of {data.folder}; compare labels.json in both."
            )
        if other.train.images.shape[1:] != data.train.images.shape[1:]:
            raise SegPaintError(
                f"The images in {other.folder} are {image_words(other.train.images[0])}, and those in "
                f"{data.folder} {image_words(data.train.images[0])}; make them alike."
            )
    more = joined([other.train for other in others])
    return replace(data, train=balanced([data.train, more]))


def taken(pairs: Pairs, rows: NDArray[np.int64]) -> Pairs:
    """Take some rows of pairs."""
    return Pairs(
        [pairs.names[row] for row in rows], pairs.images[rows], pairs.masks[rows], pairs.annotated[rows],
        pairs.attributes[rows],
    )  # fmt: skip


def joined(some: Sequence[Pairs]) -> Pairs:
    """Put pairs behind each other."""
    return Pairs(
        [name for pairs in some for name in pairs.names],
        np.concatenate([pairs.images for pairs in some]),
        np.concatenate([pairs.masks for pairs in some]),
        np.concatenate([pairs.annotated for pairs in some]),
        np.concatenate([pairs.attributes for pairs in some]),
    )


def balanced(some: Sequence[Pairs]) -> Pairs:
    """Join pairs, and repeat the fewer ones until there are equally many."""
    count = max(map(len, some))
    return joined([taken(pairs, np.resize(np.arange(len(pairs)), count)) for pairs in some])
