"""The pairs of a set that are not made yet."""

from collections.abc import Iterator, Mapping, Sequence

from segpaint.paired.pairs import Pair, Place
from segpaint.paired.plan import spot_at, spots


class Missing:
    """The pairs of a set that are not yet made, in order; each is built when it comes.

    Parameters
    ----------
    pairs : sequence of Pair
        All of the set.
    digests : mapping of Place to bytes
        Of those that are made; it may grow.
    positions : sequence of int
        Of those that count.
    """

    def __init__(self, pairs: Sequence[Pair], digests: Mapping[Place, bytes], positions: Sequence[int]) -> None:
        self._pairs, self._digests, self._positions = pairs, digests, positions

    def __len__(self) -> int:
        if len(self._positions) == len(self._pairs):
            return len(self._pairs) - len(self._digests)
        return sum(1 for _ in self.places())

    def __iter__(self) -> Iterator[Pair]:
        return map(self._pairs.__getitem__, self.places())

    def places(self) -> Iterator[int]:
        """Go through their positions."""
        pairs, digests = self._pairs, self._digests
        whole = len(self._positions) == len(pairs)
        places = enumerate(spots(pairs)) if whole else (
            (position, spot_at(pairs, position)) for position in self._positions
        )  # fmt: skip
        return (position for position, spot in places if spot.place not in digests)
