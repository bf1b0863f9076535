"""The shell: what a command's handler needs of a window."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from PySide6.QtWidgets import QDialog, QMenu, QWidget

from segpaint.gui.parts.message_bar import Until, never
from segpaint.gui.parts.save_question import Naming

Dialog = TypeVar("Dialog", bound=QDialog)
PASSING = 6000
"""Milliseconds that a sentence stays in the status line."""


class Shell(Protocol):
    """Shows sentences, asks questions and opens dialogs."""

    def say(self, sentence: str, milliseconds: int = PASSING, until: Until = never) -> None:
        """Show a sentence in the status line for a while, until it holds no longer; an empty one clears it."""

    def unsay(self, sentence: str) -> None:
        """Clear the status line, if it still shows this sentence."""

    def warn(self, problem: BaseException | str, until: Until = never) -> None:
        """Show an error, or a warning, in the message bar, perhaps until what it asks for is done."""

    def ask(
        self,
        text: str,
        answer: str,
        action: Callable[[], object],
        *,
        other: tuple[str, Callable[[], object]] | None = None,
        passing: bool = False,
        tone: str = "warning",
        until: Until = never,
    ) -> None:
        """Show a sentence in the message bar with an offer; see `MessageBar.ask`."""

    def quiet(self) -> None:
        """Clear the message bar."""

    def ask_file(self, title: str, kinds: str) -> Path | None:
        """Ask for a file to open; None if the user cancels."""

    def ask_where(self, title: str, name: str, kinds: str, naming: Naming) -> tuple[Path, str] | None:
        """Ask for a file to save, and whether to overwrite all that is there; None if the user cancels.

        Parameters
        ----------
        naming : callable
            Names all files that will be written, from the path and the kind that were chosen.

        Returns
        -------
        Path
            The first of these files.
        str
            The chosen kind.
        """

    def ask_folder(self, title: str) -> Path | None:
        """Ask for a folder; None if the user cancels."""

    def ask_text(self, title: str, question: str, text: str) -> str:
        """Ask for a text, beginning with this one; empty if the user cancels."""

    def ask_number(self, title: str, question: str, number: int, least: int, most: int) -> int | None:
        """Ask for a number, beginning with this one; None if the user cancels."""

    def open(self, build: Callable[[QWidget], Dialog]) -> Dialog:
        """Open a dialog that is built with its parent; it is deleted when it is closed."""

    def only(self, kind: type[Dialog], build: Callable[[QWidget], Dialog]) -> Dialog:
        """Open a dialog, and close others of its kind."""

    def front(self, kind: type[Dialog], build: Callable[[QWidget], Dialog]) -> Dialog:
        """Bring a window of this kind to the front, built if there is none yet; it stays when it is closed."""

    def beside(self, build: Callable[[QWidget], Dialog]) -> Dialog:
        """Show a window beside the main one, which stays usable."""

    def menu(self) -> QMenu:
        """Make a menu to pop up; it is deleted when it is closed."""

    def close(self) -> None:
        """Close the window."""
