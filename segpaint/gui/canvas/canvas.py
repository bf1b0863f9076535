"""The canvas: the mask over the reference, and the tool that works on it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from fonticon_mdi7 import MDI7
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QMouseEvent, QPainterPath, QPen, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from segpaint.core.masks.mask import Box
from segpaint.gui.canvas.mask_item import MaskItem
from segpaint.gui.canvas.pane import Pane
from segpaint.gui.canvas.sketch import Sketch
from segpaint.gui.canvas.tiled_items import FreeHatch, LabelOutlines
from segpaint.gui.canvas.tool import Pointer, Tool
from segpaint.gui.style.theme import icon
from segpaint.gui.style.theme_colors import BLACK
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.view.options import ToolOptions
from segpaint.studio.view.overlay import Overlay, strength
from segpaint.studio.view.viewpoint import Viewpoint
from segpaint.studio.view.windowing import Windowing

OUTLINE_WIDTH = 1.75


class KeyTaker(Protocol):
    """Who may want a key while the canvas has the focus."""

    def wants(self, event: QKeyEvent) -> bool:
        """Whether the key is meant for it now, even if it is some command's."""

    def key(self, event: QKeyEvent) -> None:
        """A key that it wanted went down."""


class Canvas(Pane):
    """Shows the mask of a document, and lets a tool edit it.

    Parameters
    ----------
    viewpoint : Viewpoint
    overlay : Overlay
    windowing : Windowing
        Of the reference under the mask.
    options : ToolOptions
    """

    cursor_changed = Signal(QPainterPath)
    """The outline of what a press would touch, empty where that is nothing."""
    told = Signal(str)
    """A sentence for the status line; an empty one takes back what was said."""

    def __init__(
        self,
        viewpoint: Viewpoint,
        overlay: Overlay,
        windowing: Windowing,
        options: ToolOptions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(viewpoint, parent=parent)
        self.hint.hide()
        self.document: Document | None = None
        self._heard = Connections()
        self.overlay = overlay
        self._windowing = windowing
        self.sketch = Sketch(self)
        self.options = options
        self._tool: Tool | None = None
        self._pressed: Tool | None = None  # what a button went down for
        self._button = Qt.MouseButton.NoButton
        self._picker: Tool | None = None
        self._takers: list[KeyTaker] = []
        self._erasing = False
        self._pen: tuple[float, bool] | None = None  # pressure, and whether its other end is used
        self._where: QPointF | None = None
        self._mask = MaskItem()
        self._outlines = LabelOutlines()
        self._hatch = FreeHatch()
        for item in (self._mask, self._hatch, self._outlines):
            self._box.addItem(item, ignoreBounds=True)
        self.cursor_changed.connect(self.show_cursor)
        overlay.changed.connect(self._draw_all)
        windowing.changed.connect(self._draw_reference)
        options.changed.connect(self._point)

    @Slot(object)
    def set_document(self, document: Document) -> None:
        """Show and edit this document from now on."""
        self.let_go()
        self.document = document
        height, width = document.mask.shape
        self._heard.renew(
            (document.mask_changed, self._draw_mask),
            (document.labels_changed, self._draw_all),
            (document.reference_changed, self._on_reference),
        )
        self.viewpoint.set_image_size(width, height)
        self._draw_reference()
        if self._tool is not None:
            self._tool.choose()

    @Slot()
    def let_go(self) -> None:
        """Hear no more of the document."""
        if self.document is None:
            return
        if self._tool is not None:
            self._tool.leave()
        self._heard.end()
        self.document, self._pressed = None, None

    # ---- tools

    @property
    def tool(self) -> Tool | None:
        """The one in use."""
        return self._tool

    def use(self, tool: Tool) -> None:
        """Work with this tool from now on."""
        if tool is self._tool:
            return
        if self._tool is not None and self.document is not None:
            self._tool.leave()
        self._tool, self._pressed = tool, None
        if self.document is not None:
            tool.choose()
        self._point()
        self.told.emit(tool.hint)

    def pick_with(self, picker: Tool) -> None:
        """Use this one while Ctrl and Alt are held."""
        self._picker = picker

    def share_keys_with(self, taker: KeyTaker) -> None:
        """Ask this one before the tool whether it wants a key."""
        self._takers.append(taker)

    @property
    def intensities(self) -> NDArray[np.uint8] | None:
        """Of the reference, 0 to 255, shape of the mask; None if there is no reference."""
        reference = self.document.reference if self.document is not None else None
        return reference.intensities if reference is not None else None

    def look_at_reference(self) -> NDArray[np.uint8] | None:
        """Its intensities, for a tool that does nothing without; where there is none, that is told."""
        if self.intensities is None:
            self.told.emit("There is no reference to look at: open a real image with File > Open reference.")
        return self.intensities

    @Slot()
    def put_pointer_away(self) -> None:
        """Show nothing of what a press would touch until the pointer moves over the canvas again."""
        self._where = None
        self._point()

    # ---- drawing

    @Slot()
    def _on_reference(self) -> None:
        self.told.emit("")  # that there is none, perhaps
        self._draw_reference()

    @Slot()
    def _draw_reference(self) -> None:
        reference = self.document.reference if self.document is not None else None
        if reference is None:
            self._image.clear()
        else:
            pixels = self._windowing.window.applied(reference.image)
            self._image.setImage(pixels, autoLevels=False, levels=(0, 255))
        self._draw_all()

    @Slot()
    def _draw_all(self) -> None:
        if self.document is None:
            return
        document, overlay = self.document, self.overlay
        colors, pens = overlay.colors(document), {}
        if overlay.is_hidden:
            colors[:, 3] = 0
        elif overlay.is_outlined:
            for label in document.table.nested():  # the inner above the outer
                if opacity := strength(document, label.index):
                    color = QColor(label.color)
                    color.setAlphaF(opacity)
                    pens[label.index] = QPen(color, OUTLINE_WIDTH)
                    colors[label.index, 3] = 0
        self._hatch.setVisible(not overlay.is_hidden)
        self._mask.set_colors(colors, QColor(BLACK) if document.reference is None else None)
        self._outlines.set_pens(pens)
        self._outlines.setVisible(bool(pens))
        self._draw_mask(None)

    @Slot(object)
    def _draw_mask(self, box: Box | None) -> None:
        if self.document is not None:
            values = self.document.mask.values
            for item in (self._mask, self._hatch, self._outlines):
                if item.isVisible():
                    item.show_values(values, box)

    @Slot()
    def _point(self) -> None:
        """Show what a press here would touch, and whether it may."""
        path = QPainterPath()
        if self._where is not None and self._tool is not None and self.document and not self.is_panning:
            path = self._tool.footprint(self._pointer(self._where))
        self.cursor_changed.emit(path)
        if not self.is_panning and not self.pans_with_left:
            self._set_cursor()

    def _set_cursor(self) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self._tool is not None and self.document is not None:
            is_held = self._where is not None and self._is_held(self._tool, self._where)
            shape = Qt.CursorShape.BitmapCursor if is_held else self._tool.cursor
        if shape is self.viewport().cursor().shape():
            return
        if shape is Qt.CursorShape.BitmapCursor:
            self.viewport().setCursor(QCursor(icon(MDI7.lock, "surround_text").pixmap(QSize(18, 18))))
        else:
            self.viewport().setCursor(shape)

    def _is_held(self, tool: Tool, where: QPointF) -> bool:
        """Whether a press, or the drag under way, leaves the pixel there as it is; see `Document.holds`."""
        document, pointer = self.document, self._pointer(where)
        pixel = pointer.pixel(document.mask.shape)
        value = int(document.mask.values[pixel]) if pixel is not None else document.paint_value
        return document.holds(value, erase=tool.erases or pointer.erases)

    # ---- events

    def _pointer(
        self, where: QPointF, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> Pointer:
        pressure, turned = self._pen if self._pen is not None else (1.0, False)
        return Pointer(
            where.y(),
            where.x(),
            erases=self._erasing or turned,
            constrained=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            pressure=pressure,
        )

    def _begin(self, event: QMouseEvent) -> Tool | None:
        """The tool that a button went down for, if it did for any."""
        right = event.button() == Qt.MouseButton.RightButton
        if self.is_panning or self.document is None or self._pressed is not None:
            return None
        if not right and event.button() != Qt.MouseButton.LeftButton:
            return None
        held = event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        picks = control and bool(held & Qt.KeyboardModifier.AltModifier)
        self._erasing = (right or control) and not picks
        self._pressed, self._button = self._picker if picks else self._tool, event.button()
        return self._pressed

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        tool = self._begin(event)
        if tool is not None:
            tool.press(self._pointer(self.position(event.position()), event.modifiers()))
            self._point()  # the other button may do what this one may not

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        tool = self._begin(event)
        if tool is not None:
            tool.double_click(self._pointer(self.position(event.position()), event.modifiers()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._where = self.position(event.position())
        if self.document is not None and not self.is_panning:
            pointer = self._pointer(self._where, event.modifiers())
            if self._pressed is not None:
                self._pressed.drag(pointer)
            elif self._tool is not None:
                self._tool.hover(pointer)
        super().mouseMoveEvent(event)
        self._point()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        tool = self._pressed
        if tool is not None and event.button() == self._button:
            tool.release(self._pointer(self.position(event.position()), event.modifiers()))
            self._pressed, self._erasing = None, False
        self._point()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.put_pointer_away()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            turned = event.angleDelta().y() or event.angleDelta().x()
            self.options.set_size(self.options.settings.size + (1 if turned > 0 else -1))
            event.accept()
        else:
            super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QTabletEvent):
            # Not accepted, so that a mouse event follows, which takes what is noted here.
            end = event.pointerType() == event.pointerType().Eraser
            self._pen = None if event.type() == QEvent.Type.TabletRelease else (event.pressure(), end)
            event.ignore()
            return False
        return super().viewportEvent(event)

    def event(self, event: QEvent) -> bool:
        # A key that the tool wants now is not to be some command's.
        if event.type() == QEvent.Type.ShortcutOverride and self._taker(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        taker = self._taker(event)
        if taker is not None:
            taker.key(event)
            event.accept()
        else:
            super().keyPressEvent(event)

    def _taker(self, event: QKeyEvent) -> KeyTaker | None:
        """Who wants a key now, even if it is some command's."""
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return None  # Ctrl+Return generates, whatever is under way
        takers = (*self._takers, *([self._tool] if self._tool is not None else []))
        return next((taker for taker in takers if taker.wants(event)), None) if self.document else None
