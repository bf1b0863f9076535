"""The commands of tools, of what strokes may cover, and of the mask's display over the reference."""

from collections.abc import Callable
from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.masks.paint import PaintOver
from segpaint.gui.canvas.tool import TOOLS
from segpaint.gui.commands.command import Command, Submenu, Toggle
from segpaint.gui.commands.shell import Shell
from segpaint.gui.tools.brushes import BrushTool, EraserTool, ThresholdTool
from segpaint.gui.tools.clicks import FillTool, PickTool, WandTool
from segpaint.gui.tools.drawn import EllipseTool, LassoTool, RectangleTool
from segpaint.gui.tools.over_button import MENU
from segpaint.gui.tools.polygons import PolygonTool
from segpaint.gui.tools.push_tool import PushTool
from segpaint.gui.tools.ruler_tool import RulerTool
from segpaint.gui.tools.segment_tool import SegmentTool
from segpaint.gui.tools.transform_tool import TransformTool
from segpaint.studio.studio import Studio

OWN = (
    BrushTool, EraserTool, FillTool, PolygonTool, LassoTool, RectangleTool, EllipseTool, ThresholdTool,
    WandTool, PickTool, PushTool, TransformTool, SegmentTool, RulerTool,
)  # fmt: skip
TOOLS.update((kind.row.key, kind) for kind in OWN)


def cover(over: PaintOver, studio: Studio, shell: Shell, _on: bool) -> None:
    """Set the rule for what strokes may cover."""
    _change(studio, shell, partial(studio.view.coverage.set_over, over))


def fill_chosen(menu: QMenu, studio: Studio, shell: Shell) -> None:
    """List the mask values to be ticked that strokes may cover."""
    document, coverage = studio.document, studio.view.coverage
    for value in (BACKGROUND, *(value for value in document.paintable if value != BACKGROUND)):
        action = QAction(document.name_of(value), menu, checkable=True, checked=value in coverage.chosen)
        action.toggled.connect(partial(_tick, studio, shell, value))
        menu.addAction(action)


def _tick(studio: Studio, shell: Shell, value: int, on: bool) -> None:
    _change(studio, shell, partial(studio.view.coverage.choose, value, on))


def _change(studio: Studio, shell: Shell, change: Callable[[], object]) -> None:
    """Change the rule, and show it in the status line if it differs, or allows nothing."""
    coverage = studio.view.coverage
    before = coverage.sentence
    change()
    if coverage.sentence != before or (coverage.over is PaintOver.CHOSEN and not coverage.chosen):
        shell.say(coverage.sentence)


def resize(turns: int, studio: Studio, _shell: Shell) -> None:
    """Resize the brush by steps; negative ones make it smaller."""
    studio.view.tools.resize_by(turns)


def _over_row(key: str, over: PaintOver, text: str, hint: str, place: int) -> Toggle:
    # Values to be covered belong to a model, so they are chosen anew.
    return Toggle(
        key=key, text=text, hint=hint, menu=MENU, place=place, group="Paint", choice="paint_over",
        remembered=over is not PaintOver.CHOSEN, run=partial(cover, over),
        is_on=lambda studio: studio.view.coverage.over is over,
    )  # fmt: skip


ROWS = (
    Submenu(path="Edit/Tool", place=300),
    *(kind.row for kind in OWN),
    Submenu(path=MENU, place=301),
    _over_row("paint_all", PaintOver.EVERYTHING, "Over everything", "Strokes cover whatever is there", 100),
    _over_row("paint_background", PaintOver.BACKGROUND, "Over background only", "Strokes cover no label", 101),
    _over_row(
        "paint_chosen", PaintOver.CHOSEN, "Over what is chosen only", "Strokes cover what is ticked alone", 102
    ),
    Submenu(path=f"{MENU}/Chosen", place=103, fill=fill_chosen),
    Command(
        key="smaller", text="Smaller brush", run=partial(resize, -1), menu="Edit", place=302, keys=("[",),
        group="Paint",
    ),
    Command(
        key="larger", text="Larger brush", run=partial(resize, 1), menu="Edit", place=303, keys=("]",),
        group="Paint",
    ),
    Toggle(
        key="overlay", text="Show the mask", menu="View", place=200, keys=("S",), icon=MDI7.layers_outline,
        hint="Draw the mask, or nothing of it",
        run=lambda studio, _shell, on: studio.view.overlay.set_hidden(not on),
        is_on=lambda studio: not studio.view.overlay.is_hidden,
    ),
    Command(
        key="overlay_less", text="Mask more transparent", menu="View", place=201, keys=("A",),
        hint="Over a reference", run=lambda studio, _shell: studio.view.overlay.less(),
    ),
    Command(
        key="overlay_more", text="Mask less transparent", menu="View", place=202, keys=("D",),
        hint="Over a reference", run=lambda studio, _shell: studio.view.overlay.more(),
    ),
    Toggle(
        key="labels_outline", text="Labels as outlines", menu="View", place=203, icon=MDI7.shape_outline,
        hint="Draw the borders of labels on the canvas, not their areas", remembered=True,
        run=lambda studio, _shell, on: studio.view.overlay.set_outlined(on),
        is_on=lambda studio: studio.view.overlay.is_outlined,
    ),
)  # fmt: skip
