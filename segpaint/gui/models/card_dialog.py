"""The model card in a dialog."""

from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.markdown_browser import MarkdownBrowser
from segpaint.gui.parts.screens import resize_within_screen

WIDTH = 920


class CardDialog(QDialog):
    """Shows a model card, with its pictures and the pages that it links to."""

    def __init__(self, checkpoint: Checkpoint, parent: QWidget) -> None:
        super().__init__(parent, windowTitle=checkpoint.description.name)
        resize_within_screen(self, WIDTH, 760)
        self.browser = MarkdownBrowser()
        self.back = QPushButton("Back")
        self.back.clicked.connect(self.browser.backward)
        self.browser.backwardAvailable.connect(self.back.setVisible)
        in_column(self.back, self.browser, of=self, spacing=0)
        self.browser.show_page(checkpoint.card or "This checkpoint has no model card.", checkpoint.folder)
