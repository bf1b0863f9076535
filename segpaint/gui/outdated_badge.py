"""A note on the image that the mask beside it is no longer the one that it was made from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from segpaint.gui.theme import SPACE
from segpaint.session.connections import Connections
from segpaint.session.document import Document
from segpaint.session.session import Session


class OutdatedBadge(QLabel):
    """Lies in a corner of the image pane while it applies."""

    def __init__(self, session: Session, pane: QWidget) -> None:
        super().__init__("Made from an earlier mask", pane, objectName="badge")
        self._session = session
        self._heard = Connections()
        self.setToolTip("The mask or the labels in use have changed since this run was started")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.move(SPACE, SPACE)
        self.hide()
        session.document_changed.connect(self._on_document)
        session.frame_changed.connect(self._show)
        session.state_changed.connect(self._show)

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._heard.renew((document.mask_changed, self._show), (document.labels_changed, self._show))
        self._show()

    @Slot()
    def _show(self) -> None:
        session = self._session
        self.setVisible(session.trajectory.current is not None and session.is_outdated)
