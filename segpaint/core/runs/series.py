"""Builds series of requests that differ in one thing, to compare side by side."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.origins import Similarity
from segpaint.core.requests.request import Request
from segpaint.core.requests.sampling import count_seeds

MOST_ABLATED = 4
"""The most labels whose subsets a grid shows, in 16 images."""
FIRST_ABLATED = 2
"""Labels that are chosen at first, in 4 images."""


@dataclass(frozen=True)
class Entry:
    """One image of a series.

    Attributes
    ----------
    caption : str
        The difference from the other images.
    """

    caption: str
    request: Request


def seeds(request: Request, count: int) -> list[Entry]:
    """Repeat a request with `count` consecutive seeds, from its own."""
    return [
        Entry(f"seed {seed}", request.model_copy(update={"seed": seed}))
        for seed in count_seeds(request.seed, count)
    ]


def ablations(request: Request, table: LabelTable, chosen: Sequence[int]) -> list[Entry]:
    """Leave out each subset of some labels, with the same noise.

    Parameters
    ----------
    chosen : sequence of int
        Indices of at most `MOST_ABLATED` labels.

    Raises
    ------
    ValueError
        If there are more.
    """
    if len(chosen) > MOST_ABLATED:
        raise ValueError(f"{len(chosen)} labels have more subsets than fit on a screen")
    kept = {*request.used, *chosen}
    entries = []
    for left_out in every_subset(chosen):
        used = tuple(index for index in table.indices if index in kept - set(left_out))
        names = ", ".join(table[index].name for index in left_out)
        caption = f"without {names}" if left_out else "all of them"
        entries.append(Entry(caption, request.model_copy(update={"used": used})))
    return entries


def worth_leaving_out(table: LabelTable, indices: Sequence[int]) -> tuple[int, ...]:
    """Choose the labels that a user is likely to leave out first: two that no other one lies inside.

    Parameters
    ----------
    indices : sequence of int
        The labels to choose from, the likeliest first.
    """
    around = {outer for index in indices for outer in table.ancestors(index)}
    return tuple(index for index in indices if index not in around)[:FIRST_ABLATED]


def every_subset(chosen: Sequence[int]) -> list[tuple[int, ...]]:
    """List all subsets by size, from the empty one."""
    counts = range(len(chosen) + 1)
    return [subset for count in counts for subset in itertools.combinations(chosen, count)]


def similarities(request: Request, count: int = 11) -> list[Entry]:
    """Repeat a request with shares of the reference from 0 to 1, in equal steps.

    Parameters
    ----------
    request : Request
        Its origin must be a `Similarity`.

    Raises
    ------
    ValueError
        If the origin is another one.
    """
    origin = request.origin
    if not isinstance(origin, Similarity):
        raise ValueError("the request comes near to nothing")  # noqa: TRY004
    return [
        Entry(
            f"{share:.1f}",
            request.model_copy(update={"origin": origin.model_copy(update={"share": float(share)})}),
        )
        for share in np.linspace(0, 1, count)
    ]


def mean_and_spread(images: Sequence[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Compute mean and spread of images; the spread shows what the mask does not determine.

    Parameters
    ----------
    images : sequence of ndarray of uint8
        Two or more of one shape.

    Returns
    -------
    mean : ndarray of uint8
    spread : ndarray of uint8
        Standard deviation, four times as bright: 64 grey levels are white.
    """
    stack = np.stack(images).astype(np.float32)
    return (
        stack.mean(axis=0).round().astype(np.uint8),
        (4 * stack.std(axis=0)).clip(0, 255).round().astype(np.uint8),
    )
