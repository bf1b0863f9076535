"""The tools, and which of them is in use; what strokes may cover; how the mask lies over the reference."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QActionGroup

from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.masks.paint import PaintOver
from segpaint.gui.canvas.tool import Tool
from segpaint.gui.tools.brushes import BrushTool, EraserTool, ThresholdTool
from segpaint.gui.tools.clicks import FillTool, PickTool, WandTool
from segpaint.gui.tools.drawn import EllipseTool, LassoTool, RectangleTool
from segpaint.gui.tools.over_button import OVER
from segpaint.gui.tools.polygons import PolygonTool
from segpaint.gui.tools.push_tool import PushTool
from segpaint.gui.tools.transform_tool import TransformTool
from segpaint.gui.window.main_window import MainWindow
from segpaint.studio.document.document import Document

TOOLS: dict[str, type[Tool]] = {
    "brush": BrushTool,
    "eraser": EraserTool,
    "fill": FillTool,
    "polygon": PolygonTool,
    "lasso": LassoTool,
    "rectangle": RectangleTool,
    "ellipse": EllipseTool,
    "threshold": ThresholdTool,
    "wand": WandTool,
    "pick": PickTool,
    "push": PushTool,
    "transform": TransformTool,
}
"""By the keys of their commands."""
HINT_SHOWN = 6000
"""Milliseconds that a tool's sentence stays in the status line."""


class ToolCommands(QObject):
    """Connects the commands that choose tools and rules of painting.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._document: Document | None = None
        canvas, actions = window.canvas, window.commands
        self.tools = {key: kind(canvas, window.tool_options) for key, kind in TOOLS.items()}
        group = QActionGroup(self)
        for key in TOOLS:
            group.addAction(actions[key])
            actions[key].toggled.connect(partial(self._on_tool, key))
        canvas.pick_with(self.tools["pick"])
        canvas.told.connect(self._tell)
        actions["brush"].setChecked(True)
        overs = QActionGroup(self)
        for key in OVER:
            overs.addAction(actions[key])
            actions[key].toggled.connect(self._set_over)
        actions["paint_all"].setChecked(True)
        actions["smaller"].triggered.connect(partial(window.tool_options.resize_by, -1))
        actions["larger"].triggered.connect(partial(window.tool_options.resize_by, 1))
        actions["overlay_less"].triggered.connect(window.overlay.less)
        actions["overlay_more"].triggered.connect(window.overlay.more)
        actions["overlay"].toggled.connect(self._show_overlay)
        actions["labels_outline"].toggled.connect(window.overlay.set_outlined)
        actions["overlay"].setChecked(True)
        self.chosen = window.over.chosen
        self.chosen.aboutToHide.connect(self._set_over)
        window.session.document_changed.connect(self._on_document)
        window.session.closing.connect(canvas.let_go)

    def _on_tool(self, key: str, chosen: bool) -> None:
        if chosen:
            self._window.canvas.use(self.tools[key])
            self._window.options_bar.show_tool(key)

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        if self._window.isVisible():  # before that it would be drawn over what else the status bar says
            self._window.statusBar().showMessage(sentence, HINT_SHOWN)

    @Slot(bool)
    def _show_overlay(self, shown: bool) -> None:
        self._window.overlay.set_hidden(not shown)

    # ---- what strokes may cover

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._document = document
        self.chosen.clear()
        choices = [
            (BACKGROUND, "background"),
            *((label.index, label.name) for label in document.table.nested()),
        ]
        for value, name in (*choices, (FREE, "free")):
            action = self.chosen.addAction(name)
            action.setCheckable(True)
            action.setData(value)
            action.toggled.connect(self._set_chosen)
        if self._window.commands["paint_chosen"].isChecked():  # what was ticked belongs to another model
            self._window.commands["paint_all"].setChecked(True)
        self._set_over()
        self._tell("")  # what was said was of the other document

    @Slot()
    def _set_chosen(self) -> None:
        self._window.commands["paint_chosen"].setChecked(True)
        self._set_over()

    @Slot()
    def _set_over(self) -> None:
        document, over = self._document, self._window.over
        if document is not None:
            rule = next(rule for key, rule in OVER.items() if self._window.commands[key].isChecked())
            chosen = [action for action in self.chosen.actions() if action.isChecked()]
            document.set_paint_over(rule, [action.data() for action in chosen])
            before = over.toolTip()
            over.show_rule(rule, [action.text() for action in chosen])
            if over.toolTip() != before or (rule is PaintOver.CHOSEN and not chosen):
                self._tell(over.toolTip())
