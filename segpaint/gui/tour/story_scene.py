"""A story as a scene of the stage: it fills the screen, and keys of the stage alone reach it."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from segpaint.gui.stage.stage_window import command_of, letters
from segpaint.gui.tour.tour import Tour
from segpaint.gui.window.panels import ALONE
from segpaint.studio.view.stage import Stage

KEPT = (
    QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel, QEvent.Type.TouchBegin, QEvent.Type.TabletPress,
    QEvent.Type.DragEnter,
)  # fmt: skip
"""What does not reach the window, so that the story plays as it was prepared."""


class StoryScene(QObject):
    """Lets a tour fill the screen of the stage.

    Parameters
    ----------
    stage : Stage
        The user's.
    over : QWidget
        Its window, on the screen that is filled.
    """

    def __init__(self, tour: Tour, stage: Stage, over: QWidget) -> None:
        super().__init__(tour)
        self._tour, self._stage, self._over = tour, stage, over

    def start(self) -> None:
        """Show the window and begin."""
        window = self._tour.window
        window.menuBar().hide()
        window.studio.view.switches.set(ALONE, True)
        window.statusBar().hide()
        window.setGeometry(self._over.geometry())
        self._tour.bar.enlarge(letters(self._over.height()))
        window.showFullScreen()
        window.activateWindow()
        window.windowHandle().installEventFilter(self)
        self._tour.player.begin(0)

    def eventFilter(self, _handle: QObject, event: QEvent) -> bool:
        if event.type() not in KEPT:
            return False
        if isinstance(event, QMouseEvent):
            return not self._tour.is_on_bar(event)
        event.accept()  # else a shortcut would take the key
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            match command_of(event):
                case ("leave", _):
                    self._stage.set_on(False)
                case ("play", _):
                    self._tour.player.toggle()
                case ("scene", by):
                    self._stage.scene_wanted.emit(by)
        return True
