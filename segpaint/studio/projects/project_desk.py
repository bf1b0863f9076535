"""The open project: saved on request, and from then on soon after each change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.studio.base.background import Background
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.history import History
from segpaint.studio.runs.runs import Runs
from segpaint.studio.scans.scan import Scan
from segpaint.studio.scans.scan_desk import ScanDesk
from segpaint.studio.view.view import View

if TYPE_CHECKING:
    from segpaint.studio.projects.packing import Packed

DELAY = 3000
"""Milliseconds between a change and saving; `Autosave` keeps what is painted meanwhile."""
LANE = "project"
Stamp = tuple[int, int] | None
"""Time and size of a file: nobody else has changed it while they are the same. None if there is none."""


class ProjectDesk(QObject):
    """Saves the open document as a project.

    A project belongs to one model and to one scan; with another one it is closed.

    Attributes
    ----------
    path : Path or None
        The project's file; None if no project is open.
    problem : Exception or None
        Why the last state could not be saved; None once it is.
    """

    changed = Signal()
    """A project was opened or closed."""
    saved = Signal()
    failed = Signal(object)
    """A `SegPaintError`."""

    def __init__(
        self,
        opened: OpenDocument,
        runs: Runs,
        scans: ScanDesk,
        history: History,
        view: View,
        background: Background,
    ) -> None:
        super().__init__()
        self._opened, self._runs, self._scans = opened, runs, scans
        self._view, self._background = view, background
        self.path: Path | None = None
        self.problem: Exception | None = None
        self._copies = False
        self._stamp: Stamp = None
        self._scan: Scan | None = None  # that of the project
        self._place = scans.place  # the slice of it that was looked at last
        self._results: list[Path] = []  # made for the open document
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._on_time)
        for change in (
            opened.edited, opened.labels_changed, opened.settings_changed, opened.reference_changed,
            opened.pages_changed, scans.frame_changed,
        ):  # fmt: skip
            change.connect(self._on_change)
        history.added.connect(self._on_result)
        scans.leaving.connect(self.flush)
        scans.changed.connect(self._on_scan)
        scans.slice_changed.connect(self._on_move)
        opened.switching.connect(self.flush)
        opened.switched.connect(self._on_document)

    @property
    def copies_reference(self) -> bool:
        """Whether the project holds the patient's image that it was made from."""
        return self._copies

    def save(self, path: Path, *, copies_reference: bool, then: Callable[[], object] = lambda: None) -> None:
        """Save the document as a project, which is open from then on.

        Parameters
        ----------
        then : callable
            Is called once it is saved.
        """
        self._attach(path, copies_reference=copies_reference)
        self._write(then)

    def take(self, path: Path, results: list[Path], *, copies_reference: bool) -> None:
        """Go on with a project that was opened, and shown.

        Parameters
        ----------
        results : list of Path
            Its results, in the history.
        """
        self._results = results
        self._attach(path, copies_reference=copies_reference)

    def _attach(self, path: Path, *, copies_reference: bool) -> None:
        self.flush()
        self.path, self._copies = path, copies_reference
        self._scan, self._place = self._scans.scan, self._scans.place
        self._stamp = _stamp(path)  # whatever is there may be replaced
        self.problem = None
        self.changed.emit()

    def close(self) -> None:
        """Save pending changes, and keep the project no longer."""
        self.flush()
        self._timer.stop()
        if self.path is not None:
            self.path = self._scan = self.problem = None
            self.changed.emit()

    @Slot()
    def flush(self) -> None:
        """Write pending changes now, and wait until they are written."""
        if self._timer.isActive():
            self._write()
        self._background.flush(LANE)

    def retry(self) -> None:
        """Write the current state again, and wait until it is written."""
        self._write()
        self._background.flush(LANE)

    # ---- changes

    @Slot()
    def _on_change(self) -> None:
        if self.path is not None and not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _on_time(self) -> None:
        self._write()

    @Slot(Path)
    def _on_result(self, path: Path) -> None:
        self._results.append(path)
        self._on_change()

    @Slot()
    def _on_scan(self) -> None:
        if self.path is not None and self._scans.scan is not self._scan:
            self._timer.stop()  # neither mask nor reference of the project is the one shown any more
            self.close()

    @Slot()
    def _on_move(self) -> None:
        if self._scans.scan is self._scan:
            self._place = self._scans.place

    @Slot()
    def _on_document(self) -> None:
        self._results = []
        self.close()

    # ---- saving

    def _packed(self) -> Packed:
        from segpaint.studio.projects.packing import pack
        from segpaint.studio.projects.project import KeptView

        runs, overlay, viewpoint = self._runs, self._view.overlay, self._view.viewpoint
        view = KeptView(
            centre=None if viewpoint.is_fitted else viewpoint.centre.toTuple(), zoom=viewpoint.zoom,
            opacity=overlay.opacity, is_outlined=overlay.is_outlined,
        )  # fmt: skip
        result, branch = runs.trajectory.result, runs.branches.current
        shown = None
        if result is not None and branch is not None and not branch.is_draft:
            shown = None, branch.request, result.noisy
        return pack(self._opened.document, view, self._scan, self._place, shown, self._results)

    def _write(self, then: Callable[[], object] = lambda: None) -> None:
        self._timer.stop()
        path = self.path
        if path is None:
            return
        write = partial(self._replace, path, self._packed(), copies_reference=self._copies)
        done, failed = partial(self._on_written, path, then), partial(self._on_failed, path)
        self._background.start(write, done, failed, lane=LANE)

    def _replace(self, path: Path, packed: Packed, *, copies_reference: bool) -> None:
        """Write the file, on another thread, unless it is another one by now."""
        from segpaint.studio.projects.packing import write_packed

        if _stamp(path) != self._stamp:
            raise SegPaintError(
                f"{path} was changed by another program meanwhile, so it is not replaced. Save this work as a "
                "project of another name."
            )
        write_packed(path, packed, copies_reference=copies_reference)
        self._stamp = _stamp(path)

    def _on_written(self, path: Path, then: Callable[[], object], _nothing: None) -> None:
        if path == self.path:
            self.problem = None
            then()
            self.saved.emit()

    def _on_failed(self, path: Path, error: Exception) -> None:
        if path == self.path:
            self.problem = error
            self.failed.emit(error)


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
