"""The window in which the pairs of a set are chosen by eye."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from segpaint.gui.making.deck_page import DeckPage
from segpaint.gui.making.deck_start import DeckStart
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.studio.studio import Studio

SIZE = 1080, 760


class DeckWindow(QDialog):
    """Asks what to choose from, then goes through the candidates; closing it closes the set."""

    edit_wanted = Signal()
    """See `DeckPage`."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent, windowTitle="Choose pairs")
        resize_within_screen(self, *SIZE)
        self._choosing = studio.choosing
        self.start, self.page = DeckStart(studio), DeckPage(studio)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        self.pages.addWidget(self.page)
        in_column(self.pages, of=self)
        self.start.begin.setDefault(True)  # a window knows the default button from here on
        self.start.left.connect(self.close)
        self.page.left.connect(self._choosing.close)
        self.page.edit_wanted.connect(self.edit_wanted)
        self._choosing.changed.connect(self._show)
        self._choosing.failed.connect(self._on_failed)
        self.finished.connect(self._choosing.close)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.start.refresh()
        if self.pages.currentWidget() is self.start:
            self.start.focus_first()

    @Slot()
    def _show(self) -> None:
        page = self.page if self._choosing.is_open else self.start
        if page is not self.pages.currentWidget():
            self.pages.setCurrentWidget(page)
            self.start.refresh()
            if page is self.page:
                page.setFocus()
            else:
                self.start.focus_first()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if not self._choosing.is_open:
            self.start.problem.show_error(error)
