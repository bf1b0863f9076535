"""The tour: a window of its own in which stories play, so that the user's work is safe."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut

from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.parts.screens import screen_of
from segpaint.gui.tour.beats import Story, Tempo
from segpaint.gui.tour.narration_bar import NarrationBar
from segpaint.gui.tour.player import FAREWELL, Player
from segpaint.gui.tour.puppeteer import Puppeteer
from segpaint.gui.window.main_window import MainWindow

FRAME = 40
"""Height in pixels of the system's frame above a window."""
TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.Wheel, QEvent.Type.TouchBegin)


class Tour(QObject):
    """Plays stories in a window of its own.

    Parameters
    ----------
    window : MainWindow
        Not shown yet, with a studio and a folder for unsaved work of its own.
    farewell : str
        See `Player`.
    """

    ended = Signal()
    """The window has been closed, and the tour is over."""

    def __init__(
        self, window: MainWindow, stories: Sequence[Story], tempo: Tempo | None = None, farewell: str = FAREWELL
    ) -> None:
        super().__init__(window)
        self.window = window
        self.player = Player(stories, Puppeteer(window), window.studio.runs, tempo or Tempo(), self, farewell)
        self.bar = NarrationBar(self.player)
        window.setWindowTitle("SegPaint: tour")
        window.centre.addWidget(self.bar)
        window.statusBar().hide()  # makes room for the bar
        window.keys.set_keymap(Keymap().change("stop", ()))  # here, Escape ends the tour
        window.commands["edit_keys"].setVisible(False)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), window, window.close)
        self.bar.end_wanted.connect(window.close)
        for action in window.commands.values():
            action.triggered.connect(self.player.wait)
        window.closing.connect(self._on_closing)

    def start(self) -> None:
        """Show the window and begin."""
        window = self.window
        # The panes get the same room as without the bar, if the screen is large enough.
        room = screen_of(window).availableSize() - QSize(0, FRAME)
        wanted = window.size() + QSize(0, self.bar.sizeHint().height())
        window.resize(wanted.boundedTo(room).expandedTo(window.minimumSize()))
        window.show()
        # All mouse events of the window's parts pass its handle first.
        window.windowHandle().installEventFilter(self)
        self.player.begin(0)

    def eventFilter(self, _handle: QObject, event: QEvent) -> bool:
        if event.type() in TOUCHES and not self._is_for_the_bar(event):
            self.player.wait()
        return False

    def _is_for_the_bar(self, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            return self.is_on_bar(event)
        return self.bar.isAncestorOf(self.window.focusWidget() or self.window)

    def is_on_bar(self, event: QMouseEvent) -> bool:
        """Return whether the pointer is over the bar."""
        return self.bar.rect().contains(self.bar.mapFrom(self.window, event.position().toPoint()))

    @Slot()
    def _on_closing(self) -> None:
        self.player.stop()
        self.ended.emit()
        self.window.deleteLater()
