"""The model card in a dialog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QImage, QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.style.theme import SPACE, theme

WIDTH = 920


class FittingBrowser(QTextBrowser):
    """Shows pictures no wider than a card is."""

    def loadResource(self, kind: int, name: QUrl) -> Any:
        loaded = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return loaded
        picture = QImage(self.document().baseUrl().resolved(name).toLocalFile())
        room = WIDTH - 8 * SPACE
        if picture.width() <= room:
            return picture
        return picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)


class CardDialog(QDialog):
    """A model card, with its pictures and the files that it links to."""

    def __init__(self, checkpoint: Checkpoint, parent: QWidget) -> None:
        super().__init__(parent, windowTitle=checkpoint.description.name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(WIDTH, 760)
        self._card = checkpoint.card or "This checkpoint has no model card."
        self._folder = checkpoint.folder.resolve()
        self.browser = FittingBrowser(openLinks=False)
        self.browser.document().setDocumentMargin(3 * SPACE)
        self.browser.anchorClicked.connect(self._follow)
        self.back = QPushButton("Back to the card")
        self.back.clicked.connect(self.show_card)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.back)
        layout.addWidget(self.browser)
        theme().changed.connect(self._show_again)
        self.show_card()

    @Slot()
    def show_card(self) -> None:
        """Show the card itself."""
        self._show(self._card, self._folder)
        self.back.hide()

    def _show(self, text: str, folder: Path) -> None:
        self._shown = text
        document = self.browser.document()
        document.setBaseUrl(QUrl.fromLocalFile(f"{folder}/"))
        document.setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        self.browser.moveCursor(QTextCursor.MoveOperation.Start)

    @Slot()
    def _show_again(self) -> None:
        """With its links in the colours of another theme, which are set as the text is read."""
        bar = self.browser.verticalScrollBar()
        place = bar.value()
        self.browser.document().setMarkdown(self._shown, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        bar.setValue(place)

    @Slot(QUrl)
    def _follow(self, link: QUrl) -> None:
        path = self._folder / link.path()
        if link.isRelative() and path.suffix == ".md" and path.is_file():
            self._show(path.read_text(encoding="utf-8"), path.parent)
            self.back.show()
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)) if link.isRelative() else link)
