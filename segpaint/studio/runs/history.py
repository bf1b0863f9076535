"""The history of results: each finished image is kept, with its request, as it comes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Request
from segpaint.core.runs.branches import Branch
from segpaint.io.history_files import HistoryFolder
from segpaint.studio.runs.session import Session


class History(QObject):
    """Keeps what the session's runs end in. Drafts are kept only when they are asked for.

    Parameters
    ----------
    session : Session
    folder : Path
        Where the results lie.
    """

    added = Signal(Path)
    """A result is on the disk."""
    failed = Signal(object)
    """A `SegPaintError`: one could not be written."""

    def __init__(self, session: Session, folder: Path) -> None:
        super().__init__(session)
        self._session = session
        self.folder = HistoryFolder(folder)
        self._kept: str | None = None  # the request kept last
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)  # so that they come in the order in which they were made
        session.run_finished.connect(self._on_finished)
        session.closing.connect(self._finish)

    @Slot(object)
    def _on_finished(self, branch: Branch) -> None:
        if not branch.is_draft:
            self.add()

    @Slot()
    def _finish(self) -> None:
        self._pool.waitForDone()

    @Slot()
    def add(self) -> bool:
        """Keep the finished image looked at, be it a draft; False if there is none, or it was kept just now."""
        result, request = self._session.trajectory.result, self._session.request
        if result is None or request is None:
            return False
        described = request.model_dump_json()
        if described == self._kept:
            return False
        self._kept = described
        self._pool.start(_Keeping(self, result.noisy, request))
        return True


class _Keeping(QRunnable):
    """Off the window's thread, since a disk may take its time."""

    def __init__(self, history: History, pixels: NDArray[np.uint8], request: Request) -> None:
        super().__init__()
        self._history, self._pixels, self._request = history, pixels, request

    def run(self) -> None:
        try:
            path = self._history.folder.add(self._pixels, self._request)
        except SegPaintError as error:
            self._history.failed.emit(error)
        else:
            self._history.added.emit(path)
