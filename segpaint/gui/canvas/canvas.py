"""The canvas: the mask over the reference, and the tool that works on it."""

from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QMouseEvent, QPainterPath, QPen, QTabletEvent, QWheelEvent

from segpaint.core.masks.mask import Box
from segpaint.gui.canvas.mask_item import MaskItem
from segpaint.gui.canvas.pane import Pane
from segpaint.gui.canvas.sketch import Sketch
from segpaint.gui.canvas.tiled_items import FreeHatch, LabelOutlines
from segpaint.gui.canvas.tool import TOOLS, Pointer, Tool
from segpaint.gui.style.theme import icon
from segpaint.gui.style.theme_colors import BLACK
from segpaint.studio.document.document import Document
from segpaint.studio.studio import Studio
from segpaint.studio.view.overlay import strength

OUTLINE_WIDTH = 1.75
PICKER = "pick"
"""The tool while Ctrl and Alt are held."""


class KeyTaker(Protocol):
    """Receives keys before the tool while the canvas has the focus."""

    def wants(self, event: QKeyEvent) -> bool:
        """Return whether a key is meant for it, even if it is some command's."""

    def key(self, event: QKeyEvent) -> None:
        """Handle a key that it wanted."""


class Canvas(Pane):
    """Shows the mask of the open document, and lets the tool in use edit it.

    Attributes
    ----------
    tools : dict of str to Tool
        Those used so far, by the keys of their commands.
    tool : Tool
        The one in use; at first, one that does nothing.
    """

    cursor_changed = Signal(QPainterPath)
    """The outline of what a press would change; empty if nothing."""
    told = Signal(str)
    """A sentence for the status line; an empty one clears it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio.view.viewpoint)
        self.hint.hide()
        self._studio = studio
        self.sketch = Sketch(self)
        self.tools: dict[str, Tool] = {}
        self.tool = Tool(studio, self.sketch)
        self._pressed: Tool | None = None  # the tool that a button was pressed for
        self._button = Qt.MouseButton.NoButton
        self._takers: list[KeyTaker] = []
        self._erasing = False
        self._pen: tuple[float, bool] | None = None  # pressure, and whether the eraser end is used
        self._where: QPointF | None = None
        self._mask = MaskItem()
        self._outlines = LabelOutlines()
        self._hatch = FreeHatch()
        for item in (self._mask, self._hatch, self._outlines):
            self._box.addItem(item, ignoreBounds=True)
        self.cursor_changed.connect(self.show_cursor)
        opened, view = studio.opened, studio.view
        opened.switching.connect(self._leave)
        opened.switched.connect(self._on_document)
        opened.mask_changed.connect(self._draw_mask)
        opened.labels_changed.connect(self._draw_all)
        opened.reference_changed.connect(self._on_reference)
        view.overlay.changed.connect(self._draw_all)
        view.windowing.changed.connect(self._draw_reference)
        view.tools.taken.connect(self._use)
        view.tools.changed.connect(self._point)
        view.viewpoint.changed.connect(self._point)
        studio.anatomy.begun.connect(self.put_pointer_away)
        studio.anatomy.ended.connect(self.setFocus)
        studio.closing.connect(self._leave)
        self._on_document()
        if view.tools.tool:
            self._use(view.tools.tool)

    @property
    def document(self) -> Document:
        """The one shown and edited."""
        return self._studio.document

    @Slot()
    def _on_document(self) -> None:
        height, width = self.document.mask.shape
        self.viewpoint.set_image_size(width, height)
        self._draw_reference()
        self.tool.choose()
        self.told.emit("")  # the sentence was about the other document

    # ---- tools

    @Slot(str)
    def _use(self, key: str) -> None:
        """Switch to a tool."""
        tool = self._find(key)
        if tool is not self.tool:
            left = self.tool.leave() or ""
            self._pressed = None
            self.tool = self._studio.view.tools.pending = tool
            tool.choose()
            self._point()
            self.told.emit(f"{left} {tool.usage}".strip())

    def _find(self, key: str) -> Tool:
        if key not in self.tools:
            self.tools[key] = TOOLS[key](self._studio, self.sketch)
            self.tools[key].told.connect(self.told)
            self.tools[key].outlined.connect(self._point)
        return self.tools[key]

    @Slot()
    def _leave(self) -> None:
        self.tool.leave()
        self._pressed = None

    def share_keys_with(self, taker: KeyTaker) -> None:
        """Let a taker receive keys before the tool does."""
        self._takers.append(taker)

    @Slot()
    def put_pointer_away(self) -> None:
        """Hide the cursor until the pointer moves over the canvas again."""
        self._where = None
        self._point()

    # ---- drawing

    @Slot()
    def _on_reference(self) -> None:
        self.told.emit("")  # perhaps that there was no reference
        self._draw_reference()

    @Slot()
    def _draw_reference(self) -> None:
        reference = self.document.reference
        if reference is None:
            self._image.clear()
        else:
            pixels = self._studio.view.windowing.window.applied(reference.image)
            self._image.setImage(pixels, autoLevels=False, levels=(0, 255))
        self._draw_all()

    @Slot()
    def _draw_all(self) -> None:
        document, overlay = self.document, self._studio.view.overlay
        colors, pens = overlay.colors(document), {}
        if overlay.is_hidden:
            colors[:, 3] = 0
        elif overlay.is_outlined:
            for label in document.table.nested():  # inner labels above outer ones
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
        for item in (self._mask, self._hatch, self._outlines):
            if item.isVisible():
                item.show_values(self.document.mask.values, box)

    @Slot()
    def _point(self) -> None:
        """Show the outline of what a press would change, and whether it may."""
        path = QPainterPath()
        if self._where is not None and not self.is_panning:
            path = self.tool.footprint(self._pointer(self._where))
        self.cursor_changed.emit(path)
        if not self.is_panning and not self.pans_with_left:
            self._set_cursor()

    def _set_cursor(self) -> None:
        is_held = self._where is not None and self.tool.holds(self._pointer(self._where))
        shape = Qt.CursorShape.BitmapCursor if is_held else self.tool.cursor
        if shape is self.viewport().cursor().shape():
            return
        if shape is Qt.CursorShape.BitmapCursor:
            self.viewport().setCursor(QCursor(icon(MDI7.lock, "surround_text").pixmap(QSize(18, 18))))
        else:
            self.viewport().setCursor(shape)

    # ---- events

    def repeat(self, event: QMouseEvent, position: QPointF) -> None:
        """Do here what the pointer does elsewhere, at a position in mask pixels."""
        here = self.point(position)
        buttons = event.button(), event.buttons(), event.modifiers()
        QCoreApplication.sendEvent(
            self.viewport(), QMouseEvent(event.type(), here, event.globalPosition(), *buttons)
        )

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
        """Return the tool that a pressed button uses, if any."""
        right = event.button() == Qt.MouseButton.RightButton
        if self.is_panning or self._pressed is not None:
            return None
        if not right and event.button() != Qt.MouseButton.LeftButton:
            return None
        held = event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        picks = control and bool(held & Qt.KeyboardModifier.AltModifier)
        self._erasing = (right or control) and not picks
        self._pressed, self._button = self._find(PICKER) if picks else self.tool, event.button()
        return self._pressed

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._where = self.position(event.position())
        tool = self._begin(event)
        if tool is not None:
            tool.press(self._pointer(self.position(event.position()), event.modifiers()))
            self._point()  # the other button may be allowed to do more or less

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        Pane.mousePressEvent(self, event)
        tool = self._begin(event)
        if tool is not None:
            tool.double_click(self._pointer(self.position(event.position()), event.modifiers()))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not event.buttons() & self._button:
            self.end_drag()  # where it was last held
        self._where = self.position(event.position())
        if not self.is_panning:
            pointer = self._pointer(self._where, event.modifiers())
            if self._pressed is not None:
                self._pressed.drag(pointer)
            else:
                self.tool.hover(pointer)
        super().mouseMoveEvent(event)
        self._point()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        tool = self._pressed
        if tool is not None and event.button() == self._button:
            self._release(tool, self._pointer(self.position(event.position()), event.modifiers()))
        self._point()

    def _release(self, tool: Tool, pointer: Pointer) -> None:
        self._pressed = None  # first, for a release may lead elsewhere
        tool.release(pointer)
        self._erasing = False

    def end_drag(self) -> None:
        super().end_drag()
        if self._pressed is not None and self._where is not None:
            self._release(self._pressed, self._pointer(self._where))

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.put_pointer_away()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            turned = event.angleDelta().y() or event.angleDelta().x()
            tools = self._studio.view.tools
            tools.set_size(tools.settings.size + (1 if turned > 0 else -1))
            event.accept()
        else:
            super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QTabletEvent):
            # Not accepted, so that a mouse event follows, which uses the values stored here.
            end = event.pointerType() == event.pointerType().Eraser
            self._pen = None if event.type() == QEvent.Type.TabletRelease else (event.pressure(), end)
            event.ignore()
            return False
        return bool(super().viewportEvent(event))

    def event(self, event: QEvent) -> bool:
        # A key that the tool wants must not trigger a command.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self._taker(event) is not None
        ):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        taker = self._taker(event)
        if taker is not None:
            taker.key(event)
            event.accept()
        else:
            super().keyPressEvent(event)

    def is_shared(self, event: QKeyEvent) -> bool:
        """Return whether something other than the tool wants a key."""
        return any(taker.wants(event) for taker in self._takers)

    def _taker(self, event: QKeyEvent) -> KeyTaker | None:
        """Return who wants a key now, even if it is some command's."""
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return None  # Ctrl+Return always generates
        return next((taker for taker in (*self._takers, self.tool) if taker.wants(event)), None)
