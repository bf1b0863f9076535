"""One value of a mask from elsewhere, as a row of the mapping dialog."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QDialog

from segpaint.core.labels.label_mapping import Guess, SourceValue
from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.gui.parts.plain import ElidingLabel, PlainLabel, plain
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import colors, set_tone

SWATCH = 16


class Choices(QStandardItemModel):
    """The possible meanings, shared by all values, since many values times many labels would be slow.

    Parameters
    ----------
    ratio : float
        Screen pixels per device-independent pixel.

    Attributes
    ----------
    targets : list of int or None
        The meaning of each line: a label index, 0 for background or 255 for free; None for nothing.
    """

    def __init__(self, table: LabelTable, ratio: float, parent: QObject) -> None:
        super().__init__(parent)
        self.targets: list[int | None] = []
        shades = [QColor(*map(int, shade)) for shade in table.colors()]
        named = [(label.index, label.name) for label in table.nested()]
        for target, name in (*named, (BACKGROUND, "background"), (FREE, "free region")):
            self._add(target, name, _swatch(shades[target], ratio))
        self._add(None, "ignore: background", _swatch(QColor.fromRgba(0), ratio))

    def _add(self, target: int | None, name: str, swatch: QPixmap) -> None:
        self.targets.append(target)
        self.appendRow(QStandardItem(QIcon(swatch), name))


class TargetBox(Choice):
    """Offers the possible meanings of a value."""

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self._targets = choices.targets
        self.setModel(choices)
        # Else each box would measure every line during any layout; see `fit_width`.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    @property
    def target(self) -> int | None:
        """A label index, 0 for background or 255 for free; None if nothing is chosen."""
        return self._targets[self.currentIndex()]

    def choose(self, target: int | None) -> None:
        """Choose one of them."""
        self.setCurrentIndex(self._targets.index(target))


class MappingRow(QObject):
    """One value of the file: its appearance and its meaning.

    Parameters
    ----------
    color : QColor
        Its colour in the preview of the file.
    """

    changed = Signal()

    def __init__(self, source: SourceValue, color: QColor, choices: Choices, dialog: QDialog) -> None:
        super().__init__(dialog)
        self.source = source
        self.is_chosen = self.is_unsure = False
        self.swatch = PlainLabel()
        self.swatch.setPixmap(_swatch(color, dialog.devicePixelRatioF()))
        self.name = ElidingLabel()
        self.pixels = PlainLabel(f"{source.pixels:,} px", objectName="heading")
        self.pixels.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.target = TargetBox(choices)
        self.reason = PlainLabel()
        self.show_name(source.name)
        self.target.currentIndexChanged.connect(self._on_choice)

    def show_name(self, name: str) -> None:
        """Show the value's number, or else its colour, and its name, if there is one."""
        source = self.source
        number = f"#{bytes(source.color or ()).hex()}" if source.index is None else str(source.index)
        self.name.setText(f"{number} {name}".strip())
        self.name.setToolTip(plain(self.name.text()))
        self.target.setAccessibleName(f"Meaning of {self.name.text()}")

    def show_guess(self, guess: Guess) -> None:
        """Choose the guess, unless the user has chosen already."""
        if self.is_chosen:
            return
        self.target.blockSignals(True)
        self.target.choose(guess.target)
        self.target.blockSignals(False)
        self._tell("no guess" if guess.reason is None else guess.reason.value, is_unsure=guess.is_unsure)

    @Slot()
    def _on_choice(self) -> None:
        self.is_chosen = True
        self._tell("chosen", is_unsure=False)
        self.changed.emit()

    def _tell(self, reason: str, *, is_unsure: bool) -> None:
        self.is_unsure = is_unsure
        self.reason.setText(reason)
        set_tone(self.reason, "warning" if is_unsure else "faint")


def fit_width(boxes: Sequence[TargetBox]) -> None:
    """Make boxes of the same choices wide enough for the longest, which is measured once for all."""
    first = boxes[0]
    policy = first.sizeAdjustPolicy()
    first.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    first.ensurePolished()
    width = first.sizeHint().width()
    first.setSizeAdjustPolicy(policy)
    for box in boxes:
        box.setMinimumWidth(width)


def _swatch(color: QColor, ratio: float) -> QPixmap:
    side = round(SWATCH * ratio)
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor.fromRgba(0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(colors().line))
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(1.5, 1.5, SWATCH - 3, SWATCH - 3), 3, 3)
    painter.end()
    return pixmap
