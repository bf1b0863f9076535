"""One label in the list: swatch, name, its area, three switches."""

from collections.abc import Sequence
from html import escape

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from segpaint.core.labels.areas import Area
from segpaint.core.labels.labels import FREE
from segpaint.core.requests.faithfulness import POOR
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import ElidingLabel, PlainLabel
from segpaint.gui.style.theme import SPACE, colors, icon, set_tone
from segpaint.gui.style.theme_colors import BLACK, HATCH, WHITE

ROW_HEIGHT = 4 * SPACE + 4
INDENT = 10
SWITCHES = {
    "shown": (MDI7.eye_off_outline, MDI7.eye_outline, "text", "Shown on the canvas"),
    "used": (
        MDI7.help_circle_outline,
        MDI7.check_circle_outline,
        "accent",
        "Used: the model follows this label. Off: it is left out (ablated), so the model decides "
        "whether and where it is",
    ),
    "locked": (MDI7.lock_open_variant_outline, MDI7.lock, "warning", "Locked: neither loses nor gains a pixel"),
}
"""Icon when off, icon when on, its colour then, tooltip."""
STEPS: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
MOVES: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Swatch(QWidget):
    """A square in a label's colour with the key that chooses it; hatched for free."""

    double_clicked = Signal()

    def __init__(self, color: QColor, *, hatched: bool = False) -> None:
        super().__init__()
        self._color, self._key, self._hatched = color, "", hatched
        self.setFixedSize(16, 16)

    @property
    def color(self) -> QColor:
        """Its fill colour."""
        return self._color

    def set_color(self, color: QColor) -> None:
        """Change its fill colour."""
        self._color = color
        self.update()

    def set_key(self, key: str) -> None:
        """Show this key, if there is room for it."""
        self._key = key if len(key) == 1 else ""
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colors().line))
        painter.setBrush(self._color)
        rect = self.rect().adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(rect, 3, 3)
        if self._hatched:
            painter.setPen(QColor(HATCH))
            for offset in range(4, 24, 5):
                painter.drawLine(max(2, offset - 12), min(offset, 13), min(offset, 13), max(2, offset - 12))
        if self._key:
            self._draw_key(painter)

    def _draw_key(self, painter: QPainter) -> None:
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        if self._hatched:  # the lines would cross the letter
            painter.fillRect(self.rect().adjusted(4, 3, -4, -3), self._color)
        painter.setPen(QColor(BLACK if self._color.lightnessF() > 0.45 else WHITE))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()


