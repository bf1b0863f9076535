"""Opens the stage, leads through its scenes, and closes it."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.commands.shell import Shell
from segpaint.gui.history.results import restore
from segpaint.gui.stage.stage_window import StageWindow
from segpaint.studio.document.document import Document
from segpaint.studio.studio import Studio

TAKEN_UP = "The stage has taken up scenes in place of your mask."


class StageKeeper(QObject):
    """Shows the stage while it is on: beside the window where there is a second screen, or else over it.

    The scenes are the starred results of the history, oldest first.
    """

    def __init__(self, studio: Studio, shell: Shell, canvas: Canvas, window: QWidget) -> None:
        super().__init__(window)
        self._studio, self._shell, self._canvas, self._window = studio, shell, canvas, window
        self.stage: StageWindow | None = None
        self._scene = -1
        self._before: tuple[Document, int] | None = None  # what was open before the first scene, and its edits
        studio.view.stage.changed.connect(self._on_change)
        studio.closing.connect(self._leave)

    @property
    def scenes(self) -> list[Path]:
        """The starred results."""
        folder = self._studio.history.folder
        return [path for path in folder.open() if folder.is_starred(path)]

    @Slot()
    def _on_change(self) -> None:
        is_on = self._studio.view.stage.is_on
        if is_on and self.stage is None:
            self._open()
        elif not is_on and self.stage is not None:
            self._close()

    @Slot()
    def _leave(self) -> None:
        if self.stage is not None:
            self._studio.view.stage.set_on(False)

    def _open(self) -> None:
        self._scene, self._before = -1, None
        self.stage = StageWindow(self._studio, self._canvas, self._window)
        self.stage.scene_wanted.connect(self.show_scene)
        self.stage.finished.connect(self._leave)
        own = self._window.screen()
        others = [screen for screen in own.virtualSiblings() if screen is not own]
        self.stage.setGeometry((others or [own])[0].geometry())
        self.stage.showFullScreen()
        self._studio.changed.emit()

    def _close(self) -> None:
        stage, self.stage = self.stage, None
        if stage is not None:
            stage.finished.disconnect(self._leave)
            stage.close()
            stage.deleteLater()
        self._window.activateWindow()
        self._studio.changed.emit()
        if self._before is not None:
            document, index = self._before
            self._shell.ask(
                TAKEN_UP, "Bring it back", partial(document.strokes.stack.setIndex, index), tone="",
                until=lambda: self._studio.document is not document,
            )  # fmt: skip

    @Slot(int)
    def show_scene(self, by: int) -> None:
        """Take up the next starred result, or the one before."""
        scenes = self.scenes
        if not scenes:
            self._shell.warn("There are no scenes: mark results in the history by stars first.")
            return
        document = self._studio.document
        before = document, document.strokes.stack.index()
        self._scene = min(max(self._scene + by, 0), len(scenes) - 1)
        if restore(self._studio, self._shell, scenes[self._scene]) and self._before is None:
            self._before = before
        self._studio.view.stage.rest()
