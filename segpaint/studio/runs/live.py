"""Live painting: each finished stroke starts a draft, and the newest mask wins."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.runs.draft_pace import DraftPace
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.runs import Runs

PAUSE = 150
"""Milliseconds without a movement that count as a pause in a stroke."""


class Live(QObject):
    """Starts drafts during painting, while it is on.

    A draft replaces the one before, which ends within a step, so no queue builds up however fast the user
    paints. All drafts have the same seed, and revise the image before, so that only painted changes show.
    """

    changed = Signal()
    """It was turned on or off."""

    def __init__(self, opened: OpenDocument, runs: Runs) -> None:
        super().__init__()
        self._opened, self._runs = opened, runs
        self._pace = DraftPace()
        self.is_on = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._on_pause)
        opened.switched.connect(self._on_document)
        opened.mask_changed.connect(self._on_mask)
        for edit in (opened.edited, opened.labels_changed):
            edit.connect(self._on_edit)
        for setting in (opened.settings_changed, opened.reference_changed):
            setting.connect(self._draft)
        runs.model_changed.connect(self._on_model)
        runs.revising.changed.connect(self._draft)

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        """Turn it on, with a draft of the current mask, or off."""
        if on is not self.is_on:
            self.is_on = on
            self.changed.emit()
            self._draft()

    @Slot()
    def _draft(self) -> None:
        precision = self._runs.precision
        if self.is_on and precision is not None:
            self._measure()
            document = self._opened.document
            choose = self._pace.long_steps if document.drafts_in_few_steps else self._pace.steps
            most = choose(document.steps)
            self._runs.begin_draft(self._runs.revising.draft(precision, most))

    def _measure(self) -> None:
        trajectory = self._runs.trajectory
        if trajectory.seconds:
            self._pace.took(trajectory.seconds / trajectory.taken)

    # ---- from the document

    @Slot()
    def _on_document(self) -> None:
        self._pause.stop()
        self._pace = DraftPace()

    @Slot()
    def _on_mask(self) -> None:
        if self.is_on and self._opened.document.strokes.is_under_way:
            self._pause.start()

    @Slot()
    def _on_pause(self) -> None:
        """Draft an unfinished stroke, unless a draft is running; the stroke's end will start one anyway."""
        stroking = self._opened.document.strokes.is_under_way
        if stroking and self._pace.keeps_up and not self._runs.state.is_active:
            self._on_edit()

    @Slot()
    def _on_edit(self) -> None:
        if self._runs.request is None or self._runs.is_outdated:
            self._draft()

    # ---- from the runs

    @Slot()
    def _on_model(self) -> None:
        if self._runs.is_ready and self._runs.request is None:
            self._draft()
