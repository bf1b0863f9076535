"""The open model, with its card and the other models."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtWidgets import QToolButton, QWidget

from segpaint.core.printable import printable
from segpaint.core.requests.checkpoint import checkpoint_title
from segpaint.core.words import counted
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.opening import ask_checkpoint, open_folder
from segpaint.gui.models.model_commands import show_card
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import ElidingLabel, PlainLabel, plain
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.studio import Studio


class CheckpointPanel(QWidget):
    """Shows the open checkpoint, and opens others."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__()
        self._studio, self._shell = studio, shell
        self._current = 0  # index of the open one
        self.box = Choice(toolTip="The model that paints")
        self.box.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.card = QToolButton(
            icon=icon(MDI7.card_text_outline), toolTip="About this model", iconSize=QSize(18, 18)
        )
        self.facts = ElidingLabel("", objectName="heading")
        self.facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        choice = in_row(self.box, self.card, stretched=self.box, spacing=SPACE // 2)
        title = PlainLabel("Model", objectName="heading")
        in_column(in_row(title, self.facts, stretched=self.facts, spacing=SPACE), choice, of=self)
        self.card.clicked.connect(self._show_card)
        self.box.activated.connect(self._on_activated)
        studio.opened.switched.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        checkpoint, folders = self._studio.document.checkpoint, self._studio.folders
        self._current = folders.index(checkpoint.folder)
        with QSignalBlocker(self.box):
            self.box.clear()
            for known in folders:
                self.box.addItem(printable(checkpoint_title(known)), known)
            self.box.addItem("Another folder…", None)
            self.box.setCurrentIndex(self._current)
        description = checkpoint.description
        size = f"{description.size} × {description.size}"
        facts = f"{description.modality}, {size} pixels, {counted(len(description.labels), 'label')}"
        self.facts.setText(facts)
        self.facts.setToolTip(plain(facts))

    @Slot()
    def _show_card(self) -> None:
        show_card(self._studio, self._shell)

    @Slot(int)
    def _on_activated(self, place: int) -> None:
        folder = self.box.itemData(place)
        if place == self._current:
            return
        self.box.setCurrentIndex(self._current)  # until it is open
        if folder is None:
            ask_checkpoint(self._studio, self._shell)
        else:
            open_folder(self._studio, self._shell, folder)
