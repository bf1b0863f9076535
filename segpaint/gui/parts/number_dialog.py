"""A dialog that asks for one number."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from segpaint.gui.parts.layouts import OF_STYLE, in_column
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel


class NumberDialog(QDialog):
    """Asks for a whole number, beginning with this one."""

    def __init__(
        self, title: str, question: str, number: int, least: int, most: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, windowTitle=title)
        self.field = NumberField(least, most, value=number, name=question)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        in_column(PlainLabel(question), self.field, buttons, of=self, margins=OF_STYLE)
        self.field.selectAll()
