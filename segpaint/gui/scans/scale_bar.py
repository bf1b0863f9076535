"""The bar below a slice in which the distance of two points is given, and the picture's width is shown."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton

from segpaint.core.errors import SegPaintError
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE
from segpaint.studio.scans.scale import Scale

APPLY = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
NEXT = (
    "Click one end of a length that you know, such as a ruler.", "Click the other end.",
)  # fmt: skip
LINES = 3
"""Of text that there is always room for, so that nothing moves."""


class ScaleBar(QFrame):
    """Is shown while a scale is being clicked on."""

    told = Signal(str)
    """A sentence for the status line."""

    def __init__(self, scale: Scale) -> None:
        super().__init__(objectName="bar")
        self._scale = scale
        self.outcome = PlainLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop)
        self.field = NumberField(
            0.1, 1000, value=scale.millimetres, decimals=1, suffix=" mm", name="Distance of the two points"
        )
        self.apply = QPushButton("Apply", objectName="primary", toolTip="Give the picture this size (Return)")
        self.cancel = QPushButton("Cancel", toolTip="Leave the picture without a size (Escape)")
        for button in (self.apply, self.cancel):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.outcome.setMinimumHeight(LINES * self.outcome.fontMetrics().lineSpacing())
        buttons = in_row(self.cancel, self.apply, spacing=SPACE)
        in_column(self.outcome, self.field, buttons, of=self, spacing=SPACE, margins=SPACE)
        self.field.valueChanged.connect(scale.set_millimetres)
        self.apply.clicked.connect(self._apply)
        self.cancel.clicked.connect(scale.leave)
        scale.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        scale = self._scale
        self.field.setValue(scale.millimetres)
        self.apply.setEnabled(scale.is_sound)
        try:
            width = scale.width
            text = NEXT[len(scale.ends)] if width is None else f"The picture is {width:.1f} mm wide."
        except SegPaintError as error:
            text = str(error)
        self.outcome.setText(text)
        self.setVisible(scale.is_on)

    @Slot()
    def _apply(self) -> None:
        if self._scale.is_sound:
            text = self.outcome.text()
            self._scale.apply()
            self.told.emit(text)

    # ---- keys

    def wants(self, event: QKeyEvent) -> bool:
        """Return whether a key is meant for the bar, even if it is some command's."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return self._scale.is_on and plain and event.key() in (*APPLY, Qt.Key.Key_Escape)

    def key(self, event: QKeyEvent) -> None:
        """Apply or leave, by a key that it wanted."""
        if event.key() in APPLY:
            self._apply()
        else:
            self._scale.leave()

    def event(self, event: QEvent) -> bool:
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.wants(event):
            self.key(event)
        else:
            super().keyPressEvent(event)
