"""Keeps the steps of a run within a memory budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Indexed(Protocol):
    """A step or its frame."""

    @property
    def index(self) -> int:
        """Index of the step, from 0."""

    @property
    def nbytes(self) -> int:
        """Bytes that are freed with it."""


Item = TypeVar("Item", bound=Indexed)


class ThinningList(Generic[Item]):
    """The steps of a run, thinned out evenly within a memory budget.

    Beyond the budget, the distance between kept steps doubles. The first and the newest are always kept.

    Parameters
    ----------
    budget : int
        Bytes.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._stride = 1
        self._items: dict[int, Item] = {}
        self.nbytes = 0
        """Bytes in use."""

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    @property
    def newest(self) -> Item | None:
        """The step with the highest index."""
        return next(reversed(self._items.values()), None)

    def add(self, item: Item) -> None:
        """Add the step that follows the newest."""
        before = self.newest
        if before is not None and before.index % self._stride:
            self._drop(before)
        self._items[item.index] = item
        self.nbytes += item.nbytes
        self.fit(self.budget)

    def fit(self, budget: int) -> None:
        """Change the budget in bytes."""
        self.budget = budget
        while len(self._items) > 2 and self.nbytes > budget:
            self._stride *= 2
            for kept in list(self._items.values())[:-1]:
                if kept.index % self._stride:
                    self._drop(kept)

    def _drop(self, item: Item) -> None:
        del self._items[item.index]
        self.nbytes -= item.nbytes

    def at(self, index: int) -> Item | None:
        """Find the step with this index or, if it is not kept, the one before it."""
        if index in self._items:
            return self._items[index]
        return next((kept for kept in reversed(self._items.values()) if kept.index <= index), None)

    def until(self, index: int) -> ThinningList[Item]:
        """Copy the list up to a step, for a branch that begins after it; the steps are shared."""
        shared: ThinningList[Item] = ThinningList(self.budget)
        shared._stride = self._stride
        shared._items = {place: kept for place, kept in self._items.items() if place <= index}
        shared.nbytes = sum(kept.nbytes for kept in shared)
        return shared
