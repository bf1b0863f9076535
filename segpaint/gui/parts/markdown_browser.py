"""Shows pages written in Markdown, with their pictures."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QCursor, QDesktopServices, QResizeEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QToolTip

from segpaint.core.errors import SegPaintError
from segpaint.core.printable import printable
from segpaint.core.requests.checkpoint import read_card
from segpaint.gui.parts.plain import plain
from segpaint.gui.style.pixmaps import to_image
from segpaint.gui.style.theme import SPACE, theme
from segpaint.io.image_files import open_image

MARGIN = 3 * SPACE
DATA = (".csv", ".jpeg", ".jpg", ".json", ".png", ".txt", ".webp")
"""Endings of files that open outside; a folder may come from anyone, and a program in it would run."""
REFUSED = "This link is not followed: only web pages, and pictures and text of this folder are."
PAUSE = 150
"""Milliseconds after a change of its width until pictures are fitted to it."""


class MarkdownBrowser(QTextBrowser):
    """Shows a page, and follows links to other pages of its folder.

    Web pages, and data files and pictures of the folder, are opened outside. No other file is read or opened,
    whatever a page links to. As with Qt's own pages, `backwardAvailable` is emitted, and the slot `backward`
    goes back.
    """

    def __init__(self) -> None:
        super().__init__(openLinks=False)
        self._root = Path()
        self._pages: list[tuple[str, Path]] = []  # with their folders; the last one is shown
        self._fitted = 0  # the width that the pictures shown were fitted to
        self.document().setDocumentMargin(MARGIN)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE)
        self._soon.timeout.connect(self._show_again)
        self.anchorClicked.connect(self._follow)
        theme().changed.connect(self._show_again)

    def show_page(self, text: str, folder: Path) -> None:
        """Show a page without a way back.

        Parameters
        ----------
        text : str
            Markdown.
        folder : Path
            Base of links and pictures; those outside it are refused.
        """
        self._root = folder.resolve()
        self._pages = []
        self._open(text, self._root)

    @Slot()
    def backward(self) -> None:
        """Show the page before this one."""
        if len(self._pages) > 1:
            self._pages.pop()
            self._open(*self._pages.pop())

    def _open(self, text: str, folder: Path) -> None:
        self._pages.append((text, folder))
        self._read()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.backwardAvailable.emit(len(self._pages) > 1)

    def _open_page(self, path: Path) -> None:
        try:
            self._open(read_card(path), path.parent)
        except SegPaintError as error:
            QToolTip.showText(QCursor.pos(), plain(str(error)), self)

    def _read(self) -> None:
        text, folder = self._pages[-1]
        document = self.document()
        self._fitted = self._room
        document.setBaseUrl(QUrl.fromLocalFile(f"{folder}/"))
        document.setMarkdown(
            printable("\n".join(text.splitlines())), QTextDocument.MarkdownFeature.MarkdownDialectGitHub
        )

    @property
    def _room(self) -> int:
        """Width for pictures beside the scroll bar, shown or not, else the two could alternate endlessly."""
        bar = self.verticalScrollBar().sizeHint().width()
        return max(1, self.width() - 2 * (self.frameWidth() + MARGIN) - bar)

    @Slot()
    def _show_again(self) -> None:
        """Parse the page again, since links keep their old colours, and pictures their old width."""
        if self._pages:
            bar = self.verticalScrollBar()
            place = bar.value()
            self._read()
            bar.setValue(place)

    @Slot(QUrl)
    def _follow(self, link: QUrl) -> None:
        path = self._inside(link)
        if path is not None and path.suffix.lower() == ".md":
            self._open_page(path)
        elif path is not None and path.suffix.lower() in DATA:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        elif link.scheme() in ("http", "https") and link.host():
            QDesktopServices.openUrl(link)
        else:
            QToolTip.showText(QCursor.pos(), REFUSED, self)

    def _inside(self, link: QUrl) -> Path | None:
        """Return the file that a link leads to, if it lies in the folder."""
        link = self.document().baseUrl().resolved(link)
        if not link.isLocalFile() or link.host():  # on Windows, looking for a host's file logs in there
            return None
        with suppress(OSError, ValueError, RuntimeError):  # of names that no file has, and of links in a circle
            path = Path(link.toLocalFile()).resolve()
            return path if path.is_relative_to(self._root) and path.is_file() else None
        return None

    # ---- events

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        path = self._inside(QUrl(name))
        is_picture = kind == QTextDocument.ResourceType.ImageResource.value
        if not is_picture or path is None or path.suffix.lower() not in DATA:
            return None
        try:
            pixels = np.asarray(open_image(path, first=True).convert("RGBA"))
        except SegPaintError:  # an empty place shows that it cannot be read
            return None
        picture = to_image(pixels)
        if picture.width() <= self._fitted:
            return picture
        return picture.scaledToWidth(self._fitted, Qt.TransformationMode.SmoothTransformation)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._room != self._fitted:
            if self.isVisible():
                self._soon.start()
            else:
                self._show_again()