class Switch(QToolButton):
    """A toggle that leaves the arrow keys to its row."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS or event.key() in MOVES:
            event.ignore()
        else:
            super().keyPressEvent(event)


class LabelRow(QFrame):
    """One line: swatch, name and, for a label, its switches.

    Parameters
    ----------
    value : int
        A label index, or 255 for free.
    depth : int
        Number of labels around it.
    """

    chosen = Signal(int)
    color_wanted = Signal(int)
    menu_wanted = Signal(int, QPoint)
    """Its value, and the position on the screen."""
    stepped = Signal(int)
    """By an arrow key: -1 up, 1 down."""

    def __init__(self, value: int, name: str, color: QColor, tooltip: str, depth: int = 0) -> None:
        super().__init__(objectName="row")
        self.value = value
        self.hints: tuple[str, ...] = ()
        self._tooltip, self._key, self._figures = tooltip, "", ""
        self.switches: dict[str, QToolButton] = {}
        self.swatch = Swatch(color, hatched=value == FREE)
        self.name = ElidingLabel(name)
        self.figure = PlainLabel(objectName="figure")
        self.mark = QToolButton(
            icon=icon(MDI7.alert_circle_outline, "warning"),
            iconSize=QSize(14, 14),
            objectName="mark",
            toolTip="Unlike the masks that the model learnt from",
        )
        self.mark.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.mark.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)  # the row's tooltip explains it
        self.score = PlainLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        words, margins = self._words(), (SPACE + INDENT * depth, 1, SPACE // 2, 1)
        parts = self.swatch, SPACE // 2, words, self.score
        self._layout = in_row(*parts, of=self, stretched=words, spacing=SPACE // 4, margins=margins)
        self.setMinimumHeight(ROW_HEIGHT)
        self.setAccessibleName(name)
        self.swatch.double_clicked.connect(self._want_color)
        self._tell()

    def _words(self) -> QVBoxLayout:
        """Lay out the name, and below it the figure, so that the row's other parts never move."""
        policy = self.mark.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.mark.setSizePolicy(policy)
        self.mark.hide()
        below = in_row(self.figure, self.mark, None, spacing=SPACE // 2)
        return in_column(None, self.name, below, None, spacing=0)

    def add_switch(self, key: str) -> QToolButton:
        """Add a toggle."""
        off, on, color, tooltip = SWITCHES[key]
        button = Switch(checkable=True, toolTip=tooltip, iconSize=QSize(18, 18), objectName="switch")
        button.setAccessibleName(f"{key}: {self.name.text()}")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setIcon(icon(off, "faint", checked_key=on, checked=color))
        self.switches[key] = button
        self._layout.addWidget(button)
        return button

    # ---- information

    def set_key(self, key: str) -> None:
        """Show the key that chooses this row; empty for none."""
        self._key = key
        self.swatch.set_key(key)
        self._tell()

    def show_area(self, own: Area, whole: Area) -> None:
        """Show the label's area.

        Parameters
        ----------
        own : Area
            Its own pixels.
        whole : Area
            Together with all labels inside it.
        """
        self.figure.setText(own.short)
        self.figure.ensurePolished()  # sets its small font
        self.figure.setMinimumWidth(self.figure.fontMetrics().horizontalAdvance(own.longest))
        self._figures = ", ".join(own.parts) + (" of the image" if own.pixels else "")
        if whole.pixels != own.pixels:
            self._figures += f"; with what lies inside it {', '.join(whole.parts)}"
        self._tell()

    def show_hints(self, sentences: Sequence[str]) -> None:
        """Mark the label as worth checking, for these reasons; none removes the mark."""
        self.hints = tuple(sentences)
        self.mark.setVisible(bool(sentences))
        self._tell()

    def show_score(self, dice: float | None, real: float | None, *, is_earlier: bool = False) -> None:
        """Show how well an image matches the label; None for nothing.

        Parameters
        ----------
        real : float or None
            The segmenter's Dice on real slices.
        is_earlier : bool
            Whether the mask has changed since the image was made; the score is then in brackets.
        """
        score = "" if dice is None else f"{dice:.2f}"
        self.score.setText(f"({score})" if score and is_earlier else score)
        weak = real is not None and real < POOR
        set_tone(self.score, "aside" if weak else "faint")
        on_real = f" On real slices it reaches {real:.2f}" if real is not None else ""
        doubt = ", too little to judge by" if weak else ""
        mask = "the mask that the image was made from, which has changed since," if is_earlier else "mask"
        self.score.setToolTip(
            f"Dice between {mask} and what the segmenter finds in the image: a model's opinion.{on_real}{doubt}"
        )

    def _tell(self) -> None:
        key = f", key {self._key}" if self._key else ""
        use = f"{self._tooltip} (value {self.value}{key})"
        lines = [line for line in (use, self._figures, *self.hints) if line]
        self.setToolTip("".join(f"<p>{escape(line)}</p>" for line in lines))  # HTML, so that it is wrapped
        self.setAccessibleDescription(". ".join(lines[1:]))

    # ---- choosing, and the keyboard

    @property
    def places(self) -> list[QWidget]:
        """Its parts that can have the focus, from left to right."""
        return [self, *self.switches.values()]

    def set_current(self, current: bool) -> None:
        """Mark the row that is painted with."""
        if current is not self.property("current"):
            self.setProperty("current", current)
            self.style().polish(self)

    def set_tab_stop(self, stop: bool) -> None:
        """Include the row in the tab order or not; one is enough, since arrow keys reach the others."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if stop else Qt.FocusPolicy.ClickFocus)
        for switch in self.switches.values():
            switch.setFocusPolicy(Qt.FocusPolicy.TabFocus if stop else Qt.FocusPolicy.NoFocus)

    def _want_color(self) -> None:
        self.color_wanted.emit(self.value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.value)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(self.value, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in STEPS:
            self.stepped.emit(STEPS[key])
        elif key in MOVES:
            places = self.places
            at = next((place for place, widget in enumerate(places) if widget.hasFocus()), 0)
            places[min(max(at + MOVES[key], 0), len(places) - 1)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)
