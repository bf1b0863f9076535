"""The list of edits, for going back to any of them."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QToolButton, QUndoView

from segpaint.gui.parts.layouts import in_row
from segpaint.gui.parts.pane_heading import HEADING
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.studio import Studio

SWITCH = "history_list"


class UndoList(QDockWidget):
    """Lists the edits of the mask; a click goes back to one. Hidden until it is needed."""

    def __init__(self, studio: Studio, window: QMainWindow) -> None:
        super().__init__("Edits", window, objectName="edits")
        self._studio, self._switches = studio, studio.view.switches
        self.view = QUndoView(emptyLabel="As it was opened")
        self.view.setAccessibleName("Edits of the mask")
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setSpacing(SPACE // 4)
        self.setWidget(self.view)
        self.setTitleBarWidget(self._heading())
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self)
        self.hide()
        self._switches.changed.connect(self._on_switch)
        self.visibilityChanged.connect(self._on_visible)
        studio.opened.switched.connect(self._follow)
        studio.closing.connect(self._let_go)
        self._on_switch(SWITCH)
        self._follow()

    def _heading(self) -> QFrame:
        """Make a heading as above the panes; Qt's own has buttons that are invisible in a dark theme."""
        close = QToolButton(icon=icon(MDI7.close), toolTip="Hide the list", iconSize=QSize(18, 18))
        close.clicked.connect(self.hide)
        bar = QFrame(objectName="bar")
        bar.setFixedHeight(HEADING)
        title = PlainLabel("Edits", objectName="heading")
        in_row(title, close, of=bar, stretched=title, margins=(SPACE, SPACE // 2, SPACE // 2, SPACE // 2))
        return bar

    @Slot(str)
    def _on_switch(self, key: str) -> None:
        if key == SWITCH:
            self.setVisible(self._switches.is_on(SWITCH))

    @Slot()
    def _on_visible(self) -> None:
        self._switches.set(SWITCH, not self.isHidden())  # a minimized window's list is not hidden

    @Slot()
    def _follow(self) -> None:
        self.view.setStack(self._studio.document.strokes.stack)

    @Slot()
    def _let_go(self) -> None:
        self.view.setStack(None)  # type: ignore[arg-type]  # the stubs omit that it may be null
