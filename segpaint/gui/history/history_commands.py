"""What is done with earlier results: restore, compare, star, delete."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.request import Request
from segpaint.gui.files.file_commands import FileCommands
from segpaint.gui.looking.comparison import Mode, Other
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.history_files import read_pixels
from segpaint.io.results import read_request
from segpaint.paths import find_checkpoint


class HistoryCommands(QObject):
    """What the filmstrip's menu and keys do.

    Parameters
    ----------
    window : MainWindow
    files : FileCommands
    """

    def __init__(self, window: MainWindow, files: FileCommands) -> None:
        super().__init__(window)
        self._window, self._files = window, files
        self._session = window.session
        self._strip = window.history
        self._folder = window.history.history.folder
        window.commands["history"].toggled.connect(self._strip.setVisible)
        window.commands["keep"].triggered.connect(self.keep)
        self._strip.history.failed.connect(window.messages.show_error)
        self._strip.menu_wanted.connect(self.show_menu)
        self._strip.film.restore_wanted.connect(self.restore)
        self._strip.film.delete_wanted.connect(self.delete)

    @Slot()
    def keep(self) -> None:
        """Keep the image looked at, which drafts are not by themselves."""
        result = self._session.trajectory.result
        kept = self._strip.history.add()
        words = "Kept in the history" if kept else "It is in the history already"
        self._window.statusBar().showMessage(
            words if result else "There is no finished image to keep yet", 4000
        )

    @Slot(QPoint)
    def show_menu(self, place: QPoint) -> None:
        """Offer what can be done with the results selected."""
        chosen = self._strip.film.chosen
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(chosen) == 1:
            menu.addAction("Restore everything", partial(self.restore, chosen[0]))
            menu.addAction("Compare with the image shown", partial(self.compare, chosen[0]))
        elif len(chosen) == 2:
            menu.addAction("Compare the two", partial(self.compare, chosen[1], chosen[0]))
        menu.addSeparator()
        starred = all(self._folder.is_starred(path) for path in chosen)
        menu.addAction("Take the star away" if starred else "Star", partial(self.star, on=not starred))
        menu.addAction("Show in the file manager", partial(_show_file, chosen[0]))
        menu.addSeparator()
        menu.addAction(f"Delete {len(chosen)} images" if len(chosen) > 1 else "Delete", self.delete)
        menu.popup(place)

    @Slot(Path)
    def restore(self, path: Path) -> bool:
        """Take up a result: its model, mask, labels and settings, and the image itself."""
        try:
            request, pixels = read_request(path), read_pixels(path)
            self._open_model(request)
        except SegPaintError as error:
            self._window.messages.show_error(error)
            return False
        if not self._files.open_request(path):
            return False
        self._session.show_result(request, pixels)
        return True

    def _open_model(self, request: Request) -> None:
        """Open the model that a request was made with, if another one is open."""
        document = self._session.document
        if document is None or document.checkpoint.folder.resolve().name != request.checkpoint:
            self._files.open_checkpoint(read_checkpoint(find_checkpoint(request.checkpoint)))

    def compare(self, path: Path, restored: Path | None = None) -> None:
        """Set a result beside the image shown, or beside another result, which is restored for it."""
        if restored is not None and not self.restore(restored):
            return
        try:
            pixels, mask = read_pixels(path), read_request(path).final.mask
        except SegPaintError as error:
            self._window.messages.show_error(error)
            return
        comparison = self._window.comparison
        comparison.pin_other(Other("earlier result", pixels, mask))
        if comparison.mode is Mode.OFF:
            self._window.commands[Mode.SWIPE.value].trigger()

    def star(self, *, on: bool) -> None:
        """Keep the results selected whatever comes, or no longer."""
        try:
            self._folder.star(self._strip.film.chosen, on=on)
        except SegPaintError as error:
            self._window.messages.show_error(error)
        self._strip.model.refresh()

    @Slot()
    def delete(self) -> None:
        """Delete the results selected, and offer to take that back."""
        chosen = self._strip.film.chosen
        if not chosen:
            return
        try:
            self._folder.delete(chosen)
        except SegPaintError as error:
            self._window.messages.show_error(error)
            return
        self._strip.model.remove(chosen)
        words = "One image was deleted." if len(chosen) == 1 else f"{len(chosen)} images were deleted."
        self._window.messages.ask(words, "Take back", partial(self.take_back, chosen))

    def take_back(self, paths: list[Path]) -> None:
        """Undo a deletion."""
        try:
            self._folder.take_back(paths)
        except SegPaintError as error:
            self._window.messages.show_error(error)
        else:
            self._strip.model.put_back(paths)


def _show_file(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
