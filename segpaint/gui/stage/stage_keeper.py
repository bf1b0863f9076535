"""Opens the stage, leads through its scenes, and closes it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.opening import open_file
from segpaint.gui.history.results import restore
from segpaint.gui.parts.screens import screen_of
from segpaint.gui.stage.stage_shell import StageShell
from segpaint.io.results import holds_request
from segpaint.studio.document.settings import Purpose
from segpaint.studio.runs.taken_up import WhatWasOpen
from segpaint.studio.studio import Studio
from segpaint.studio.view.stage import PACES

if TYPE_CHECKING:
    from segpaint.gui.stage.stage_window import StageWindow
    from segpaint.io.scene_lists import Scene

UNKNOWN = "The scene is a story that this version does not know; the others can be shown."
NO_SCENES = "There are no scenes: list some with View > Scenes, or mark results by stars first."
TAKEN_UP = "The stage has taken up scenes in place of your mask."


class StageKeeper(QObject):
    """Shows the stage while it is on: beside the window where there is a second screen, or else over it.

    It begins with the first scene that is listed, so that nobody sees a patient who happens to be open. If that
    one cannot be shown, nothing is until another one can.
    The scenes are those of the stage's list or, without any, the starred results of the history, oldest first.
    """

    def __init__(self, studio: Studio, shell: Shell, canvas: Canvas, window: QWidget) -> None:
        super().__init__(window)
        self._studio, self._shell, self._canvas, self._window = studio, shell, canvas, window
        self.stage: StageWindow | None = None
        self._scene = -1
        self._before: WhatWasOpen | None = None
        """What was open before the first scene."""
        seconds = studio.preferences.chosen.stage.seconds
        if seconds in PACES:
            studio.view.stage.seconds = seconds
        studio.view.stage.changed.connect(self._on_change)
        studio.view.stage.scene_wanted.connect(self.show_scene)
        studio.view.stage.story_changed.connect(self._on_story)
        studio.closing.connect(self._leave)

    @property
    def scenes(self) -> list[Scene]:
        """What one leads through."""
        from segpaint.io.scene_lists import Scene

        folder = self._studio.history.folder
        starred = [Scene(file=str(path)) for path in folder.open() if folder.is_starred(path)]
        return list(self._studio.view.stage.scenes) or starred

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
        from segpaint.gui.stage.stage_window import StageWindow

        self._scene, self._before = -1, None
        self.stage = StageWindow(self._studio, self._canvas, self._window)
        self.stage.finished.connect(self._leave)
        own = screen_of(self._window)
        others = [screen for screen in QGuiApplication.screens() if screen is not own]
        self.stage.setGeometry((others or [own])[0].geometry())
        first = self._studio.view.stage.scenes[:1]
        is_story = any(scene.story for scene in first)
        if first:
            self.stage.cover(on=True)
        if first and not is_story:
            self.show_scene(1)  # before anything can be seen
        self.stage.showFullScreen()
        if is_story:
            self.show_scene(1)  # whose window lies over the stage
        self._studio.changed.emit()

    def _close(self) -> None:
        stage, self.stage = self.stage, None
        self._studio.preferences.set("stage/seconds", self._studio.view.stage.seconds)
        if stage is not None:
            stage.finished.disconnect(self._leave)
            stage.close()
            stage.deleteLater()
        self._window.activateWindow()
        self._studio.changed.emit()
        if self._before is not None:
            document = self._before.document
            self._shell.ask(
                TAKEN_UP, "Bring it back", partial(self._studio.taken_up.bring_back, self._before), tone="",
                until=lambda: self._studio.document is not document,
            )  # fmt: skip

    @Slot(int)
    def show_scene(self, by: int) -> None:
        """Take up the next scene, or the one before."""
        scenes = self.scenes
        if not scenes:
            self._show_notice(NO_SCENES)
            return
        stage, before = self._studio.view.stage, self._studio.taken_up.what_is_open()
        self._scene = min(max(self._scene + by, 0), len(scenes) - 1)
        scene = scenes[self._scene]
        shell = StageShell(self._shell, partial(self._show_problem, scene))
        stage.play_story("")  # before anything is taken up
        self._studio.view.measuring.lay_ruler(None)  # it lies on the anatomy of the scene before
        is_known = scene.story in stage.list_stories()
        is_taken = bool(scene.file) and self._take_up(scene.path, shell.whole)
        if is_taken and self._before is None:
            self._before = before
        if is_taken and self.stage is not None:
            self.stage.cover(on=False)
        if scene.story and not is_known:
            shell.warn(UNKNOWN)
        if is_taken or not shell.has_shown:  # or else the anatomy is another scene's
            stage.title = scene.caption
        stage.rest()
        if is_known:
            stage.play_story(scene.story)

    def _show_notice(self, sentence: str) -> None:
        if self.stage is not None:
            self.stage.show_notice(sentence)  # the window may lie behind it

    def _show_problem(self, scene: Scene, sentence: str) -> None:
        """Show what is wrong with a scene, to an audience that is not to see how its folder is called."""
        self._show_notice(sentence.replace(scene.file, scene.path.name) if scene.file else sentence)

    @Slot()
    def _on_story(self) -> None:
        """Take the keys again once a story has ended."""
        if self.stage is not None and not self._studio.view.stage.story:
            self.stage.activateWindow()

    def _take_up(self, path: Path, shell: Shell) -> bool:
        """Open the file of a scene; False if that fails."""
        if holds_request(path):
            source = "the history" if self._studio.history.folder.holds(path) else path.name
            return restore(self._studio, shell, path, source)
        document = self._studio.document
        stack, before = document.strokes.stack, document.strokes.stack.index()
        open_file(self._studio, shell, path)
        # A mask is shown, and made, by itself, whatever reference is open.
        document.change_settings(replace(document.settings, purpose=Purpose.NEW))
        return self._studio.document is document and stack.index() != before
