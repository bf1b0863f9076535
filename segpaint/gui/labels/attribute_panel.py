"""What the image is to show as a whole: a choice for each attribute that the model knows."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from segpaint.core.labels.attributes import Attribute
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.plain import ElidingLabel, PlainLabel, plain
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import SPACE
from segpaint.studio.studio import Studio

UNKNOWN = "Unknown"
WIDEST = 120
"""Pixels of a name beside its values, at most; a longer one is elided."""


class AttributePanel(QWidget):
    """Edits the attributes of the next request; hidden if the model knows none.

    Attributes
    ----------
    fields : dict of str to Choice
        By the name of the attribute.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self.fields: dict[str, Choice] = {}
        self._captions: list[QWidget] = []
        self._form = QGridLayout()
        self._form.setHorizontalSpacing(SPACE)
        self._form.setVerticalSpacing(SPACE // 2)
        self._form.setColumnStretch(1, 1)
        in_column(PlainLabel("Whole image", objectName="heading"), self._form, of=self)
        studio.opened.switched.connect(self.show_document)
        studio.opened.settings_changed.connect(self._show)
        self.show_document()

    @Slot()
    def show_document(self) -> None:
        """Show the attributes of the open document's model."""
        for old in (*self._captions, *self.fields.values()):
            old.hide()
            old.deleteLater()
        self.fields, self._captions = {}, []
        attributes = self._studio.document.checkpoint.description.attributes
        for row, attribute in enumerate(attributes):
            self._add(row, attribute)
        self.setVisible(bool(attributes))
        self._show()

    def _add(self, row: int, attribute: Attribute) -> None:
        caption = ElidingLabel(attribute.name)
        caption.setMinimumWidth(min(caption.fontMetrics().horizontalAdvance(attribute.name) + 2, WIDEST))
        field = Choice(toolTip=plain(f"{attribute.name}: unknown leaves it to the model"))
        field.setAccessibleName(attribute.name)
        field.addItem(UNKNOWN, None)
        for value in attribute.values:  # one of them may be called Unknown, too
            field.addItem(value, value)
        field.currentIndexChanged.connect(self._take)
        self._form.addWidget(caption, row, 0)
        self._form.addWidget(field, row, 1)
        self.fields[attribute.name] = field
        self._captions.append(caption)

    @Slot()
    def _show(self) -> None:
        known = self._studio.document.settings.attributes
        for name, field in self.fields.items():
            with QSignalBlocker(field):
                field.setCurrentIndex(max(0, field.findData(known[name])) if name in known else 0)

    @Slot()
    def _take(self) -> None:
        document = self._studio.document
        known = {name: field.currentData() for name, field in self.fields.items() if field.currentIndex() > 0}
        document.change_settings(replace(document.settings, attributes=known))
