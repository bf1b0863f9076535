"""Help > Guide: the pages of the guide in a window of their own, with search."""

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QPushButton, QWidget

from segpaint.core.reading import read_text
from segpaint.gui.parts.find_field import FindField
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.markdown_browser import MarkdownBrowser
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.style.theme import SPACE
from segpaint.paths import resources

START = "index.md"
PAGE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Page:
    """A page of the guide.

    Attributes
    ----------
    title : str
        Its heading.
    text : str
        Markdown.
    """

    path: Path
    title: str
    text: str

    def matches(self, words: list[str]) -> int:
        """Return how often words occur in the page, if all of them do; a hit in a heading counts ten.

        Examples of code count only if nothing else has the words.
        """
        text = self.text.casefold()
        if not all(word in text for word in words):
            return 0
        text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        headings = "".join(re.findall(r"^#.*$", text, re.MULTILINE))
        return 1 + sum(text.count(word) + 10 * headings.count(word) for word in words)


def read_guide(folder: Path) -> list[Page]:
    """Read the pages that the start page links to, in the order of its links, after the start page itself."""
    start = read_text(folder / START)
    names = [START, *re.findall(r"\]\(([\w-]+\.md)\)", start)]
    pages = []
    for path in (folder / name for name in dict.fromkeys(names)):
        if path.is_file():
            text = read_text(path)
            heading = re.search(r"^# (.+)$", text, re.MULTILINE)
            pages.append(Page(path, heading[1] if heading is not None else path.stem, text))
    return pages


class GuideWindow(QDialog):
    """Lists the pages that hold what is searched for, and shows the one that is chosen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, windowTitle="SegPaint guide")
        resize_within_screen(self, 1080, 760)
        self._pages = read_guide(resources() / "guide")
        self.search = FindField("Search the guide")
        self.list = QListWidget(accessibleName="Pages", spacing=SPACE // 4)
        self.browser = MarkdownBrowser()
        self.back = QPushButton("Back", enabled=False, autoDefault=False)
        side = in_column(self.search, self.list, self.back, spacing=SPACE)
        layout = in_row(side, of=self, stretched=side, spacing=SPACE, margins=SPACE)
        layout.addWidget(self.browser, 4)
        self.search.textChanged.connect(self._filter)
        self.search.taken.connect(self._show_first)
        self.search.entered.connect(self.list.setFocus)
        self.list.currentItemChanged.connect(self._show)
        self.browser.backwardAvailable.connect(self.back.setEnabled)
        self.back.clicked.connect(self.browser.backward)
        self._filter("")
        self.list.setCurrentRow(0)
        self.search.setFocus()

    @Slot(str)
    def _filter(self, text: str) -> None:
        """List the pages in which all words occur, those that match best first; all of them for no words."""
        words = text.casefold().split()
        found = [page for page in self._pages if page.matches(words)] if words else self._pages
        if words:
            found = sorted(found, key=lambda page: -page.matches(words))
        with QSignalBlocker(self.list):  # else each removal would choose the next page
            self.list.clear()
        for page in found:
            item = QListWidgetItem(page.title, self.list)
            item.setData(PAGE, page)
        if not found:
            QListWidgetItem("No page has these words", self.list).setFlags(Qt.ItemFlag.NoItemFlags)
        elif words:
            self.list.setCurrentRow(0)

    @Slot()
    def _show_first(self) -> None:
        self.list.setCurrentRow(0)

    @Slot(QListWidgetItem)
    def _show(self, item: QListWidgetItem | None) -> None:
        page = item.data(PAGE) if item is not None else None
        if isinstance(page, Page):
            self.browser.show_page(page.text, page.path.parent)
            words = self.search.text().split()
            if words:  # the first place where the rarest of them occurs
                self.browser.find(min(words, key=lambda word: page.text.casefold().count(word.casefold())))
