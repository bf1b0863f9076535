"""The bar below a slice in which the distance of two points is given, and the picture's width is shown."""

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton

from segpaint.core.errors import SegPaintError
from segpaint.gui.parts.key_bar import KeyBar
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE
from segpaint.studio.scans.scale import Scale

NEXT = (
    "Click one end of a length that you know, such as a ruler.", "Click the other end.",
    "Type how long that is, and press Return.",
)  # fmt: skip
CAPTION = "Distance between the two clicks"
NUMBERS = "0123456789.,"
LINES = 3
"""Of text that there is always room for, so that nothing moves."""


class ScaleBar(KeyBar):
    """Is shown while a scale is being clicked on."""

    told = Signal(str)
    """A sentence for the status line."""

    def __init__(self, scale: Scale) -> None:
        super().__init__(objectName="bar")
        self._scale = scale
        self.outcome = PlainLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop)
        self.field = NumberField(0.1, 1000, value=scale.millimetres, decimals=1, suffix=" mm", name=CAPTION)
        self.caption = PlainLabel(CAPTION)
        self.apply = QPushButton("Apply", objectName="primary", toolTip="Give the picture this size (Return)")
        self.cancel = QPushButton("Cancel", toolTip="Leave the picture without a size (Escape)")
        for button in (self.apply, self.cancel):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.outcome.setMinimumHeight(LINES * self.outcome.fontMetrics().lineSpacing())
        buttons = in_row(self.cancel, self.apply, spacing=SPACE)
        in_column(self.outcome, self.caption, self.field, buttons, of=self, spacing=SPACE, margins=SPACE)
        self.field.valueChanged.connect(scale.set_millimetres)
        self.field.lineEdit().textEdited.connect(self._take)
        self.apply.clicked.connect(self._apply)
        self.cancel.clicked.connect(scale.leave)
        scale.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        scale, is_asked = self._scale, len(self._scale.ends) == 2
        is_new = is_asked and not self.field.isEnabled()
        self.field.setValue(scale.millimetres)
        self.apply.setEnabled(scale.is_sound)
        self.outcome.setText(self._words())
        for part in (self.caption, self.field):
            part.setEnabled(is_asked)
        self.setVisible(scale.is_on)
        if is_new:
            self.field.setFocus()
            self.field.selectAll()

    def _words(self) -> str:
        """Write what is to be done, or how wide the picture is, once the distance was given."""
        scale = self._scale
        try:
            width = scale.width
        except SegPaintError as error:
            return str(error)
        is_known = width is not None and scale.is_given
        return f"The picture is {width:.1f} mm wide." if is_known else NEXT[len(scale.ends)]

    @Slot()
    def _take(self) -> None:
        """Take the distance that the field shows, also if it is the one that was offered."""
        self._scale.set_millimetres(self.field.value())

    @Slot()
    def _apply(self) -> None:
        if self._scale.is_sound:
            self._take()
            text = self._words()
            self._scale.apply()
            self.told.emit(text)

    # ---- keys

    @property
    def is_in_use(self) -> bool:
        """Whether a scale is being clicked on, even if the bar is hidden with its panel."""
        return self._scale.is_on

    def wants(self, event: QKeyEvent) -> bool:
        """Return whether a key is meant for the bar: Return, Escape, or a digit of the distance."""
        return super().wants(event) or self._is_digit(event)

    def key(self, event: QKeyEvent) -> None:
        """Apply or leave; a digit that was typed over the slice goes into the field."""
        if self._is_digit(event):
            self.field.setFocus()
            self.field.selectAll()
            QCoreApplication.sendEvent(self.field, QKeyEvent(event))
        else:
            super().key(event)

    def _is_digit(self, event: QKeyEvent) -> bool:
        is_number = bool(event.text()) and event.text() in NUMBERS
        return is_number and self.is_in_use and self.field.isEnabled() and not self.field.hasFocus()

    def apply_it(self) -> None:
        """Give the picture its size, once both ends are chosen."""
        self._apply()

    def leave_it(self) -> None:
        """Leave the picture as it is."""
        self._scale.leave()
