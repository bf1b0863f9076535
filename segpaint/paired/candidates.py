"""Candidates that come to a set while its pairs are chosen: with another seed, or with an edited mask."""

from collections.abc import Container
from dataclasses import replace
from itertools import count
from pathlib import Path

from pydantic import BaseModel

from segpaint.core.reading import read_model, reads
from segpaint.core.requests.request import Request
from segpaint.core.requests.sampling import SEEDS
from segpaint.paired.plan import Pair, Place

ADDED = Path("added")


class Added(BaseModel, frozen=True, extra="forbid"):
    """A candidate in a file of its own, by whose name it goes, in the folder of its model."""

    split: str
    request: Request


@reads("an added candidate of a paired set", "delete it")
def read_added(path: Path) -> Added:
    """Read a candidate.

    Raises
    ------
    SegPaintError
        If it cannot be read or is not valid.
    """
    return read_model(path, Added)


def reseeded(pair: Pair, known: Container[Place]) -> Pair:
    """Return a candidate that differs from another in its seed alone: the next that is not known yet."""
    seed = pair.request.seed
    others = ((seed + step) % SEEDS for step in count(1))
    names = ((other, f"_s{other}".join(pair.name.rsplit(f"_s{seed}", 1))) for other in others)
    seed, name = next((other, name) for other, name in names if (pair.folder, name) not in known)
    return replace(pair, name=name, request=pair.request.model_copy(update={"seed": seed}))


def edited(pair: Pair, request: Request, known: Container[Place]) -> Pair:
    """Return a candidate with a mask that was edited, under a name of its own."""
    names = (f"{pair.name}_edited{number}" for number in count(1))
    name = next(name for name in names if (pair.folder, name) not in known)
    return replace(pair, name=name, request=request, recipe=b"")
