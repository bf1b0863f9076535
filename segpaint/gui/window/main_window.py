"""The window: lays out its parts; what they do is in `segpaint.gui.window.controller`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from segpaint.gui.anatomy.gesture_bar import GestureBar
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.pane import Pane
from segpaint.gui.canvas.side_pane import SidePane
from segpaint.gui.canvas.space_key import SpaceKey
from segpaint.gui.commands.commands import COMMANDS
from segpaint.gui.commands.key_bindings import KeyBindings
from segpaint.gui.files.reference_panel import ReferencePanel
from segpaint.gui.history.history_strip import HistoryStrip
from segpaint.gui.history.undo_list import UndoList
from segpaint.gui.labels.label_list import LabelList
from segpaint.gui.looking.comparison import Against, Comparison, Mode
from segpaint.gui.looking.display_panel import DisplayPanel
from segpaint.gui.looking.findings import Findings
from segpaint.gui.models.checkpoint_panel import CheckpointPanel
from segpaint.gui.parts.cover import Cover
from segpaint.gui.parts.message_bar import MessageBar
from segpaint.gui.parts.pane_heading import PaneHeading
from segpaint.gui.running.image_title import ImageTitle
from segpaint.gui.running.outdated_badge import OutdatedBadge
from segpaint.gui.running.request_panel import RequestPanel
from segpaint.gui.running.run_label import RunLabel
from segpaint.gui.running.step_preview import StepPreview
from segpaint.gui.running.transport_bar import TransportBar
from segpaint.gui.style.theme import SPACE, Choice, icon
from segpaint.gui.tools.over_button import OVER, OverButton
from segpaint.gui.tools.tool_options_bar import ToolOptionsBar
from segpaint.gui.tools.tool_strip import TOOLS, ToolStrip
from segpaint.gui.window.right_column import RightColumn
from segpaint.gui.window.where_label import WhereLabel
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.document.document import Document
from segpaint.studio.runs.history import History
from segpaint.studio.runs.judging import Judging
from segpaint.studio.runs.live import Live
from segpaint.studio.runs.session import Session
from segpaint.studio.view.options import ToolOptions
from segpaint.studio.view.overlay import Overlay
from segpaint.studio.view.viewpoint import Viewpoint
from segpaint.studio.view.windowing import Windowing

TOGGLES = (
    *(key for row in TOOLS for key in row),
    *OVER,
    "overlay",
    "labels_outline",
    "histogram",
    "outlines",
    "noisy",
    "smooth",
    "follow",
    "live",
    "live_warm",
    "judge",
    "judge_drafts",
    "findings",
    "history",
    "history_list",
    "pin",
    *(choice.value for choice in (*Mode, *Against)),
    *(f"theme_{choice.value}" for choice in Choice),
)


class MainWindow(QMainWindow):
    """Canvas and image side by side, tools left, labels and request right, transport bar below.

    Parameters
    ----------
    session : Session
    checkpoints : sequence of Path
        The checkpoint folders to offer.
    history : History
    preferences : Preferences
    """

    painted = Signal()
    """The window has been drawn for the first time."""
    closing = Signal()

    def __init__(
        self, session: Session, checkpoints: Sequence[Path], history: History, preferences: Preferences
    ) -> None:
        super().__init__()
        self.session = session
        self.preferences = preferences
        self.live = Live(session)
        self.judging = Judging(session)
        self._is_painted = False
        self.setWindowTitle("SegPaint")
        self.setMinimumSize(880, 560)
        self.resize(1280, 760)
        self.commands = {key: self._action(key) for key in COMMANDS}
        self.keys = KeyBindings(self.commands, preferences, self)
        self.viewpoint = Viewpoint()
        self.overlay, self.tool_options, self.windowing = Overlay(), ToolOptions(), Windowing()
        self.canvas = Canvas(self.viewpoint, self.overlay, self.windowing, self.tool_options)
        self.image = ImagePane(self.viewpoint, self.windowing)
        self.labels = LabelList()
        self.request = RequestPanel()
        self.reference = ReferencePanel(session)
        self.display = DisplayPanel(session, self.overlay, self.windowing, self.commands)
        self.image_title = ImageTitle(session)
        self.checkpoints = CheckpointPanel(checkpoints)
        self.transport = TransportBar(session, self.commands)
        self.history = HistoryStrip(history)
        self.messages = MessageBar()
        self.gestures = GestureBar()
        self.cover = Cover(self.canvas, self.gestures, self.viewpoint)
        self.run_label = RunLabel(session)
        self.side = SidePane(self.viewpoint)
        self.space = SpaceKey(self, (self.canvas, self.image, self.side.pane))
        self.options_bar = ToolOptionsBar(self.tool_options)
        self.over = OverButton(self.commands)
        self.where = WhereLabel(session)
        self.device = QLabel()
        self.saved = QLabel()
        self.badge = OutdatedBadge(session, self.image)
        self.comparison = Comparison(session, self.image, self.side, self.overlay, self.windowing)
        self.findings = Findings(self.image)
        self.edits = UndoList(session, self, self.commands["history_list"])
        self._lay_out()
        self._connect()

    # ---- layout

    def _action(self, key: str) -> QAction:
        command = COMMANDS[key]
        action = QAction(command.text, self, checkable=key in TOGGLES)
        if command.icon:
            action.setIcon(icon(command.icon))
        self.addAction(action)
        return action

    def _lay_out(self) -> None:
        panes = QHBoxLayout()
        panes.setSpacing(2)
        title, toggles = QLabel("Mask", objectName="heading"), self._toggles()
        own = PaneHeading([title, self.options_bar, self.over], [title, self.over])
        panes.addLayout(self._titled(own, self.canvas), 1)
        own = PaneHeading([self.image_title, self.run_label, self._pin(), *toggles], toggles, self.run_label)
        panes.addLayout(self._titled(own, self.image), 1)
        panes.addWidget(self.side, 1)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(ToolStrip(self.commands))
        # Messages lie over the panes, so that nothing moves under the hand.
        over = QGridLayout()
        over.addLayout(panes, 0, 0)
        lower = QVBoxLayout()
        lower.setSpacing(0)
        lower.addWidget(self.gestures)
        lower.addWidget(self.messages)
        over.addLayout(lower, 0, 0, Qt.AlignmentFlag.AlignBottom)
        upper.addLayout(over, 1)
        settings = self.reference, self.display, self.request
        upper.addWidget(RightColumn(self.checkpoints, self.labels, settings))
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(upper, 1)
        whole.addWidget(self._rule())
        whole.addWidget(self.transport)
        whole.addWidget(self.history)
        centre = QWidget()
        centre.setLayout(whole)
        self.setCentralWidget(centre)
        self.preview = StepPreview(self.transport.timeline, centre)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(SPACE, 0, SPACE, 0)
        self.statusBar().addWidget(self.where, 1)
        for label in (self.saved, self.device):
            label.setContentsMargins(2 * SPACE, 0, 0, 0)
            self.statusBar().addPermanentWidget(label)

    def _titled(self, heading: PaneHeading, pane: Pane) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(heading)
        column.addWidget(pane, 1)
        return column

    def _toggles(self) -> list[QWidget]:
        return [self._button(key, 18) for key in ("outlines", "findings", "noisy")]

    def _pin(self) -> QWidget:
        pin = self._button("pin", 18)
        pin.hide()
        self.comparison.pinned_changed.connect(pin.setVisible)
        return pin

    def _button(self, key: str, size: int) -> QToolButton:
        button = QToolButton(iconSize=QSize(size, size))
        button.setDefaultAction(self.commands[key])
        return button

    def _rule(self) -> QFrame:
        line = QFrame(objectName="rule")
        line.setFixedHeight(1)
        return line

    # ---- connections

    def _connect(self) -> None:
        session = self.session
        session.document_changed.connect(self._on_document)
        session.frame_changed.connect(self.image.show_frame)
        session.failed.connect(self.messages.show_error)
        session.run_finished.connect(self.messages.hide_passing)
        session.model_changed.connect(self._show_device)
        self.judging.changed.connect(self.labels.show_judgement)
        self.judging.changed.connect(self.findings.show_judgement)
        self.canvas.hovered.connect(self.where.point_at)
        self.image.hovered.connect(self.where.point_at)
        self.side.pane.hovered.connect(self.where.point_at)
        self.canvas.cursor_changed.connect(self.image.show_cursor)
        self.canvas.cursor_changed.connect(self.side.pane.show_cursor)
        self.comparison.pinned_changed.connect(self.commands["pin"].setChecked)
        self.space.tapped.connect(self.keys.on_space)
        self.commands["smooth"].setChecked(True)
        self.commands["follow"].setChecked(True)
        self.commands["judge"].setChecked(True)
        self.commands["tour"].setVisible(False)  # until somebody offers one
        self.canvas.setFocus()
        for field in (*self.options_bar.boxes, *self.request.findChildren(QAbstractSpinBox)):
            field.lineEdit().returnPressed.connect(self.canvas.setFocus)

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self.canvas.set_document(document)
        self.image.set_document(document)
        self.findings.set_document(document)
        self.labels.set_document(document)
        self.request.set_document(document)
        self.checkpoints.show_checkpoint(document.checkpoint)
        self._show_device()

    @Slot()
    def _show_device(self) -> None:
        session = self.session
        self.device.setText(f"{session.device.upper()}, {session.precision}" if session.is_ready else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.painted.emit)  # unless it has gone by then

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.hide()  # at once, for the worker may still have a step to finish
        self.closing.emit()
