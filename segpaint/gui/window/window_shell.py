"""The window's shell: where handlers show sentences, ask questions and open dialogs."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMainWindow, QMenu, QWidget
from shiboken6 import isValid

from segpaint.core.printable import printable
from segpaint.gui.commands.shell import PASSING
from segpaint.gui.parts.last_folder import keep_folder, last_folder
from segpaint.gui.parts.message_bar import MessageBar, Until, never
from segpaint.gui.parts.number_dialog import NumberDialog
from segpaint.gui.parts.save_question import Naming, ask_where
from segpaint.gui.parts.wheel import only_focused
from segpaint.studio.base.preferences import Preferences

Dialog = TypeVar("Dialog", bound=QDialog)


class WindowShell:
    """A `segpaint.gui.commands.shell.Shell` for a window.

    Parameters
    ----------
    preferences : Preferences
        File dialogs begin in the folder that was used last.
    """

    def __init__(self, window: QMainWindow, messages: MessageBar, preferences: Preferences) -> None:
        self._window, self._messages, self._preferences = window, messages, preferences
        self._waiting: list[QDialog] = []
        self._passing: tuple[str, Until] = ("", never)  # what was shown last in the status line
        self.ask, self.quiet = messages.ask, messages.hide

    # ---- sentences

    def say(self, sentence: str, milliseconds: int = PASSING, until: Until = never) -> None:
        """Show a sentence in the status line for a while, see `segpaint.gui.commands.shell.Shell`."""
        self._passing = sentence, until
        # Before it is shown, it would be drawn over what else the status bar shows.
        if isValid(self._window) and self._window.isVisible():
            self._window.statusBar().showMessage(printable(sentence), milliseconds)

    def unsay(self, sentence: str) -> None:
        """Clear the status line, if it still shows this sentence."""
        if self._window.statusBar().currentMessage() == printable(sentence):
            self._window.statusBar().clearMessage()

    def leave(self) -> None:
        """Clear the status line, which is about a document that is about to be left."""
        self._window.statusBar().clearMessage()
        self._passing = "", never

    def settle(self) -> None:
        """Clear what no longer holds, or asks for what is done; to be called whenever something has changed."""
        sentence, is_over = self._passing
        if is_over():
            self.unsay(sentence)
            self._passing = "", never  # it may refer to a document that is no longer open
        self._messages.settle()

    def warn(self, problem: BaseException | str, until: Until = never) -> None:
        """Show what was wrong, or a sentence to be heeded, in the message bar."""
        if not isValid(self._messages):  # what ends along with the window may report something still
            return
        if isinstance(problem, str):
            self._messages.tell(problem, until)
        else:
            self._messages.show_error(problem, until)

    # ---- questions

    def ask_file(self, title: str, kinds: str) -> Path | None:
        """Ask for a file to open; None if the user gives up."""
        start = str(last_folder(self._preferences))
        return self._kept(QFileDialog.getOpenFileName(self._window, title, start, kinds)[0])

    def ask_where(self, title: str, name: str, kinds: str, naming: Naming) -> tuple[Path, str] | None:
        """Ask for a file to save; see `segpaint.gui.parts.save_question.ask_where`."""
        return ask_where(self._window, self._preferences, title, name, kinds, naming)

    def _kept(self, path: str) -> Path | None:
        if not path:
            return None
        keep_folder(self._preferences, Path(path))
        return Path(path)

    def ask_folder(self, title: str) -> Path | None:
        """Ask for a folder; None if the user gives up."""
        start = str(last_folder(self._preferences))
        folder = QFileDialog.getExistingDirectory(self._window, title, start)
        return Path(folder) if folder else None

    def ask_text(self, title: str, question: str, text: str) -> str:
        """Ask for a text, beginning with this one; empty if the user gives up."""
        answer, given = QInputDialog.getText(self._window, title, question, text=text)
        return answer.strip() if given else ""

    def ask_number(self, title: str, question: str, number: int, least: int, most: int) -> int | None:
        """Ask for a number, beginning with this one; None if the user gives up."""
        dialog = NumberDialog(title, question, number, least, most, self._window)
        given = dialog.exec() == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        return int(dialog.field.value()) if given else None

    # ---- dialogs

    def open(self, build: Callable[[QWidget], Dialog]) -> Dialog:
        """Open a dialog that is built with its parent; it is deleted when it is closed."""
        dialog = self._build(build)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._window.isVisible():
            dialog.open()
        else:
            self._waiting.append(dialog)
        return dialog

    def open_waiting(self) -> None:
        """Open what was to be opened before the window was shown."""
        while self._waiting:
            self._waiting.pop().open()

    def only(self, kind: type[Dialog], build: Callable[[QWidget], Dialog]) -> Dialog:
        """Open a dialog in place of those of its kind that are open."""
        for dialog in self._window.findChildren(kind):
            dialog.reject()
        return self.open(build)

    def front(self, kind: type[Dialog], build: Callable[[QWidget], Dialog]) -> Dialog:
        """Bring a window of this kind to the front, built if there is none yet; it stays when it is closed."""
        dialog = self._window.findChild(kind) or self._build(build)
        dialog.show()
        dialog.raise_()
        return dialog

    def beside(self, build: Callable[[QWidget], Dialog]) -> Dialog:
        """Show a window beside the main one, which can be used meanwhile."""
        dialog = self._build(build)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
        return dialog

    def _build(self, build: Callable[[QWidget], Dialog]) -> Dialog:
        dialog = build(self._window)
        only_focused(dialog)
        return dialog

    def menu(self) -> QMenu:
        """Make a menu to pop up; it is deleted when it is closed."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def close(self) -> None:
        """Close the window."""
        self._window.close()
