"""The bar below a slice in which the distance of two points is given, and the picture's width is shown."""

from PySide6.QtCore import Qt, Signal, Slot
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
)  # fmt: skip
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

    @property
    def is_in_use(self) -> bool:
        """Whether a scale is being clicked on, even if the bar is hidden with its panel."""
        return self._scale.is_on

    def apply_it(self) -> None:
        """Give the picture its size, once both ends are chosen."""
        self._apply()

    def leave_it(self) -> None:
        """Leave the picture as it is."""
        self._scale.leave()
