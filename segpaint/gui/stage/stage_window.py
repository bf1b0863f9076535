"""The window that fills a screen for an audience; what is done on it is done on the canvas."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, QTimer, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHideEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QDialog, QWidget

from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.pictures.compare import mask_over
from segpaint.core.pictures.figure import PATIENT, mark_of
from segpaint.core.requests.kinds import NOTES, Kind, about
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.canvas.rimmed import beside, write_rimmed
from segpaint.gui.stage.stage_pointer import StagePointer
from segpaint.gui.style.pixmaps import to_image
from segpaint.gui.style.theme_colors import BLACK, NOTE_LINE, WHITE
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.settings import Purpose
from segpaint.studio.studio import Studio
from segpaint.studio.view.stage import KEYS

REST = 24
"""Device-independent pixels between the picture and the edges of the screen."""
RING, END, TEXT, SHARE = 18, 5, 22, 0.03
"""Radius of the pointer and of the ruler's ends; least height of text, also as share of the screen's height."""
KEYS_SHOWN, NOTICE_SHOWN = 1.5, 5.0
"""Seconds for which a key that was pressed is shown, and a notice to the presenter."""
FRESH = 33
"""Milliseconds between two drawings of the trail."""
MOST = 1024
"""Rows and columns of a mask that are drawn; of a larger one, every second pixel or fewer."""


class StageWindow(QDialog):
    """Shows the mask or a step of a run, the pointer with its trail, and names what is painted.

    Parameters
    ----------
    canvas : Canvas
        Gets what the pointer does here, as if it were done on it.

    Attributes
    ----------
    notice : str
        What the presenter is to know, for some seconds, in place of the scene's caption.
    """

    def __init__(self, studio: Studio, canvas: Canvas, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window, windowTitle="Stage")
        self._studio, self._stage, self._canvas = studio, studio.view.stage, canvas
        self.pointer = StagePointer()
        self._outline = QPainterPath()
        self._picture = QImage()
        self._key, self.notice, self._moved = "", "", False
        self._covered: tuple[Document, int] | None = None
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._forget_key = QTimer(self, singleShot=True, interval=round(1000 * KEYS_SHOWN))
        self._forget_key.timeout.connect(self._on_key_forgotten)
        self._forget_notice = QTimer(self, singleShot=True, interval=round(1000 * NOTICE_SHOWN))
        self._forget_notice.timeout.connect(self._on_notice_forgotten)
        self._fresh = QTimer(self, interval=FRESH)
        self._fresh.timeout.connect(self._on_fresh)
        for action in parent.actions():
            self.addAction(action)
        opened = studio.opened
        opened.mask_changed.connect(self._on_mask)
        for change in (opened.labels_changed, opened.reference_changed, opened.switched, self._stage.changed):
            change.connect(self._draw)
        canvas.hovered.connect(self._on_hover)
        canvas.cursor_changed.connect(self._on_cursor)
        studio.view.measuring.changed.connect(self.update)
        self._draw()
        self._fresh.start()

    # ---- what is shown

    def cover(self, *, on: bool) -> None:
        """Show nothing of what is open, which may be a patient's, until another mask is; or show it again."""
        self._covered = self._open if on else None
        self._draw()

    @property
    def is_covered(self) -> bool:
        """Whether nothing of what is open is shown."""
        return self._covered == self._open

    @property
    def _open(self) -> tuple[Document, int]:
        document = self._studio.document
        return document, document.strokes.lineage

    @Slot()
    def _draw(self) -> None:
        frame, document, view = self._stage.frame, self._studio.document, self._studio.view
        if self.is_covered:
            pixels = np.zeros(document.mask.shape, np.uint8)
        elif frame is not None:
            pixels = frame.noisy if view.switches.is_on("noisy") else frame.picture
            pixels = view.windowing.window.applied(pixels)
        else:
            reference = self._ground
            ground = None if reference is None else view.windowing.window.applied(reference.image)
            every = -(-max(document.mask.shape) // MOST)
            ground = None if ground is None else ground[::every, ::every]
            colors = view.overlay.colors(document, alone=ground is None)
            pixels = mask_over(document.mask.values[::every, ::every], colors, ground)
        self._picture = to_image(pixels)
        self.update()

    @Slot(object)
    def _on_mask(self, _box: object) -> None:
        value, table = self._studio.document.paint_value, self._studio.document.table
        names = {BACKGROUND: "background", FREE: "free"}
        self.pointer.paint(names.get(value) or table[value].name)
        self._draw()

    @Slot(object)
    def _on_hover(self, place: QPointF | None) -> None:
        self.pointer.move(place)

    @Slot(QPainterPath)
    def _on_cursor(self, path: QPainterPath) -> None:
        self._outline = path

    @Slot()
    def _on_key_forgotten(self) -> None:
        self._key = ""
        self.update()

    def show_notice(self, sentence: str) -> None:
        """Show a sentence for some seconds."""
        self.notice = sentence
        self._forget_notice.start()
        self.update()

    @Slot()
    def _on_notice_forgotten(self) -> None:
        self.notice = ""
        self.update()

    @Slot()
    def _on_fresh(self) -> None:
        """Draw the trail anew, and once more when it has gone."""
        moves = bool(self.pointer.trail or self.pointer.name)
        if moves or self._moved:
            self.update()
        self._moved = moves

    @property
    def _ground(self) -> Reference | None:
        """The reference to show under the mask: none that plays no part."""
        document = self._studio.document
        return None if document.settings.purpose is Purpose.NEW else document.reference

    @property
    def mark(self) -> str:
        """What is written on the picture; empty over a mask alone."""
        request, frame = self._studio.runs.request, self._stage.frame
        if self.is_covered:
            return ""
        if frame is None or request is None:
            ground = self._ground
            return "" if ground is None else NOTES[Kind.MADE] if ground.made_by else PATIENT
        return mark_of(about(request, frame.picture))

    @property
    def length(self) -> str:
        """The length that the ruler measures; empty where it does not lie."""
        return self._studio.view.measuring.words(self._studio.document.pixel_spacing)

    @property
    def caption(self) -> str:
        """The step shown; empty over the mask."""
        frame = self._stage.frame
        return "" if frame is None or self.is_covered else f"step {frame.index + 1} of {frame.count}"

    # ---- drawing

    @property
    def _place(self) -> QRectF:
        """Where the picture lies."""
        room = QRectF(self.rect()).adjusted(REST, REST, -REST, -REST)
        scale = min(room.width() / self._picture.width(), room.height() / self._picture.height())
        place = QRectF(0, 0, scale * self._picture.width(), scale * self._picture.height())
        place.moveCenter(room.center())
        return place

    @property
    def _to_screen(self) -> QTransform:
        """From pixels of the mask to this window."""
        place = self._place
        scale = place.width() / self._studio.document.mask.shape[1]
        return QTransform.fromTranslate(place.left(), place.top()).scale(scale, scale)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(BLACK))
        shows_image = self._stage.frame is not None
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shows_image)
        painter.drawImage(self._place, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(NOTE_LINE))
        painter.drawRect(self._place)
        painter.setFont(self._font)
        self._write(painter, self.caption, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self._write(painter, self.mark, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        self._write(painter, self._key, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._write(
            painter, self.notice or self._stage.title, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        )
        self._draw_ruler(painter)
        self._draw_pointer(painter)

    @property
    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._letters)
        return font

    @property
    def _letters(self) -> int:
        return letters(self.height())

    def _write(self, painter: QPainter, text: str, corner: Qt.AlignmentFlag) -> None:
        """Write in a corner of the picture."""
        rest = self._letters
        where = corner.value | Qt.TextFlag.TextWordWrap.value
        write_rimmed(painter, self._place.adjusted(rest, rest, -rest, -rest), text, where)

    def _draw_pointer(self, painter: QPainter) -> None:
        to_screen = self._to_screen
        color = QColor(WHITE)
        for fresh, place in self.pointer.trail:
            color.setAlphaF(0.5 * fresh)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(to_screen.map(place), 5 * fresh, 5 * fresh)
        if self.pointer.place is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        place = to_screen.map(self.pointer.place)
        for pen in (QPen(QColor(BLACK), 4), QPen(QColor(WHITE), 2)):
            painter.setPen(pen)
            painter.drawEllipse(place, RING, RING)
            if self._stage.frame is None:
                painter.drawPath(to_screen.map(self._outline))
        write_rimmed(painter, self.name_place, self.pointer.name, Qt.AlignmentFlag.AlignCenter.value)

    @property
    def name_place(self) -> QRectF:
        """Where the name of what is painted stands: at the pointer, and apart from the ruler's length."""
        if self.pointer.place is None or not self.pointer.name:
            return QRectF()
        place, text = self._to_screen.map(self.pointer.place), self._measured(self.pointer.name)
        left = place.x() + 2 * RING
        if self._stage.frame is None:
            left = max(left, self._to_screen.map(self._outline).boundingRect().right() + RING)
        room = QRectF(QPointF(left, place.y() - text.height() / 2), text)
        if room.right() > self.width():
            room.moveRight(place.x() - 2 * RING)
        length = self.length_place
        if room.intersects(length):
            room.moveTop(length.bottom())
            if room.bottom() > self.height():
                room.moveBottom(length.top())
        return room

    @property
    def length_place(self) -> QRectF:
        """Where the length of the ruler stands."""
        if (ends := self._ruler) is None:
            return QRectF()
        return beside(*ends, self._measured(self.length), QRectF(self.rect()), 1.5 * RING)

    @property
    def _ruler(self) -> tuple[QPointF, QPointF] | None:
        """The ends of the ruler in this window, while it lies there."""
        if (ends := self._studio.view.measuring.ends) is None:
            return None
        first, second = (self._to_screen.map(QPointF(column, row)) for row, column in ends)
        return first, second

    def _measured(self, text: str) -> QSizeF:
        """Return the size of a text."""
        metrics = QFontMetricsF(self._font)
        return QSizeF(metrics.horizontalAdvance(text), metrics.height())

    def _draw_ruler(self, painter: QPainter) -> None:
        """Draw the ruler with its length, over mask and image."""
        if (ends := self._ruler) is None:
            return
        for pen in (QPen(QColor(BLACK), 4), QPen(QColor(WHITE), 2)):
            painter.setPen(pen)
            painter.drawLine(*ends)
        for end in ends:
            painter.setPen(QColor(BLACK))
            painter.setBrush(QColor(WHITE))
            painter.drawEllipse(end, END, END)
        write_rimmed(painter, self.length_place, self.length, Qt.AlignmentFlag.AlignCenter.value)

    # ---- pointer and keys

    def _on_mouse(self, event: QMouseEvent) -> None:
        """Do on the canvas what is done here, unless it cannot be seen."""
        event.accept()
        if self.is_covered:
            return
        place = self._to_screen.inverted()[0].map(event.position())
        self._studio.view.tools.see_at(self._to_screen.m11())
        self._canvas.repeat(event, place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._on_mouse(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._on_mouse(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._on_mouse(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._on_mouse(event)

    def leaveEvent(self, _event: QEvent) -> None:
        self.pointer.move(None)
        self._studio.view.tools.see_at(None)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._studio.view.tools.see_at(None)

    def event(self, event: QEvent) -> bool:
        """Keep the stage's own keys from the commands of the window, and show each that is pressed."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            self._show_key(event)
            if command_of(event) is not None:
                event.accept()
                return True
        return bool(super().event(event))

    def _show_key(self, event: QKeyEvent) -> None:
        shown = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.NativeText)
        if self._studio.view.switches.is_on(KEYS) and shown.isprintable():
            self._key = shown
            self._forget_key.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match command_of(event):
            case ("leave", _):
                self._stage.set_on(False)
            case ("play", _) if not event.isAutoRepeat():
                self._stage.play()
            case ("rest", _):
                self._stage.rest()
            case ("scene", by):
                self._stage.scene_wanted.emit(by)
            case ("pace", by):
                self._stage.change_pace(by)
                self._key = f"{self._stage.seconds:g} s"
                self._forget_key.start()
            case None:
                event.ignore()


def command_of(event: QKeyEvent) -> tuple[str, int] | None:
    """Return what a key does on the stage; None if it is not one of its own."""
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return None
    keys = Qt.Key
    return {
        keys.Key_Escape: ("leave", 0), keys.Key_Space: ("play", 0), keys.Key_M: ("rest", 0),
        keys.Key_Right: ("scene", 1), keys.Key_PageDown: ("scene", 1),
        keys.Key_Left: ("scene", -1), keys.Key_PageUp: ("scene", -1),
        keys.Key_Up: ("pace", 1), keys.Key_Down: ("pace", -1),
    }.get(keys(event.key()))  # fmt: skip


def letters(height: int) -> int:
    """Return the height of text in pixels: larger on a higher screen, to be read in a hall."""
    return max(TEXT, round(SHARE * height))
