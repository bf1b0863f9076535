"""A note on the image that the mask beside it is no longer the one that it was made from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget
from superqt.utils import QSignalThrottler

from segpaint.gui.style.theme import SPACE
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.runs.session import Session

PAUSE = 100
"""Milliseconds from a change of the mask until it is compared with what the image was made from: a hand at work
changes it far more often than anybody reads."""


class OutdatedBadge(QLabel):
    """Lies in a corner of the image pane while it applies."""

    def __init__(self, session: Session, pane: QWidget) -> None:
        super().__init__("Made from an earlier mask", pane, objectName="badge")
        self._session = session
        self._heard = Connections()
        self._soon = QSignalThrottler(QSignalThrottler.EmissionPolicy.Trailing, self)
        self._soon.setTimeout(PAUSE)
        self._soon.triggered.connect(self._show)
        self.setToolTip("The mask or the labels in use have changed since this run was started")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.move(SPACE, SPACE)
        self.hide()
        session.document_changed.connect(self._on_document)
        session.frame_changed.connect(self._show)
        session.state_changed.connect(self._show)

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._heard.renew((document.mask_changed, self._soon.throttle), (document.labels_changed, self._show))
        self._show()

    @Slot()
    def _show(self) -> None:
        session = self._session
        self.setVisible(session.trajectory.current is not None and session.is_outdated)
