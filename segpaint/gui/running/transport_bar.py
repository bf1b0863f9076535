"""The transport bar: generate, play, step, stop, branch off, and the timeline."""

from __future__ import annotations

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from segpaint.core.runs.run_state import RunState
from segpaint.gui.running.timeline import Timeline
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.runs.session import Session


class TransportBar(QFrame):
    """Steers the session's run.

    Parameters
    ----------
    session : Session
    actions : dict of QAction
        "generate", "play", "step", "back", "stop", "branch" and "live".
    """

    def __init__(self, session: Session, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="bar")
        self._session = session
        self._play = actions["play"]
        self._play_icon, self._pause_icon = icon(MDI7.play), icon(MDI7.pause)
        self.generate = QPushButton(
            "Generate", objectName="primary", icon=icon(MDI7.auto_fix, "primary_text"), iconSize=QSize(18, 18)
        )
        self.generate.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves Space to the canvas
        self.generate.clicked.connect(actions["generate"].trigger)
        self.buttons: dict[str, QToolButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self.generate)
        layout.addSpacing(SPACE)
        for key in ("back", "play", "step", "stop", "branch"):
            button = QToolButton(iconSize=QSize(22, 22))
            button.setDefaultAction(actions[key])
            self.buttons[key] = button
            layout.addWidget(button)
        layout.addSpacing(SPACE)
        self.timeline = Timeline(session)
        layout.addWidget(self.timeline, 1)
        self.counter = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # Room for "1000 / 1000", so that nothing moves under the hand.
        self.counter.setMinimumWidth(self.fontMetrics().horizontalAdvance("1000 / 1000") + SPACE)
        layout.addWidget(self.counter)
        layout.addSpacing(SPACE)
        self.live = QToolButton(iconSize=QSize(18, 18))
        self.live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        actions["live"].setIconText("Live")
        self.live.setDefaultAction(actions["live"])
        layout.addWidget(self.live)
        session.state_changed.connect(self._show_state)
        session.frame_changed.connect(self._show_frame)
        session.document_changed.connect(self._show_state)
        self._show_state()
        self._show_frame()

    @Slot()
    def _show_state(self) -> None:
        state, has_document = self._session.state, self._session.document is not None
        running = state is RunState.RUNNING
        self._play.setIcon(self._pause_icon if running else self._play_icon)
        _, tab, key = self._play.text().partition("\t")  # see `KeyBindings`
        self._play.setText(("Pause" if running else "Play") + tab + key)
        self.generate.setEnabled(has_document)
        self._play.setEnabled(has_document)
        self.buttons["stop"].defaultAction().setEnabled(state.is_active or self._session.is_waiting)

    @Slot()
    def _show_frame(self) -> None:
        trajectory = self._session.trajectory
        frame = trajectory.current
        self.buttons["back"].defaultAction().setEnabled(trajectory.cursor > 0)
        at_the_end = trajectory.result is not None and not trajectory.is_looking_back
        self.buttons["step"].defaultAction().setEnabled(not at_the_end)
        self.buttons["branch"].defaultAction().setEnabled(frame is not None and not frame.is_last)
        self.counter.setText(f"{frame.index + 1} / {frame.count}" if frame is not None else "–")
