"""The window: builds its parts from a studio, and lays them out."""

from datetime import datetime

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QGridLayout,
    QMainWindow,
    QToolButton,
    QWidget,
)

from segpaint.core.printable import printable
from segpaint.gui.anatomy.gesture_bar import GestureBar
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.keyboard_hand import KeyboardHand
from segpaint.gui.canvas.side_pane import SidePane
from segpaint.gui.canvas.space_key import SpaceKey
from segpaint.gui.commands.actions import Actions
from segpaint.gui.commands.key_bindings import KeyBindings
from segpaint.gui.commands.key_commands import KeyNames
from segpaint.gui.commands.menus import fill_menu_bar
from segpaint.gui.commands.palette import Palette
from segpaint.gui.files.drop import DropTarget
from segpaint.gui.files.kept_work import offer_kept, report_second
from segpaint.gui.files.reference_panel import ReferencePanel
from segpaint.gui.history.history_strip import HistoryStrip
from segpaint.gui.history.undo_list import UndoList
from segpaint.gui.history.undo_report import UndoReport
from segpaint.gui.labels.attribute_panel import AttributePanel
from segpaint.gui.labels.label_list import LabelList
from segpaint.gui.looking.comparison import ComparisonView
from segpaint.gui.looking.display_panel import DisplayPanel
from segpaint.gui.looking.findings import Findings
from segpaint.gui.looking.windowing_badge import WindowingBadge
from segpaint.gui.looking.windowing_drag import WindowingDrag
from segpaint.gui.making.paired_commands import PairedButton
from segpaint.gui.making.sweep_commands import SweepButton
from segpaint.gui.models.checkpoint_panel import CheckpointPanel
from segpaint.gui.models.device_label import DeviceLabel
from segpaint.gui.parts.cover import Cover
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.message_bar import MessageBar
from segpaint.gui.parts.pane_heading import PaneHeading
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.screens import FRAME, screen_of
from segpaint.gui.parts.splitter import Splitter
from segpaint.gui.running.image_title import ImageTitle, PatientBadge
from segpaint.gui.running.outdated_badge import OutdatedBadge
from segpaint.gui.running.request_panel import RequestPanel
from segpaint.gui.running.run_label import RunLabel
from segpaint.gui.running.step_preview import StepPreview
from segpaint.gui.running.transport_bar import TransportBar
from segpaint.gui.running.verdict_badge import VerdictBadge
from segpaint.gui.scans.scan_panel import ScanPanel, divide_beside_scan
from segpaint.gui.stage.stage_keeper import StageKeeper
from segpaint.gui.style.theme import SPACE, theme
from segpaint.gui.tools.over_button import OverButton
from segpaint.gui.tools.ruler_tool import RulerOver
from segpaint.gui.tools.segment_tool import SegmentTool
from segpaint.gui.tools.tool_options_bar import ToolOptionsBar
from segpaint.gui.tools.tool_strip import ToolStrip
from segpaint.gui.window.closing import Closing
from segpaint.gui.window.panels import Panels
from segpaint.gui.window.regions import Regions
from segpaint.gui.window.right_column import WIDTH, RightColumn
from segpaint.gui.window.theme_keeper import ThemeKeeper
from segpaint.gui.window.where_label import WhereLabel
from segpaint.gui.window.window_shell import WindowShell
from segpaint.studio.studio import Studio

LEAST, USUAL = QSize(880, 560), QSize(1280, 760)
"""Sizes of the window, unless the screen is smaller."""


