"""The studio: all state of the program, without a window."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.diffusion.libraries import load_libraries
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.slow_imports import import_slow
from segpaint.io.history_files import HistoryFolder
from segpaint.studio.base.background import Background
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.base.workplace import Workplace
from segpaint.studio.document.anatomy import AnatomyDesk
from segpaint.studio.document.autosave import Autosave
from segpaint.studio.document.document import Document
from segpaint.studio.document.documents import Documents
from segpaint.studio.document.label_colors import LabelColors
from segpaint.studio.document.label_watch import LabelWatch
from segpaint.studio.document.mapping_memory import MappingMemory
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.recent import RecentFiles
from segpaint.studio.making.set_production import Production
from segpaint.studio.projects.project_desk import ProjectDesk
from segpaint.studio.runs.ahead import Ahead
from segpaint.studio.runs.compiling import Compiling
from segpaint.studio.runs.found_labels import FoundLabels
from segpaint.studio.runs.history import History
from segpaint.studio.runs.jobs import Jobs
from segpaint.studio.runs.judging import Judging
from segpaint.studio.runs.live import Live
from segpaint.studio.runs.made_up import MadeUp
from segpaint.studio.runs.provenance import Provenance
from segpaint.studio.runs.reference_desk import ReferenceDesk
from segpaint.studio.runs.runs import Runs
from segpaint.studio.runs.taken_up import TakenUp
from segpaint.studio.runs.worker_thread import WorkerThread
from segpaint.studio.scans.edited_sight import EditedSight
from segpaint.studio.scans.frame_finder import FrameFinder
from segpaint.studio.scans.kept_masks import KeptMasks
from segpaint.studio.scans.kept_results import KeptResults
from segpaint.studio.scans.runs_aside import RunsAside
from segpaint.studio.scans.scale import Scale
from segpaint.studio.scans.scan_desk import ScanDesk
from segpaint.studio.scans.slice_masks import SliceMasks
from segpaint.studio.scans.slice_runs import SliceRuns
from segpaint.studio.scans.sphere import Sphere
from segpaint.studio.scans.strays import Strays
from segpaint.studio.view.view import View

if TYPE_CHECKING:
    from segpaint.studio.making.choosing import Choosing
    from segpaint.studio.making.film_writer import FilmWriter


class Studio(QObject):
    """Everything that a window shows and steers. Lives on the window's thread.

    Parameters
    ----------
    checkpoint : Checkpoint
        The one to open first.
    work : Path
        Folder for unsaved work, the history and the preferences.
    device : str
        See `segpaint.core.diffusion.device.pick_device`.
    folders : sequence of Path
        The checkpoints to offer.
    """

    changed = Signal()
    """A state changed on which commands depend."""
    closing = Signal()

    def __init__(
        self, checkpoint: Checkpoint, work: Path, device: str = "auto", folders: Sequence[Path] = ()
    ) -> None:
        super().__init__()
        self.device, self.folders = device, list(folders)
        self.workplace = Workplace(work)
        work = self.workplace.folder
        self.preferences = Preferences(self.workplace.home / "preferences.ini")
        self.background = Background(self)
        self.autosave = Autosave(work, self.background)
        history = HistoryFolder(work / "history")
        with self.workplace.left_behind() as others:
            for other in others:
                with suppress(SegPaintError):  # what cannot be taken over stays there
                    history.adopt(other / "history")
                self.autosave.adopt(other)
                KeptMasks.adopt(other, work)
                KeptResults.adopt(other, work)
        self._problems = [self.preferences.put_aside(), history.problem]
        self.documents = Documents(self.autosave)
        self.opened = OpenDocument(self.documents.find(checkpoint))
        self.autosave.follow(self.opened)
        self._kept = KeptMasks(self.opened, self.background, work)
        self._kept.failed.connect(self.background.failed)
        self._worker = WorkerThread(device)
        numbers = itertools.count(1)
        self.runs = Runs(self.opened, self._worker, numbers)
        self.jobs = Jobs(self._worker, numbers)
        self.compiling = Compiling(self.opened, self.runs, self._worker)
        self.taken_up = TakenUp(self.opened, self.runs)
        self.made_up = MadeUp(
            self.opened, self.runs, self.jobs, self.taken_up, self._worker, self.background
        )  # fmt: skip
        self.reference = ReferenceDesk(self.opened, self._worker)
        self.found = FoundLabels(self.opened, self.runs, self._worker)
        self.provenance = Provenance(self.opened, self.runs)
        self.judging = Judging(self.runs, self._worker)
        self.live = Live(self.opened, self.runs)
        self._ahead = Ahead(self.opened, self.runs, self._worker)
        self.history = History(self.runs, history, self.background)
        self.aside = RunsAside(self.runs, self.jobs, self._worker)
        self.aside.finished.connect(self.history.add_aside)
        self.scans = ScanDesk(
            self.opened, self.runs, self.background, self.preferences, self._kept, self.aside
        )  # fmt: skip
        self.scale = Scale(self.scans)
        self._kept_results = KeptResults(
            self.opened, self.runs, self.aside, self.scans, self.background, work
        )  # fmt: skip
        self._kept_results.failed.connect(self.background.failed)
        self.edited = EditedSight(self.opened, self.scans, self._kept_results, self.background)
        self.frames = FrameFinder(self.opened, self.runs, self.scans, self._worker, self.background)
        self.slice_masks = SliceMasks(self.opened, self.scans, self._worker, self.background)
        self.slice_runs = SliceRuns(
            self.opened, self.runs, self.jobs, self.scans, self._kept_results, self.background
        )  # fmt: skip
        self.strays = Strays(self.opened, self.background)
        for finder in (self.reference, self.slice_masks):
            finder.labels_found.connect(self.strays.look)
        self.sphere = Sphere(self.opened, self.scans)
        self.view = View(self.opened, self.runs)
        self.history.leaves_out = self.view.stage.is_own
        self.projects = ProjectDesk(
            self.opened, self.runs, self.scans, self.history, self.view, self.background
        )
        self.anatomy = AnatomyDesk(self.opened, self.background, self.preferences)
        self.colors = LabelColors(self.opened, self.preferences)
        self.watch = LabelWatch(self.opened, self.background)
        self.mappings = MappingMemory(self.preferences)
        self.recent = RecentFiles(self.preferences)
        self.paired = Production(self.runs, self.jobs, self.background)
        self.sweeps = Production(self.runs, self.jobs, self.background, "sweep")
        self.opened.switching.connect(self._offer)
        self._offer(self.document)
        self.runs.model_changed.connect(self._recognise)
        self._connect()

    @property
    def document(self) -> Document:
        """The open document."""
        return self.opened.document

    @cached_property
    def choosing(self) -> Choosing:
        """Chooses pairs by eye."""
        from segpaint.studio.making.choosing import Choosing

        choosing = Choosing(self.runs, self.jobs, self.background)
        self.closing.connect(choosing.end)
        return choosing

    @cached_property
    def films(self) -> FilmWriter:
        """Writes films."""
        from segpaint.studio.making.film_writer import FilmWriter

        films = FilmWriter(self.background)
        self.closing.connect(films.close)
        return films

    def take_problems(self) -> list[str]:
        """Return sentences on own files that could not be read, once."""
        problems, self._problems = [problem for problem in self._problems if problem], []
        return problems

    def open_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Open a checkpoint with what was last painted for it, or with its first example."""
        self.opened.switch(self.documents.find(checkpoint))

    def open_document(self, document: Document) -> None:
        """Open a separate document."""
        self.documents.put(document)
        self.opened.switch(document)

    @Slot()
    def start(self) -> None:
        """Start the worker and slow imports; earlier messages wait until then.

        Call it once the window is on the screen, since the worker imports torch, which takes seconds.
        If the window was closed before, nothing starts.
        """
        self.background.start(load_libraries, self._go_on, self._go_on, lane="imports")
        self.background.start(import_slow, lane="imports")

    def _go_on(self, _: object) -> None:
        """Start what imports more, now that no library is being loaded; imports report what could not be."""
        self._worker.begin()
        self.watch.begin()

    @Slot()
    def close(self) -> None:
        """Save pending changes, and end all threads."""
        self.closing.emit()
        self.compiling.close()
        self.frames.give_up()
        self.watch.close()
        self.paired.close()
        self.sweeps.close()
        self.projects.close()
        self.autosave.close()
        self._kept.close()
        self._kept_results.close()
        self.opened.close()
        self._worker.end()
        self.background.close()
        self.preferences.flush()  # else Qt writes them later, even into a folder that was removed meanwhile
        self.workplace.close()

    @Slot(object)
    def _offer(self, document: Document) -> None:
        """Offer the checkpoint of a document from now on, wherever it lies."""
        if document.checkpoint.folder not in self.folders:
            self.folders.append(document.checkpoint.folder)

    @Slot()
    def _recognise(self) -> None:
        """Look for what was painted for the model in another folder, once its fingerprint is known."""
        if self.runs.is_ready:
            self.autosave.recognise(self.document.checkpoint)

    def _connect(self) -> None:
        view, runs, opened = self.view, self.runs, self.opened
        self.made_up.made.connect(self.history.add)
        for signal in (
            opened.switched, opened.edited, opened.reference_changed,
            runs.model_changed, runs.state_changed, runs.frame_changed, runs.branches_changed,
            self.scans.changed, self.scans.moved, self.scans.slice_changed, self.scans.frame_changed,
            self.projects.changed, self.scale.changed, self._kept_results.changed, self.made_up.changed,
            self.slice_masks.changed, self.slice_runs.changed, self.frames.changed,
            self.aside.changed, self.edited.changed,
            self.live.changed, self.compiling.changed, runs.revising.changed, self.judging.switched,
            view.overlay.changed, view.windowing.changed,
            view.tools.changed, view.coverage.changed, view.switches.changed, view.comparison.changed,
        ):  # fmt: skip
            signal.connect(self.changed)
