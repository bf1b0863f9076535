"""A run and its branches: what became of it where somebody went back and asked for something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Request
from segpaint.core.runs.draft_pace import WORTH_SHOWING
from segpaint.core.runs.trajectory import BUDGET, Trajectory


@dataclass
class Branch:
    """One way through the denoising steps.

    Attributes
    ----------
    run : int
        Its number; no two branches, nor runs, of a session have the same.
    name : str
        What the user calls it.
    request : Request
        Makes it again from the first step on.
    trajectory : Trajectory
        Its frames, those shared with its parent included.
    parent : Branch or None
        What it went off from.
    fork : int
        Index of the last step that it shares with its parent; -1 without a parent.
    is_draft : bool
        Whether it was made in passing, while somebody painted.
    judgement : Judgement or None
        Of the finished image.
    """

    run: int
    name: str
    request: Request
    trajectory: Trajectory = field(default_factory=Trajectory)
    parent: Branch | None = None
    fork: int = -1
    is_draft: bool = False
    judgement: Judgement | None = None

    @property
    def is_still_noise(self) -> bool:
        """Whether a draft has not come so far that its estimate is worth showing."""
        newest = self.trajectory.newest
        return self.is_draft and newest is not None and newest.timestep > WORTH_SHOWING


class Branches:
    """All branches of one run, in the order in which they were begun, one of them being looked at."""

    def __init__(self) -> None:
        self._all: dict[int, Branch] = {}
        self._current: Branch | None = None

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Branch]:
        return iter(self._all.values())

    @property
    def current(self) -> Branch | None:
        """The one looked at."""
        return self._current

    def get(self, run: int) -> Branch | None:
        """The branch with this number, if it is still here."""
        return self._all.get(run)

    def clear(self) -> None:
        """Forget all of them."""
        self._all.clear()
        self._current = None

    def begin(self, run: int, request: Request, *, is_draft: bool = False) -> Branch:
        """Begin anew; what was there is forgotten."""
        self.clear()
        return self._add(Branch(run, _name(0), request, is_draft=is_draft))

    def fork(self, run: int, request: Request) -> Branch:
        """Go off from the step looked at in the current branch, which there must be."""
        parent = self._current
        if parent is None or parent.trajectory.current is None:
            raise ValueError("there is no step to go off from")
        trajectory, fork = parent.trajectory.branch(), parent.trajectory.cursor
        # A branch from before its parent began is the grandparent's.
        while parent.parent is not None and fork <= parent.fork:
            parent = parent.parent
        return self._add(Branch(run, _name(len(self._all)), request, trajectory, parent, fork))

    def switch(self, run: int) -> Branch:
        """Look at another branch."""
        self._current = self._all[run]
        return self._current

    def _add(self, branch: Branch) -> Branch:
        self._all[branch.run] = self._current = branch
        for each in self:
            each.trajectory.fit(BUDGET // len(self))
        return branch


def _name(number: int) -> str:
    """A to Z, then A2 to Z2, and so on."""
    turn, letter = divmod(number, 26)
    return chr(ord("A") + letter) + (str(turn + 1) if turn else "")
