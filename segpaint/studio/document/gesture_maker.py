"""Makes what gestures ask for: at once in a small mask, and beside the window in a large one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.amounts import Change
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.operations import Gesture
from segpaint.studio.base.background import Background

AT_ONCE = 512 * 512
"""Pixels of the largest mask that is changed on the window's thread, in which every gesture keeps to 50 ms."""


@dataclass(frozen=True)
class Asked:
    """A gesture as set. Two of one mask that are equal make the same.

    Attributes
    ----------
    label : int
    locked : collection of int
    amount : float
    way : object
        See `segpaint.core.masks.operations.Gesture.run`.
    before : ndarray of uint8, shape (height, width)
        The mask to change; never written to.
    title : str
        In the list of edits.
    change : Change
        The gesture in words.
    """

    gesture: Gesture
    label: int
    locked: Collection[int]
    amount: float
    way: object
    before: NDArray[np.uint8] = field(compare=False)
    table: LabelTable = field(compare=False)
    title: str = field(compare=False)
    change: Change = field(compare=False)

    def make(self) -> Made:
        """Change the label, on any thread."""
        anatomy = Anatomy(self.before, self.table, self.label, self.locked)
        values = self.gesture.run(anatomy, self.amount, self.way)
        is_same = np.array_equal(self.before, values)
        return Made(self, values, self.gesture.hindrance(anatomy, self.way) if is_same else "")


@dataclass(frozen=True, eq=False)
class Made:
    """What a gesture made.

    Attributes
    ----------
    values : ndarray of uint8, shape (height, width)
        The mask after it.
    hindrance : str
        What is missing from the label, if nothing changes; see `segpaint.core.masks.operations.Gesture`.
    """

    asked: Asked
    values: NDArray[np.uint8]
    hindrance: str


class GestureMaker(QObject):
    """Makes the gesture that was asked for last, and of those before only what is begun already."""

    made = Signal(object)
    """A `Made`: the newest, or one on the way to it, so that something moves while a slider does."""

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background
        self._wanted: Asked | None = None
        self._is_making = False

    @property
    def is_busy(self) -> bool:
        """Whether what was asked for last is not made yet."""
        return self._wanted is not None

    def ask(self, asked: Asked) -> None:
        """Make a gesture; `made` brings it, at once if the mask is small."""
        if asked.before.size <= AT_ONCE:
            self._wanted = None
            self.made.emit(asked.make())
            return
        if self._wanted != asked or self._wanted.before is not asked.before:
            self._wanted = asked
            self._begin()

    def forget(self) -> None:
        """Let nothing come of what was asked for."""
        self._wanted = None

    def _begin(self) -> None:
        if self._wanted is not None and not self._is_making:
            self._is_making = True
            self._background.start(self._wanted.make, self._take, self._fail, lane="shapes")

    def _take(self, made: Made) -> None:
        self._is_making = False
        wanted = self._wanted
        if made.asked is wanted:
            self._wanted = None
        if wanted is not None and made.asked.before is wanted.before:
            self.made.emit(made)
        self._begin()

    def _fail(self, error: Exception) -> None:
        self._is_making, self._wanted = False, None
        self._background.failed.emit(error)
