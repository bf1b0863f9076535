"""Series of requests that differ in one thing, to be looked at side by side."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.origins import Similarity
from segpaint.core.requests.request import Request

MOST_ABLATED = 4
"""Labels whose subsets a grid shows: more would be more than 16 images."""


@dataclass(frozen=True)
class Entry:
    """One image of a series.

    Attributes
    ----------
    caption : str
        In what it differs.
    request : Request
    """

    caption: str
    request: Request


def seeds(request: Request, count: int) -> list[Entry]:
    """The same mask with so many seeds, beginning with the request's own."""
    return [
        Entry(f"seed {seed}", request.model_copy(update={"seed": seed}))
        for seed in range(request.seed, request.seed + count)
    ]


def ablations(request: Request, table: LabelTable, chosen: Sequence[int]) -> list[Entry]:
    """All subsets of some labels left out, same noise; the rest stays as it is.

    Parameters
    ----------
    request : Request
    table : LabelTable
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


def every_subset(chosen: Sequence[int]) -> list[tuple[int, ...]]:
    """Nothing, each one, each two of them and so on."""
    counts = range(len(chosen) + 1)
    return [subset for count in counts for subset in itertools.combinations(chosen, count)]


def similarities(request: Request, count: int = 11) -> list[Entry]:
    """From an image of its own (0) to the reference itself (1), in equal steps.

    Parameters
    ----------
    request : Request
        Whose origin is a `Similarity`.

    Raises
    ------
    ValueError
        If it has another origin.
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
    """What images have in common, and where they differ: what the mask does not determine.

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
