"""Live painting: each finished stroke starts a draft, and the newest mask wins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.requests.origins import WarmStart
from segpaint.core.requests.request import Request
from segpaint.core.runs.branches import Branch
from segpaint.core.runs.draft_pace import DraftPace
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.runs.session import Session

PAUSE = 150
"""Milliseconds without a movement that count as a pause in a stroke."""
WARM_PART = 0.5
"""Part of a run's steps that a warm start skips: its noise then covers texture, and leaves shapes."""


class Live(QObject):
    """Starts drafts of what is being painted, while it is on.

    A draft takes the place of the one before, which ends within a step, so no queue builds up however
    fast the hand is. All drafts have the seed that is set, so that only what was painted changes.

    Parameters
    ----------
    session : Session
    """

    changed = Signal()
    """It was turned on or off."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._document: Document | None = None
        self._heard = Connections()
        self._pace = DraftPace()
        self._anchor: NDArray[np.uint8] | None = None  # the last image made from noise, to start warm from
        self.is_on = False
        self.starts_warm = False
        """Whether a draft begins with the last image made from noise, so that what was not touched stays."""
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._on_pause)
        session.document_changed.connect(self._on_document)
        session.model_changed.connect(self._on_model)
        session.run_finished.connect(self._on_finished)
        session.closing.connect(self._let_go)

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        """Turn it on, with a draft of the mask as it stands, or off."""
        if on is not self.is_on:
            self.is_on = on
            self.changed.emit()
            self._draft()

    @Slot(bool)
    def set_warm(self, warm: bool) -> None:
        """Start drafts warm from now on, or from noise."""
        self.starts_warm = warm

    @Slot()
    def _draft(self) -> None:
        if self.is_on and self._session.is_ready:
            self._measure()
            request = self._request()
            if request is not None:
                self._session.begin_draft(request)

    def _request(self) -> Request | None:
        document, precision = self._document, self._session.precision
        if document is None or precision is None:
            return None
        steps = self._pace.steps(document.steps)
        request = document.request(precision, steps)
        if not self.starts_warm or self._anchor is None or request.origin is not None:
            return request
        all_steps = round(steps / (1 - WARM_PART))
        origin = WarmStart(image=self._anchor, step=all_steps - steps)
        return request.model_copy(update={"steps": all_steps, "origin": origin})

    def _measure(self) -> None:
        trajectory = self._session.trajectory
        if trajectory.seconds:
            self._pace.took(trajectory.seconds / trajectory.taken)

    # ---- from the document

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._let_go()
        self._document, self._anchor, self._pace = document, None, DraftPace()
        self._heard.renew(
            (document.mask_changed, self._on_mask),
            (document.undo_stack.indexChanged, self._on_edit),
            (document.labels_changed, self._on_edit),
            (document.settings_changed, self._draft),
            (document.reference_changed, self._draft),
        )

    @Slot()
    def _let_go(self) -> None:
        self._pause.stop()
        self._heard.end()
        self._document = None

    @Slot()
    def _on_mask(self) -> None:
        if self.is_on and self._document is not None and self._document.is_stroking:
            self._pause.start()

    @Slot()
    def _on_pause(self) -> None:
        """Draft an unfinished stroke, unless the last draft is still under way: the stroke's end will."""
        stroking = self._document is not None and self._document.is_stroking
        if stroking and self._pace.keeps_up and not self._session.state.is_active:
            self._on_edit()

    @Slot()
    def _on_edit(self) -> None:
        if self._session.request is None or self._session.is_outdated:
            self._draft()

    # ---- from the session

    @Slot()
    def _on_model(self) -> None:
        if self._session.is_ready and self._session.request is None:
            self._draft()

    @Slot(object)
    def _on_finished(self, branch: Branch) -> None:
        result = branch.trajectory.result
        # Not an image that was itself started warm: drafts would drift away, a little with each stroke.
        if result is not None and branch.request.origin is None:
            self._anchor = result.noisy
