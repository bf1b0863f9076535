"""Painting by keyboard: arrow keys move a pointer on the canvas, Return is its button."""

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.style.theme import SPACE

ARROWS = {
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
}
BUTTON = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
FAR = 10
"""Pixels per movement with Shift."""
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class KeyboardHand(QObject):
    """Moves, presses and releases on a canvas as a mouse would, so that it works with every tool.

    Keys that the tool wants go to the tool: arrows move a label with it, Return closes a polygon. But if the
    pointer has just been moved, Return is a press, which sets the polygon's next corner.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._pixel: QPoint | None = None  # x is the column; the mouse's last pixel, until an arrow moves it
        self._has_moved = False  # since the last press
        self._is_down = False
        self._is_acting = False
        self._rests = False
        canvas.hovered.connect(self._on_hover)
        canvas.installEventFilter(self)

    @Slot(object)
    def _on_hover(self, point: QPointF | None) -> None:
        if point is not None and not self._is_acting:
            self._pixel, self._has_moved = QPoint(int(point.x() // 1), int(point.y() // 1)), False
            self._rests = False

    @Slot()
    def rest(self) -> None:
        """Let Return press nothing until the pointer moves, for it may just have ended something else."""
        self._rests = True

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.FocusOut:
            self._release()
        if not isinstance(event, QKeyEvent):
            return False
        if kind == QEvent.Type.KeyRelease:
            return self._on_release(event)
        if not self._is_meant(event):
            if kind == QEvent.Type.KeyPress and event.key() in BUTTON:
                self.rest()
            return False
        event.accept()  # else the key could trigger a command as well
        if kind == QEvent.Type.KeyPress:
            self._on_press(event)
        return True

    def _is_meant(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if held or self._canvas.is_shared(event):
            return False
        if event.key() in BUTTON and (self._has_moved or self._is_down):
            return True
        return event.key() in (*ARROWS, *BUTTON) and not self._canvas.tool.wants(event)

    # ---- movements

    def _on_press(self, event: QKeyEvent) -> None:
        if event.key() in ARROWS:
            far = FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._rests = False
            self._move_by(ARROWS[Qt.Key(event.key())] * far)
        elif not self._rests and not self._is_down and not event.isAutoRepeat():
            self._move_by(QPoint())  # so that all parts see it there
            self._is_down, self._has_moved = True, False
            self._act(QEvent.Type.MouseButtonPress, LEFT)

    def _on_release(self, event: QKeyEvent) -> bool:
        if event.key() not in BUTTON or not self._is_down:
            return False
        if not event.isAutoRepeat():
            self._release()
        return True

    def _release(self) -> None:
        if self._is_down:
            self._is_down = False
            self._act(QEvent.Type.MouseButtonRelease, LEFT)

    def _move_by(self, by: QPoint) -> None:
        height, width = self._canvas.document.mask.shape
        start = self._pixel if self._pixel is not None else QPoint(width // 2, height // 2)
        end = start + by
        self._pixel = QPoint(min(max(end.x(), 0), width - 1), min(max(end.y(), 0), height - 1))
        self._has_moved = self._has_moved or not by.isNull()
        self._keep_in_view()
        self._act(QEvent.Type.MouseMove, NONE)

    def _place(self) -> QPointF:
        """Find the centre of the pixel, on the canvas."""
        view, pixel = self._canvas.viewpoint, self._pixel or QPoint()
        middle = QPointF(self._canvas.width() / 2, self._canvas.height() / 2)
        return middle + (QPointF(pixel) + QPointF(0.5, 0.5) - view.centre) * view.zoom

    def _keep_in_view(self) -> None:
        margin, place = 2 * SPACE, self._place()
        right, bottom = self._canvas.width() - margin, self._canvas.height() - margin
        inside = QPointF(min(max(place.x(), margin), right), min(max(place.y(), margin), bottom))
        if inside != place:
            self._canvas.viewpoint.pan(inside - place)

    def _act(self, kind: QEvent.Type, button: Qt.MouseButton) -> None:
        viewport, place = self._canvas.viewport(), self._place()
        held = LEFT if self._is_down else NONE
        modifier = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, place, QPointF(viewport.mapToGlobal(place)), button, held, modifier)
        self._is_acting = True
        QApplication.sendEvent(viewport, event)
        self._is_acting = False
