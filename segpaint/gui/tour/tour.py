"""The tour: a window of its own in which stories play, so that the user's work cannot be touched."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut

from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.tour.beats import Story, Tempo
from segpaint.gui.tour.narration_bar import NarrationBar
from segpaint.gui.tour.player import Player
from segpaint.gui.tour.puppeteer import Puppeteer
from segpaint.gui.window.main_window import MainWindow

FRAME = 40
"""Pixels that the system draws above a window."""
TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.Wheel, QEvent.Type.TouchBegin)


class Tour(QObject):
    """Plays stories in a window, which it takes over.

    Parameters
    ----------
    window : MainWindow
        Not shown yet, with a session and an autosave folder of its own.
    stories : sequence of Story
    tempo : Tempo
    """

    ended = Signal()
    """The window has been closed; nothing of the tour goes on."""

    def __init__(self, window: MainWindow, stories: Sequence[Story], tempo: Tempo) -> None:
        super().__init__(window)
        self.window = window
        self.player = Player(stories, Puppeteer(window), window.session, tempo, self)
        self.bar = NarrationBar(self.player)
        window.setWindowTitle("SegPaint: tour")
        window.centralWidget().layout().addWidget(self.bar)
        window.statusBar().hide()  # the bar needs its room
        window.keys.set_keymap(Keymap().change("stop", ()))  # here, Escape ends all of it
        window.commands["edit_keys"].setVisible(False)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), window, window.close)
        self.bar.end_wanted.connect(window.close)
        for action in window.commands.values():
            action.triggered.connect(self.player.wait)
        window.closing.connect(self._on_closing)

    def start(self) -> None:
        """Show the window and begin."""
        window = self.window
        # As much room as without the bar, where the screen has it.
        room = window.screen().availableSize() - QSize(0, FRAME)
        wanted = window.size() + QSize(0, self.bar.sizeHint().height())
        window.resize(wanted.boundedTo(room).expandedTo(window.minimumSize()))
        window.show()
        # All that the mouse does to the window's parts passes its handle first.
        window.windowHandle().installEventFilter(self)
        self.player.begin(0)

    def eventFilter(self, _handle: QObject, event: QEvent) -> bool:
        if event.type() in TOUCHES and not self._is_for_the_bar(event):
            self.player.wait()
        return False

    def _is_for_the_bar(self, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            place = self.bar.mapFrom(self.window, event.position().toPoint())
            return self.bar.rect().contains(place)
        return self.bar.isAncestorOf(self.window.focusWidget() or self.window)

    @Slot()
    def _on_closing(self) -> None:
        self.player.stop()
        self.ended.emit()
        self.window.deleteLater()
