"""A run and its branches, which begin where the user goes back and changes the request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Request
from segpaint.core.runs.draft_pace import WORTH_SHOWING
from segpaint.core.runs.trajectory import BUDGET, Frame, Trajectory


@dataclass
class Branch:
    """One way through the denoising steps.

    Attributes
    ----------
    run : int
        Number, unique among branches and runs of a session.
    name : str
        Shown to the user.
    request : Request
        Repeats the branch from the first step on.
    trajectory : Trajectory
        All frames, including those shared with the parent.
    parent : Branch or None
        The branch where this one begins.
    fork : int
        Index of the last step shared with the parent; -1 without a parent.
    is_draft : bool
        Whether it is a preview made during painting.
    source : str
        Where the finished image comes from, such as "the history"; empty if it was made here.
    found : ndarray of uint8, shape (height, width), or None
        The mask that was found in the image and goes with it, if not the request's.
    judgement : Judgement or None
        Judgement of the finished image.
    """

    run: int
    name: str
    request: Request
    trajectory: Trajectory = field(default_factory=Trajectory)
    parent: Branch | None = None
    fork: int = -1
    is_draft: bool = False
    source: str = ""
    found: NDArray[np.uint8] | None = None
    judgement: Judgement | None = None

    @property
    def is_still_noise(self) -> bool:
        """Whether it is a draft too noisy to show."""
        newest = self.trajectory.newest
        is_noisy = newest is not None and newest.timestep > WORTH_SHOWING and not newest.is_last
        return self.is_draft and is_noisy


class Branches:
    """All branches of one run, in order of their start, one of which is shown."""

    def __init__(self) -> None:
        self._all: dict[int, Branch] = {}
        self._current: Branch | None = None
        self._no_frames = Trajectory()

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Branch]:
        return iter(self._all.values())

    @property
    def current(self) -> Branch | None:
        """The branch shown."""
        return self._current

    @property
    def trajectory(self) -> Trajectory:
        """The frames of the branch shown; empty if there is none."""
        return self._current.trajectory if self._current is not None else self._no_frames

    def get(self, run: int) -> Branch | None:
        """Get the branch with this number, if it is kept."""
        return self._all.get(run)

    def clear(self) -> None:
        """Remove all branches."""
        self._all.clear()
        self._current = None

    def let_go(self) -> Branches:
        """Remove all branches, and return them together."""
        others = Branches()
        others.take(self)
        self.clear()
        return others

    def take(self, others: Branches) -> None:
        """Show the branches of another run instead."""
        self._all, self._current = dict(others._all), others.current

    def begin(self, run: int, request: Request, *, is_draft: bool = False, source: str = "") -> Branch:
        """Begin a new run; earlier branches are removed."""
        self.clear()
        return self._add(Branch(run, _name(0), request, is_draft=is_draft, source=source))

    def begin_finished(
        self,
        run: int,
        request: Request,
        pixels: NDArray[np.uint8],
        source: str,
        found: NDArray[np.uint8] | None,
    ) -> None:
        """Begin with an image that was finished elsewhere; see `Branch`."""
        branch = self.begin(run, request, source=source)
        branch.found = found
        branch.trajectory.extend((Frame(run, request.steps - 1, request.steps, 0, pixels, pixels, 0.0),))

    def fork(self, run: int, request: Request) -> Branch:
        """Begin a branch at the step shown; ValueError if there is none."""
        parent = self._current
        if parent is None or parent.trajectory.current is None:
            raise ValueError("there is no step to go off from")
        trajectory, fork = parent.trajectory.branch(), parent.trajectory.cursor
        # A branch from a step shared with the grandparent belongs to that.
        while parent.parent is not None and fork <= parent.fork:
            parent = parent.parent
        return self._add(Branch(run, _name(len(self._all)), request, trajectory, parent, fork))

    def switch(self, run: int) -> Branch:
        """Show another branch."""
        self._current = self._all[run]
        return self._current

    def _add(self, branch: Branch) -> Branch:
        self._all[branch.run] = self._current = branch
        for each in self:
            each.trajectory.fit(BUDGET // len(self))
        return branch


def _name(number: int) -> str:
    """Name a branch A to Z, then A2 to Z2, and so on."""
    turn, letter = divmod(number, 26)
    return chr(ord("A") + letter) + (str(turn + 1) if turn else "")
