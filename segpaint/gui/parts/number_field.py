"""The one field for numbers of the whole window."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeAlias

from annotated_types import Ge, Le, Lt
from pydantic import BaseModel
from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QStyle, QStyleOptionSpinBox, QWidget

from segpaint.gui.parts.wheel import OnlyFocused

Number: TypeAlias = int | float
BEGUN = re.compile(r"[-+\d.,' \u00a0\u202f]*([eE][-+]?\d*)?")
"""What may stand in a field while somebody types."""
GROUPING = str.maketrans("", "", "' \u00a0\u202f")
LONGEST = 18
"""Characters of a number that a field provides room for."""


def limits(model: type[BaseModel], field: str) -> tuple[Number, Number]:
    """Look up the range that a model allows for a number."""
    least: Any = 0
    most: Any = 0
    for limit in model.model_fields[field].metadata:
        match limit:
            case Ge():
                least = limit.ge
            case Le():
                most = limit.le
            case Lt():
                most = limit.lt
                most -= 1  # of whole numbers
    return least, most


GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})*")
"""A whole number whose digits are grouped by commas."""


def _number(text: str) -> Decimal | None:
    """Read a number as people write it, in any locale; None if it is none.

    Comma and point both begin the decimals. Where both occur, the last one does, and the other groups digits.
    So does one that occurs twice, if it stands between groups of three.
    """
    plain = text.translate(GROUPING)
    for sign, other in (",.", ".,"):
        if plain.count(sign) > 1 or -1 < plain.rfind(sign) < plain.rfind(other):
            if GROUPED.fullmatch(plain.partition(other)[0].replace(sign, ",")) is None:
                return None
            plain = plain.replace(sign, "")
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None


class NumberField(OnlyFocused, QAbstractSpinBox):
    """Holds a number; text that somebody types stays as it is typed until the field is left.

    The methods are those of Qt's own spin boxes. These cannot be used: they drop the decimal sign of another
    locale, so that "1.5" becomes 15, and they hold no whole numbers beyond 2 ** 31.

    Parameters
    ----------
    minimum, maximum : int or float
        The range of what is set, not of what is usual.
    value : int or float, optional
        The smallest if left out.
    decimals : int
        Digits shown after the point; with 0, numbers are whole.
    step : int or float
        What an arrow adds.
    prefix, suffix : str
        Shown before and after the number.
    """

    valueChanged = Signal(object)  # noqa: N815 - as Qt's own fields have it
    """The new number."""

    def __init__(
        self,
        minimum: Number,
        maximum: Number,
        *,
        value: Number | None = None,
        decimals: int = 0,
        step: Number = 1,
        prefix: str = "",
        suffix: str = "",
        tip: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, toolTip=tip, accessibleName=name)
        self._least, self._most = minimum, maximum
        self._decimals, self._step, self._prefix, self._suffix = decimals, step, prefix, suffix
        self._value = self._bounded(minimum if value is None else value)
        self._is_typed = False  # the text is somebody's, not yet ours
        self._is_telling = False
        self.lineEdit().textEdited.connect(self._on_typed)
        self.lineEdit().cursorPositionChanged.connect(self._on_cursor)
        self.editingFinished.connect(self._write)
        self._write()

    # ---- the number

    def value(self) -> Number:
        """Return the number; an int, if numbers are whole."""
        return self._value

    @Slot(object)
    def setValue(self, value: Number) -> None:
        """Show a number, the nearest that is allowed; what is typed is replaced only by another one."""
        value = self._bounded(value)
        is_new = value != self._value
        self._value = value
        if not self._is_typed or (is_new and not self._is_telling):
            self._write()
        if is_new:
            self._tell()

    def minimum(self) -> Number:
        """Return the smallest number."""
        return self._least

    def maximum(self) -> Number:
        """Return the largest number."""
        return self._most

    def setRange(self, minimum: Number, maximum: Number) -> None:
        """Change the range, and the number with it."""
        self._least, self._most = minimum, maximum
        self.updateGeometry()
        self.setValue(self._value)

    def setDecimals(self, decimals: int) -> None:
        """Change how many digits are shown after the point."""
        self._decimals = decimals
        self.setValue(self._value)

    def setSingleStep(self, step: Number) -> None:
        """Change what an arrow adds."""
        self._step = step

    def setSuffix(self, suffix: str) -> None:
        """Change what is shown after the number."""
        if suffix != self._suffix:
            self._suffix = suffix
            self.updateGeometry()
            self.setValue(self._value)

    def _bounded(self, value: Number) -> Number:
        value = min(max(value, self._least), self._most)
        return value if self._decimals else int(Decimal(value).to_integral_value(ROUND_HALF_UP))

    def _tell(self) -> None:
        self._is_telling = True  # whoever hears of it may answer, which must not change what is being typed
        self.valueChanged.emit(self._value)
        self._is_telling = False
        self.update()  # the arrows at the ends of the range

    # ---- the text

    def _text(self, value: Number) -> str:
        return f"{self._prefix}{self._digits(value)}{self._suffix}"

    def _digits(self, value: Number) -> str:
        return f"{value:.{self._decimals}f}" if self._decimals else str(value)

    @Slot()
    def _write(self) -> None:
        self._is_typed = False
        text = self._text(self._value)
        if text != self.lineEdit().text():
            self.lineEdit().setText(text)

    def _typed(self, text: str) -> str:
        return text.removeprefix(self._prefix).removesuffix(self._suffix).strip()

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self._is_typed = True
        typed = _number(self._typed(text))
        if typed is not None:
            number = min(max(typed, Decimal(self._least)), Decimal(self._most))
            number = number.quantize(Decimal(1).scaleb(-self._decimals), ROUND_HALF_UP)
            value = self._bounded(float(number) if self._decimals else int(number))
            if value != self._value:
                self._value = value
                self._tell()

    @Slot(int, int)
    def _on_cursor(self, _before: int, place: int) -> None:
        """Keep the cursor within the number."""
        edit = self.lineEdit()
        text = edit.text()
        end = len(text) - (len(self._suffix) if text.endswith(self._suffix) else 0)
        start = len(self._prefix) if text.startswith(self._prefix) else 0
        if not edit.hasSelectedText() and not start <= place <= end:
            edit.setCursorPosition(min(max(place, start), end))

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Allow what a number may begin with; what is none is corrected once the field is left."""
        typed = self._typed(text)
        if BEGUN.fullmatch(typed) is None:
            return QValidator.State.Invalid, text, place
        is_whole = _number(typed) is not None
        return QValidator.State.Acceptable if is_whole else QValidator.State.Intermediate, text, place

    # ---- Qt

    def stepBy(self, steps: int) -> None:
        """Add that many steps."""
        self._is_typed = False
        self.setValue(round(self._value + steps * self._step, 9))
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Return which of the two arrows can be used."""
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._value < self._most:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self._value > self._least:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def sizeHint(self) -> QSize:
        return self._room(f"{self._prefix}{self._suffix} ")

    def minimumSizeHint(self) -> QSize:
        return self._room(f"{self._prefix} ")

    def _room(self, fixed: str) -> QSize:
        """Compute the size as Qt does for its own fields."""
        self.ensurePolished()
        ends = (self._digits(end)[:LONGEST] + fixed for end in (self._least, self._most))
        width = max(map(self.fontMetrics().horizontalAdvance, ends)) + 2  # of the cursor
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        wanted = QSize(width, self.lineEdit().sizeHint().height())
        return self.style().sizeFromContents(QStyle.ContentsType.CT_SpinBox, option, wanted, self)
