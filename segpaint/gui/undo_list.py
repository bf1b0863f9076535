"""The list of edits, to go back to any of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QUndoView

from segpaint.session.document import Document
from segpaint.session.session import Session


class UndoList(QDockWidget):
    """Lists what was done to the mask; a click goes there. Hidden until it is wanted.

    Parameters
    ----------
    session : Session
    window : QMainWindow
        In which it docks.
    action : QAction
        Shows and hides it.
    """

    def __init__(self, session: Session, window: QMainWindow, action: QAction) -> None:
        super().__init__("Edits", window, objectName="edits")
        self.view = QUndoView(emptyLabel="As it was opened")
        self.view.setAccessibleName("Edits of the mask")
        self.setWidget(self.view)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self)
        self.hide()
        action.toggled.connect(self.setVisible)
        self.visibilityChanged.connect(action.setChecked)
        session.document_changed.connect(self._on_document)
        session.closing.connect(self._let_go)

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self.view.setStack(document.undo_stack)

    @Slot()
    def _let_go(self) -> None:
        self.view.setStack(None)
