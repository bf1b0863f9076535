"""The list of edits, to go back to any of them."""

from __future__ import annotations

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QMainWindow, QToolButton, QUndoView

from segpaint.gui.parts.pane_heading import HEADING
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.document.document import Document
from segpaint.studio.runs.session import Session


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
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setSpacing(SPACE // 4)
        self.setWidget(self.view)
        self.setTitleBarWidget(self._heading())
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self)
        self.hide()
        self._action = action
        action.toggled.connect(self.setVisible)
        self.visibilityChanged.connect(self._on_visible)
        session.document_changed.connect(self._on_document)
        session.closing.connect(self._let_go)

    def _heading(self) -> QFrame:
        """As above the panes; Qt's own has buttons that a dark theme swallows."""
        close = QToolButton(icon=icon(MDI7.close), toolTip="Hide the list", iconSize=QSize(18, 18))
        close.clicked.connect(self.hide)
        bar = QFrame(objectName="bar")
        bar.setFixedHeight(HEADING)
        inside = QHBoxLayout(bar)
        inside.setContentsMargins(SPACE, SPACE // 2, SPACE // 2, SPACE // 2)
        inside.addWidget(QLabel("Edits", objectName="heading"), 1)
        inside.addWidget(close)
        return bar

    @Slot()
    def _on_visible(self) -> None:
        self._action.setChecked(not self.isHidden())  # a minimized window's list is not seen, and not put away

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self.view.setStack(document.undo_stack)

    @Slot()
    def _let_go(self) -> None:
        self.view.setStack(None)
