"""The history of results: each finished image is kept with its request."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.runs.branches import Branch
from segpaint.io.history_files import HistoryFolder
from segpaint.studio.base.background import Background
from segpaint.studio.runs.runs import Runs

LANE = "history"
"""A single lane, so that results arrive in the order in which they were made."""


class History(QObject):
    """Keeps the results of runs, and drafts on request.

    Parameters
    ----------
    folder : HistoryFolder
        The folder of the results.
    """

    added = Signal(Path)
    """A result is on the disk."""
    failed = Signal(object)
    """A `SegPaintError`: a result could not be written."""

    def __init__(self, runs: Runs, folder: HistoryFolder, background: Background) -> None:
        super().__init__()
        self._runs, self._background = runs, background
        self.folder = folder
        self._last = ""  # the request added last
        runs.run_finished.connect(self._on_finished)

    @Slot(object)
    def _on_finished(self, branch: Branch) -> None:
        if not branch.is_draft:
            self.add()

    def add(self) -> bool:
        """Keep the finished image looked at, even a draft; False if there is none, or it was kept already."""
        result, request = self._runs.trajectory.result, self._runs.request
        if result is None or request is None:
            return False
        described = request.model_dump_json()
        if described == self._last:
            return False
        self._last = described
        write = partial(self.folder.add, result.noisy, request)
        self._background.start(write, self.added.emit, self.failed.emit, lane=LANE)
        return True
