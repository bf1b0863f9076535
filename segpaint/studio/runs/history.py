"""The history of results: each finished image is kept with its request."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Request
from segpaint.core.runs.branches import Branch
from segpaint.io.history_files import HistoryFolder, read_pixels
from segpaint.io.results import read_request
from segpaint.studio.base.background import Background
from segpaint.studio.runs.runs import Runs

LANE = "history"
"""A single lane, so that results arrive in the order in which they were made."""


@dataclass(frozen=True, eq=False)
class Kept:
    """A result in the history."""

    path: Path
    is_new: bool
    request: Request
    pixels: NDArray[np.uint8]


class History(QObject):
    """Keeps the results of runs, and drafts on request.

    Parameters
    ----------
    folder : HistoryFolder
        The folder of the results.

    Attributes
    ----------
    leaves_out : callable
        Whether a finished run is not kept by itself, as on the stage.
    """

    added = Signal(Path)
    """A result is on the disk."""
    failed = Signal(object)
    """A `SegPaintError`: a result could not be written."""

    def __init__(self, runs: Runs, folder: HistoryFolder, background: Background) -> None:
        super().__init__()
        self._runs, self._background = runs, background
        self.folder = folder
        self.leaves_out: Callable[[Branch], bool] = lambda _branch: False
        self._last = ""  # the request added last
        runs.run_finished.connect(self._on_finished)

    @Slot(object)
    def _on_finished(self, branch: Branch) -> None:
        if not branch.is_draft and not self.leaves_out(branch):
            self.add()

    def take_in(
        self,
        files: Mapping[str, bytes],
        references: Mapping[str, bytes],
        then: Callable[[dict[str, Kept]], object],
    ) -> None:
        """Keep the results of a project; those that the history has already are not kept twice.

        Parameters
        ----------
        files, references : mapping of str to bytes
            Results, and what they were made from, by name.
        then : callable
            Gets what is in the history now, by the same names; what is no result is left out.
        """
        take = partial(_take_in, self.folder, files, references)
        self._background.start(take, partial(self._on_taken, then), self.failed.emit, lane=LANE)

    def _on_taken(self, then: Callable[[dict[str, Kept]], object], kept: dict[str, Kept]) -> None:
        for one in kept.values():
            if one.is_new:
                self.added.emit(one.path)
        then(kept)

    def add(self) -> bool:
        """Keep the finished image looked at, even a draft; False if there is none, or it was kept already."""
        result, request = self._runs.trajectory.result, self._runs.request
        return result is not None and request is not None and self._keep(request, result.noisy)

    @Slot(object, object, object, object)
    def add_aside(self, _page: object, _frame: object, request: Request, pixels: NDArray[np.uint8]) -> None:
        """Keep the image of a slice that was not shown while it was made."""
        self._keep(request, pixels)

    def _keep(self, request: Request, pixels: NDArray[np.uint8]) -> bool:
        described = request.model_dump_json()
        if described == self._last:
            return False
        self._last = described
        write = partial(self.folder.add, pixels, request)
        self._background.start(write, self.added.emit, self.failed.emit, lane=LANE)
        return True


def _take_in(
    folder: HistoryFolder, files: Mapping[str, bytes], references: Mapping[str, bytes]
) -> dict[str, Kept]:
    kept = {}
    for name in sorted(files):  # by their times
        with suppress(SegPaintError):  # a damaged one costs no other
            path, is_new = folder.take_in(name, files[name], references.get(name))
            kept[name] = Kept(path, is_new, read_request(path), read_pixels(path))
    return kept
