"""Moves, turns and scales the chosen label by handles, with everything inside it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from fonticon_mdi7 import MDI7
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QPainterPath, QPolygonF, QTransform

from segpaint.core.labels.labels import BACKGROUND
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.transform import shares_outside, transform
from segpaint.core.words import enumerated
from segpaint.gui.canvas.sketch import Sketch
from segpaint.gui.canvas.tool import Pointer, Tool, tool_row
from segpaint.studio.document.locks import locked_sentence
from segpaint.studio.studio import Studio

Result = TypeVar("Result")
TURN = 4
"""Index of the handle that turns; earlier ones are the corners, which scale."""
ARM = 26
"""Screen pixels between the frame and the handle that turns."""
LEAST_SCALE = 0.1
STEADY = 15.0
"""Step of the angle in degrees while Shift is held."""
ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
APPLY = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True)
class Placement:
    """The displacement of a label from its original place.

    Attributes
    ----------
    rows, columns : float
        Downwards and to the right, in mask pixels.
    degrees : float
        Counter-clockwise as seen on the screen.
    """

    rows: float = 0.0
    columns: float = 0.0
    degrees: float = 0.0
    scale: float = 1.0

    def told_of(self, label: str) -> str:
        """Name the edit."""
        parts = {
            "move": f"{self.columns:+.1f}, {self.rows:+.1f} px" if self.rows or self.columns else "",
            "turn": f"{self.degrees:.0f}°" if self.degrees else "",
            "scale": f"{self.scale:.2f}" if self.scale != 1 else "",
        }
        done = ", ".join(f"{verb} by {amount}" for verb, amount in parts.items() if amount)
        verb, _, rest = done.partition(" ")
        return f"{verb.capitalize()} {label} {rest}".rstrip()


class TransformTool(Tool):
    """Shows a frame with handles around the chosen label.

    All changes before it is applied are one stroke, resampled once from the original mask.
    """

    row = tool_row(
        "transform", "Move, turn and scale", "M", icon=MDI7.cursor_move,
        hint="Place the chosen label by handles", also=("Anatomy", 300),
    )  # fmt: skip
    name = "Move"
    usage = (
        "Drag the label to move it, a corner to scale it, the knob to turn it; arrow keys move it. "
        "Return or another tool applies, Escape gives it up"
    )
    options = ("with_enclosed",)
    place = 11
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, studio: Studio, sketch: Sketch) -> None:
        super().__init__(studio, sketch)
        self.placement = Placement()
        self._label = BACKGROUND
        self._is_placing = False
        self._corners: list[QPointF] = []
        self._centre = QPointF()
        self._held: tuple[int | None, Pointer, Placement] | None = None
        # The pointer moves faster than a large mask can be resampled.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._place)
        opened = studio.opened
        for signal in (opened.paint_value_changed, opened.stroke_ended, opened.edited):
            signal.connect(self._on_change)
        studio.view.viewpoint.changed.connect(self._draw)

    def choose(self) -> None:
        self._frame()

    def leave(self) -> str:
        lost = self._apply()
        self._corners = []
        self.sketch.clear()
        return lost

    # ---- input

    def press(self, pointer: Pointer) -> None:
        if not self._corners:
            self.told.emit("The chosen label has no pixels to move; choose another in the list.")
            return
        if self._is_locked():
            return
        place = QPointF(pointer.column, pointer.row)
        handle = self.sketch.handle_at(place)
        if handle is not None or QPolygonF(self._placed()).containsPoint(place, Qt.FillRule.OddEvenFill):
            self._begin()
            self._held = handle, pointer, self.placement

    def drag(self, pointer: Pointer) -> None:
        if self._held is None:
            return
        handle, first, placement = self._held
        if handle is None:
            rows, columns = pointer.row - first.row, pointer.column - first.column
            moved = replace(placement, rows=placement.rows + rows, columns=placement.columns + columns)
        else:
            centre = self._centre + QPointF(placement.columns, placement.rows)
            start, end = (_polar(centre, one) for one in (first, pointer))
            if handle == TURN:
                degrees = placement.degrees + end[1] - start[1]
                if pointer.constrained:
                    degrees = STEADY * round(degrees / STEADY)
                moved = replace(placement, degrees=(degrees + 180) % 360 - 180)
            else:
                scale = placement.scale * end[0] / max(start[0], 1e-6)
                moved = replace(placement, scale=max(LEAST_SCALE, scale))
        self._move_to(moved)

    def release(self, _pointer: Pointer) -> None:
        self._held = None
        self._place()

    def wants(self, event: QKeyEvent) -> bool:
        if event.key() in ARROWS:
            return bool(self._corners)
        return self._is_placing and event.key() in (*APPLY, Qt.Key.Key_Escape)

    def key(self, event: QKeyEvent) -> None:
        if event.key() in APPLY:
            self._apply()
        elif event.key() == Qt.Key.Key_Escape:
            self.document.strokes.cancel()
        elif not self._is_locked():
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            rows, columns = ARROWS[Qt.Key(event.key())]
            self._begin()
            placement = self.placement
            self._move_to(
                replace(placement, rows=placement.rows + far * rows, columns=placement.columns + far * columns)
            )
            self._place()

    # ---- the label

    @property
    def _is_in_use(self) -> bool:
        return self.studio.view.tools.pending is self

    def _is_locked(self) -> bool:
        """Return whether the label is locked, and report so."""
        locked = {self._label} & set(self.document.locked)
        if locked:
            self.told.emit(locked_sentence(self.document, locked))
        return bool(locked)

    def _begin(self) -> None:
        if not self._is_placing:
            self.document.strokes.begin(self.name, is_preview=True)
            self._is_placing = True

    def _move_to(self, placement: Placement) -> None:
        self.placement = placement
        self._draw()
        self.told.emit(
            f"moved {placement.columns:+.1f}, {placement.rows:+.1f} px   "
            f"turned {placement.degrees:.0f}°   scaled {placement.scale:.2f}"
        )
        self._soon.start()

    @Slot()
    def _place(self) -> None:
        self._soon.stop()
        document, placement = self.document, self.placement
        before = document.strokes.before
        if self._is_placing and before is not None:
            document.strokes.reshape(self._in_place(transform, before))
            document.strokes.rename(placement.told_of(document.name_of(self._label)))

    def _in_place(self, work: Callable[..., Result], before: NDArray[np.uint8]) -> Result:
        document, placement = self.document, self.placement
        return work(
            Anatomy(before, document.table, self._label, document.locked),
            move=(placement.rows, placement.columns), degrees=placement.degrees, scale=placement.scale,
            with_enclosed=self.settings.with_enclosed,
        )  # fmt: skip

    def _apply(self) -> str:
        """Keep the label where it is by now; report, and return, what has left the picture."""
        before = self.document.strokes.before
        if not self._is_placing or before is None:
            return ""
        self._place()
        lost = self._lost(self._in_place(shares_outside, before))
        self._is_placing = False
        self.document.strokes.end()
        if lost:
            self.told.emit(lost)
        return lost

    def _lost(self, shares: dict[int, float]) -> str:
        names = {label: self.document.name_of(label) for label in shares}
        parts = [
            names[label] if share == 1 else f"{max(1, round(100 * share))} % of {names[label]}"
            for label, share in shares.items()
        ]
        if not parts:
            return ""
        return f"{enumerated(parts)} left the picture; Undo brings {'it' if len(parts) == 1 else 'them'} back."

    @Slot()
    def _on_change(self) -> None:
        """Handle the end of the stroke, whatever ended it, or the choice of another label."""
        if self._is_in_use:
            if self.document.strokes.is_under_way:
                self._apply()
            self._frame()

    def _frame(self) -> None:
        self._soon.stop()
        if self.placement != Placement():
            self.told.emit("")  # clears the displacement
        self.placement, self._held, self._corners, self._is_placing = Placement(), None, [], False
        document = self.document
        self._label = document.paint_value
        if self._label in document.table:
            shape = document.table.shape_of(document.mask.values, self._label)
            rows, columns = np.nonzero(shape)
            if len(rows):
                top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
                ends = ((left, top), (right, top), (right, bottom), (left, bottom))
                self._corners = [QPointF(float(x), float(y)) for x, y in ends]
                self._centre = QPointF(float(columns.mean()) + 0.5, float(rows.mean()) + 0.5)
        self._draw()

    def _placed(self) -> list[QPointF]:
        placement, turned = self.placement, QTransform()
        turned.translate(self._centre.x() + placement.columns, self._centre.y() + placement.rows)
        turned.rotate(-placement.degrees)
        turned.scale(placement.scale, placement.scale)
        turned.translate(-self._centre.x(), -self._centre.y())
        return [turned.map(corner) for corner in self._corners]

    @Slot()
    def _draw(self) -> None:
        if not self._is_in_use:
            return
        if not self._corners:
            self.sketch.clear()
            return
        corners = self._placed()
        middle = (corners[0] + corners[1]) / 2
        down = corners[3] - corners[0]
        length = math.hypot(down.x(), down.y())
        knob = middle - down * (ARM / self.studio.view.viewpoint.zoom / length)
        path = QPainterPath()
        path.addPolygon(QPolygonF([*corners, corners[0]]))
        path.moveTo(middle)
        path.lineTo(knob)
        self.sketch.show(path, [*corners, knob])


def _polar(centre: QPointF, pointer: Pointer) -> tuple[float, float]:
    """Compute distance in pixels and angle in degrees, counter-clockwise as seen on the screen."""
    across, down = pointer.column - centre.x(), pointer.row - centre.y()
    return math.hypot(across, down), math.degrees(math.atan2(-down, across))
