"""The transport bar: generate, play, step, stop, branch off, and the timeline."""

from collections.abc import Mapping
from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPoint, QSize, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QPushButton, QToolButton

from segpaint.core.runs.branches import Branch
from segpaint.core.runs.run_state import RunState
from segpaint.gui.commands.shell import Shell
from segpaint.gui.parts.layouts import in_row
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.running.timeline import Spot, Timeline
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.studio import Studio


class TransportBar(QFrame):
    """Steers the run.

    Parameters
    ----------
    actions : mapping of str to QAction
        "generate", "play", "step", "back", "stop", "branch" and "live".
    """

    def __init__(self, studio: Studio, shell: Shell, actions: Mapping[str, QAction]) -> None:
        super().__init__(objectName="bar")
        self._runs, self._shell = studio.runs, shell
        self._play, self._branch = actions["play"], actions["branch"]
        self._play_icon, self._pause_icon = icon(MDI7.play), icon(MDI7.pause)
        self.generate = QPushButton(
            "Generate", objectName="primary", icon=icon(MDI7.auto_fix, "primary_text"), iconSize=QSize(18, 18)
        )
        self.generate.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves Space to the canvas
        self.generate.clicked.connect(actions["generate"].trigger)
        buttons = []
        for key in ("back", "play", "step", "stop", "branch"):
            button = QToolButton(iconSize=QSize(22, 22))
            button.setDefaultAction(actions[key])
            buttons.append(button)
        self.timeline = Timeline(self._runs)
        self.counter = PlainLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # Room for "1000 / 1000", so that nothing moves under the pointer.
        self.counter.setMinimumWidth(self.fontMetrics().horizontalAdvance("1000 / 1000") + SPACE)
        self.live = QToolButton(iconSize=QSize(18, 18))
        self.live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        actions["live"].setIconText("Live")
        self.live.setDefaultAction(actions["live"])
        parts = self.generate, SPACE, *buttons, SPACE, self.timeline, self.counter, SPACE, self.live
        margins = SPACE, SPACE // 2, SPACE, SPACE // 2
        in_row(*parts, of=self, stretched=self.timeline, spacing=SPACE // 2, margins=margins)
        self.timeline.menu_wanted.connect(self._show_menu)
        self._runs.state_changed.connect(self._show_state)
        self._runs.replay.changed.connect(self._show_state)
        self._runs.frame_changed.connect(self._show_frame)
        self._runs.branches_changed.connect(self._show_frame)  # what the run before has counted is over
        self._show_state()
        self._show_frame()

    @Slot()
    def _show_state(self) -> None:
        running = self._runs.state is RunState.RUNNING or self._runs.replay.is_on
        self._play.setIcon(self._pause_icon if running else self._play_icon)
        _, tab, key = self._play.text().partition("\t")  # see `KeyBindings`
        self._play.setText(("Pause" if running else "Play") + tab + key)

    @Slot()
    def _show_frame(self) -> None:
        frame = self._runs.trajectory.current
        self.counter.setText(f"{frame.index + 1} / {frame.count}" if frame is not None else "–")

    @Slot(object, QPoint)
    def _show_menu(self, spot: Spot, place: QPoint) -> None:
        """Offer actions for a branch and the clicked step, which is looked at by then."""
        menu = self._shell.menu()
        menu.addAction(self._branch)
        menu.addAction(f"Rename branch {spot.branch.name}…", partial(self._ask_name, spot.branch))
        menu.popup(place)

    def _ask_name(self, branch: Branch) -> None:
        name = self._shell.ask_text("Rename branch", "Name of the branch", branch.name)
        if name:
            branch.name = name
            self._runs.branches_changed.emit()
