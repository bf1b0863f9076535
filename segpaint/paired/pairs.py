"""A pair of a set, where it lies, and some of many pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, overload

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Request, Stage

Place: TypeAlias = tuple[str, str]
"""The key of a pair: its folder within the set, and its name."""


@dataclass(frozen=True, eq=False)
class Pair:
    """One image of a set, and its mask.

    Attributes
    ----------
    name : str
        Unique within a checkpoint; made of mask, seed and labels, and so the same for other checkpoints.
    folder : str
        Within the set; empty if there is one checkpoint.
    split : {"train", "val"}
    recipe : bytes
        Digest of the request without its seed, which the name states; empty if it is not known.
    """

    name: str
    checkpoint: Checkpoint
    folder: str
    split: str
    request: Request
    recipe: bytes = b""

    @property
    def place(self) -> Place:
        """The key of the pair, unique in the set."""
        return self.folder, self.name

    @property
    def final(self) -> Request | Stage:
        """What holds the mask that the finished image follows, and its labels in use; no copy of them."""
        return self.request.changes[-1] if self.request.changes else self.request


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a pair lies in its set, which is known without its mask and request.

    Attributes
    ----------
    name, folder, split, recipe
        See `Pair`.
    """

    name: str
    folder: str
    split: str
    recipe: bytes

    @classmethod
    def of(cls, pair: Pair) -> "Spot":
        """Return where a pair lies."""
        return cls(pair.name, pair.folder, pair.split, pair.recipe)

    @property
    def place(self) -> Place:
        """The key of the pair, unique in the set."""
        return self.folder, self.name


class Picked(Sequence[Pair]):
    """Some of many pairs, which are built when they are asked for.

    Parameters
    ----------
    pairs : sequence of Pair
    positions : sequence of int
        Positions in `pairs`.
    """

    def __init__(self, pairs: Sequence[Pair], positions: Sequence[int]) -> None:
        self._pairs, self.positions = pairs, positions

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, place: int) -> Pair: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Pair]: ...

    def __getitem__(self, place: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(place, slice):
            return Picked(self._pairs, self.positions[place])
        return self._pairs[self.positions[place]]

    def __iter__(self) -> Iterator[Pair]:
        return map(self._pairs.__getitem__, self.positions)