class MainWindow(QMainWindow):
    """Canvas and image side by side, tools left, labels and request right, transport bar below.

    Parameters
    ----------
    studio : Studio
        Closed with the window.

    Attributes
    ----------
    commands : dict of str to QAction
        By the keys of their commands.
    """

    painted = Signal()
    """The window has been drawn for the first time."""
    closing = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__(windowTitle="SegPaint")
        self.studio = studio
        self._is_painted = False
        room = screen_of(self).availableSize() - FRAME
        self.setMinimumSize(LEAST.boundedTo(room))
        self.resize(USUAL.boundedTo(room))
        self.messages, self._of_canvas = MessageBar(), ""
        self.shell = WindowShell(self, self.messages, studio.preferences)
        self.themes = ThemeKeeper(studio.preferences, self)
        self.bound = Actions(studio, self.shell, self)
        self.commands = self.bound.actions
        self.asks_to_close = Closing(self, studio)
        self.keys = KeyBindings(self.commands, studio.preferences, self)
        self._build_panes()
        self._build_panels()
        self._lay_out()
        # Shown once they are laid out with all their parts, so that these have their room when they come.
        self.labels.show_document()
        self.reference.show_reference()
        self.display.show_image()
        self.commands["tour"].setVisible(False)  # until somebody offers one
        fill_menu_bar(self.menuBar(), self.commands, studio, self.shell)
        self._connect()

    def _build_panes(self) -> None:
        studio = self.studio
        self.canvas = Canvas(studio)
        self.image = ImagePane(studio)
        self.side = SidePane(studio)
        self.scan = ScanPanel(studio)
        panes = self.canvas, self.image, self.side.pane
        self.gestures = GestureBar(studio, self.shell)
        self.cover = Cover(self.canvas, self.gestures, self.messages, studio.view.viewpoint)
        self.space = SpaceKey(self, panes)
        self.hand = KeyboardHand(self.canvas)
        self.stage = StageKeeper(studio, self.shell, self.canvas, self)
        self.badge = OutdatedBadge(studio, self.image)
        self.patient_badge = PatientBadge(studio, self.image)
        self.comparison = ComparisonView(studio, self.image, self.side)
        self.findings = Findings(studio, self.image)
        self.windowing_badge = WindowingBadge(studio, self.image)
        self.verdict_badge = VerdictBadge(studio, self.image)
        self.windowing_drags = [WindowingDrag(pane, studio.view.windowing) for pane in panes[1:]]
        self.rulers = [RulerOver(studio, pane, self.canvas) for pane in panes[1:]]
        self.drops = DropTarget(self, studio, self.shell, self.canvas, panes[1:])

    def _build_panels(self) -> None:
        studio, commands = self.studio, self.commands
        self.labels = LabelList(studio, commands, self.shell)
        self.attributes = AttributePanel(studio)
        self.request = RequestPanel(studio)
        self.reference = ReferencePanel(studio, self.shell)
        self.display = DisplayPanel(studio, commands)
        self.checkpoints = CheckpointPanel(studio, self.shell)
        self.image_title = ImageTitle(studio)
        self.run_label = RunLabel(studio.runs)
        self.transport = TransportBar(studio, self.shell, commands)
        self.history = HistoryStrip(studio, self.shell)
        self.tools = ToolStrip(commands)
        self.options_bar = ToolOptionsBar(studio.view.tools, studio.sphere)
        self.over = OverButton(studio, commands, self.shell)
        self.where = WhereLabel(studio)
        self.device, self.saved = DeviceLabel(studio, self.shell), PlainLabel()
        self.edits = UndoList(studio, self)
        self.undo_report = UndoReport(studio, self.shell)

    # ---- layout

    def _lay_out(self) -> None:
        title = PlainLabel("Mask", objectName="heading")
        toggles = [self._button(key) for key in ("outlines", "findings", "noisy")]
        self._pin = self._button("pin")
        own = PaneHeading([title, self.options_bar, self.over], [title, self.over])
        parts = [self.image_title, self.run_label, self._pin, *toggles]
        self.image_heading = PaneHeading(parts, [*toggles, self._pin, self.run_label], self.image_title)
        self.image_heading.want(self._pin, wanted=False)
        self.studio.view.comparison.pinned_changed.connect(self._want_pin)
        right = RightColumn(
            self.checkpoints, self.labels, (self.attributes, self.reference, self.display, self.request)
        )
        for panel in (self.labels, self.reference, self.display):
            panel.opened.connect(right.reveal)
        # From the outside in: Qt goes through all that a widget holds whenever that gets another parent.
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        centre, work, shown = QWidget(), QWidget(), QWidget()
        self.setCentralWidget(centre)
        row = self.history.minimumSizeHint().height()
        high = Splitter("history", down, lambda room: (room - row, row), giving=0)
        self.centre = in_column(high, of=centre, stretched=high, spacing=0)
        high.fill(work, self.history)
        wide = Splitter("column", across, lambda room: (room - WIDTH, WIDTH), giving=0)
        upper = in_row(self.tools, wide, stretched=wide, spacing=0)
        rule = QFrame(objectName="rule", minimumHeight=1, maximumHeight=1)
        in_column(upper, rule, self.transport, of=work, stretched=upper, spacing=0)
        beside = Splitter("scan", across, divide_beside_scan)
        wide.fill(beside, right)
        right.fill()
        beside.fill(self.scan, shown)
        self.scan.stand_in(beside)
        together = Splitter("panes", across, lambda room: 3 * (room,))
        over = QGridLayout(shown)
        over.setContentsMargins(0, 0, 0, 0)
        over.addWidget(together, 0, 0)
        left, middle = QWidget(), QWidget()
        together.fill(left, middle, self.side)
        in_column(own, self.canvas, of=left, stretched=self.canvas, spacing=0)
        in_column(self.image_heading, self.image, of=middle, stretched=self.image, spacing=0)
        # Messages lie over the panes, so that nothing moves under the hand.
        lower = in_column(self.gestures, self.messages, spacing=0)
        over.addLayout(lower, 0, 0, Qt.AlignmentFlag.AlignBottom)
        self.splitters = together, beside, wide, right.border, high
        self.panels = Panels(
            self.studio,
            {
                "tools": self.tools, "model": self.checkpoints, "labels": self.labels,
                "reference": self.reference, "request": self.request, "status": self.statusBar(),
            },
            self.tools, right, self.splitters,
        )  # fmt: skip
        self.preview = StepPreview(self.transport.timeline, centre)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(SPACE, 0, SPACE, 0)
        self.statusBar().addWidget(self.where, 1)
        for label in (self.saved, self.device):
            label.setContentsMargins(2 * SPACE, 0, 0, 0)
            self.statusBar().addPermanentWidget(label)
        for button in (PairedButton, SweepButton):
            self.statusBar().addPermanentWidget(button(self.studio, self.shell))

    def _button(self, key: str) -> QToolButton:
        button = QToolButton(iconSize=QSize(18, 18))
        button.setDefaultAction(self.commands[key])
        return button

    # ---- connections

    def _connect(self) -> None:
        studio = self.studio
        for failed in (
            studio.history.failed, studio.background.failed, studio.scans.failed, studio.slice_masks.failed,
            studio.slice_runs.failed, studio.aside.failed, studio.frames.failed, studio.projects.failed,
            studio.made_up.failed, studio.compiling.failed, studio.scans.damaged,
        ):  # fmt: skip
            failed.connect(self.shell.warn)
        studio.slice_masks.remarked.connect(self.shell.warn)
        studio.strays.remarked.connect(self._warn_of_strays)
        studio.runs.failed.connect(self._on_run_failed)
        studio.autosave.failed.connect(self._on_autosave_failed)
        opened = studio.opened
        for changed in (studio.changed, opened.settings_changed, opened.labels_changed, studio.autosave.saved):
            changed.connect(self._settle)
        opened.switching.connect(self._leave)
        studio.provenance.differs.connect(self.messages.tell)
        studio.runs.run_finished.connect(self.messages.hide_passing)
        studio.autosave.saved.connect(self._show_saved)
        studio.projects.changed.connect(self._show_project)
        studio.autosave.found.connect(self._offer_kept)
        theme().choice_changed.connect(self.bound.refresh)
        for pane in (self.canvas, self.image, self.side.pane):
            pane.hovered.connect(self.where.point_at)
        self.canvas.cursor_changed.connect(self._mirror_cursor)
        self.canvas.told.connect(self._on_canvas_told)
        self.scan.told.connect(self.shell.say)
        for told in (studio.aside.told, studio.slice_masks.told):
            told.connect(self.shell.say)
        self.labels.left.connect(self.canvas.setFocus)
        studio.anatomy.ended.connect(self.hand.rest)
        self.canvas.share_keys_with(self.gestures)
        self.space.tapped.connect(self.keys.on_space)
        self.painted.connect(self._open_waiting)
        self.canvas.setFocus()
        for field in (*self.options_bar.boxes, *self.request.findChildren(QAbstractSpinBox)):
            field.lineEdit().returnPressed.connect(self.canvas.setFocus)
        panes = self.canvas, self.image, self.side.pane
        self.regions = Regions(
            self, studio, self.labels, (*panes, self.scan.view),
            stops=(
                self.scan, *panes, self.tools, self.checkpoints, self.labels, self.attributes, self.request,
                self.transport, self.history,
            ),
            parts=(
                self.messages, self.scan, *panes, self.tools, self.options_bar, self.over, self.image_heading,
                self.checkpoints, self.labels, self.attributes, self.reference, self.request,
                self.transport, self.history,
            ),
        )  # fmt: skip
        self.finder = Palette(studio, self.bound, self.keys, self)
        buttons = {
            "generate": self.transport.generate, "open_reference": self.reference.open,
            "dice": self.request.dice,
        }  # fmt: skip
        self.key_names = KeyNames(
            self.keys, studio, self.shell, self.menuBar(), self.commands, buttons,
            self.options_bar.set_keys, self.labels.set_keys,
        )  # fmt: skip

    @Slot(QPainterPath)
    def _mirror_cursor(self, path: QPainterPath) -> None:
        """Show the canvas's outline on the images, but none of a finding on an image of another mask."""
        is_finding = self.studio.view.tools.tool == SegmentTool.row.key
        shown = QPainterPath() if is_finding and not self.studio.found.shown_fits else path
        self.image.show_cursor(shown)
        self.side.pane.show_cursor(shown)

    @Slot(bool)
    def _want_pin(self, wanted: bool) -> None:
        self.image_heading.want(self._pin, wanted)

    @Slot()
    def _settle(self) -> None:
        self.shell.settle()

    @Slot()
    def _leave(self) -> None:
        self.shell.leave()

    @Slot(object)
    def _on_run_failed(self, error: Exception) -> None:
        """Show why there is no image, until another run is under way."""
        branches = self.studio.runs.branches
        failed = branches.current
        self.shell.warn(error, until=lambda: branches.current is not failed)

    @Slot(str)
    def _warn_of_strays(self, sentence: str) -> None:
        """Show what a segmenter has found far off, until the mask is changed."""
        document = self.studio.document
        index = document.strokes.stack.index()

        def is_over() -> bool:
            return self.studio.document is not document or document.strokes.stack.index() != index

        self.shell.warn(sentence, until=is_over)

    @Slot(str)
    def _on_canvas_told(self, sentence: str) -> None:
        """Show a sentence of the canvas; an empty one clears the last of these, and nobody else's."""
        if sentence:
            self.shell.say(sentence)
        else:
            self.shell.unsay(self._of_canvas)
        self._of_canvas = sentence

    @Slot(object)
    def _on_autosave_failed(self, error: Exception) -> None:
        autosave = self.studio.autosave
        self.shell.warn(error, until=lambda: autosave.problem is None)

    @Slot()
    def _show_saved(self) -> None:
        self.saved.setText(f"work kept {datetime.now():%H:%M:%S}")

    @Slot()
    def _show_project(self) -> None:
        path = self.studio.projects.path
        self.setWindowTitle("SegPaint" if path is None else f"{printable(path.name)} - SegPaint")

    @Slot()
    def _open_waiting(self) -> None:
        self.shell.open_waiting()
        report_second(self.studio, self.shell)
        self._offer_kept()

    @Slot()
    def _offer_kept(self) -> None:
        if self._is_painted:
            offer_kept(self.studio, self.shell)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.painted.emit)  # unless it has gone by then

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.asks_to_close.is_allowed():
            event.ignore()
            return
        event.accept()
        self.hide()  # at once, for the worker may still have a step to finish
        self.closing.emit()
