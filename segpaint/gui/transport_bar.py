"""The transport bar: generate, play, step, stop, and a slider over the steps kept so far."""

from __future__ import annotations

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QStyle,
    QToolButton,
    QWidget,
)

from segpaint.gui.theme import SPACE, icon
from segpaint.session.session import Session
from segpaint.session.state import RunState


class StepSlider(QSlider):
    """A slider whose handle comes to where its groove is clicked."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength)
            place = round(event.position().x() - handle / 2)
            value = QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, self.width() - handle)
            self.setValue(value)
        super().mousePressEvent(event)


class TransportBar(QFrame):
    """Steers the session's run.

    Parameters
    ----------
    session : Session
    actions : dict of QAction
        "generate", "play", "step", "back" and "stop".
    """

    def __init__(self, session: Session, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="bar")
        self._session = session
        self._play = actions["play"]
        self._play_icon, self._pause_icon = icon(MDI7.play), icon(MDI7.pause)
        self.generate = QPushButton(
            "Generate", objectName="primary", toolTip=actions["generate"].toolTip(),
            icon=actions["generate"].icon(), iconSize=QSize(18, 18),
        )  # fmt: skip
        self.generate.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves Space to the canvas
        self.generate.clicked.connect(actions["generate"].trigger)
        self.buttons: dict[str, QToolButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        layout.setSpacing(SPACE // 2)
        layout.addWidget(self.generate)
        layout.addSpacing(SPACE)
        for key in ("back", "play", "step", "stop"):
            button = QToolButton(iconSize=QSize(22, 22))
            button.setDefaultAction(actions[key])
            self.buttons[key] = button
            layout.addWidget(button)
        layout.addSpacing(SPACE)
        self.slider = StepSlider(Qt.Orientation.Horizontal, toolTip="Look through the steps of this run")
        self.slider.setMinimumWidth(120)
        layout.addWidget(self.slider, 1)
        self.counter = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # Room for "1000 / 1000", so that nothing moves under the hand.
        self.counter.setMinimumWidth(self.fontMetrics().horizontalAdvance("1000 / 1000") + SPACE)
        layout.addWidget(self.counter)
        self.slider.valueChanged.connect(self._scrub)
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
        self._play.setText("Pause\tSpace" if running else "Play\tSpace")
        self.generate.setEnabled(has_document)
        self._play.setEnabled(has_document)
        self.buttons["stop"].defaultAction().setEnabled(state.is_active or self._session.is_waiting)

    @Slot(int)
    def _scrub(self, position: int) -> None:
        self._session.scrub(position)
        self._show_frame()  # a slider moved beyond the newest step goes back to it

    @Slot()
    def _show_frame(self) -> None:
        trajectory = self._session.trajectory
        frame = trajectory.current
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, frame.count - 1 if frame is not None else 0)
            self.slider.setValue(max(0, trajectory.cursor))
        self.slider.setEnabled(len(trajectory.frames) > 1)
        self.buttons["back"].defaultAction().setEnabled(trajectory.cursor > 0)
        at_the_end = trajectory.result is not None and not trajectory.is_looking_back
        self.buttons["step"].defaultAction().setEnabled(not at_the_end)
        self.counter.setText(f"{frame.index + 1} / {frame.count}" if frame is not None else "–")
