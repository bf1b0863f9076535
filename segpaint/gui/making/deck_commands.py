"""Opens the window in which pairs are chosen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtWidgets import QWidget

from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.gui.making.deck_window import DeckWindow
    from segpaint.gui.making.starred_dialog import StarredDialog


TAKEN_UP = "The deck has taken up a candidate in place of your mask."


def choose_pairs(studio: Studio, shell: Shell) -> DeckWindow:
    """Open the window, or bring it to the front."""
    from segpaint.gui.making.deck_window import DeckWindow

    def build(parent: QWidget) -> DeckWindow:
        window = DeckWindow(studio, parent)
        window.edit_wanted.connect(partial(_make_way, shell, window))
        window.page.edit_ended.connect(partial(_offer_back, studio, shell, window))
        return window

    return shell.front(DeckWindow, build)


def _make_way(shell: Shell, window: DeckWindow) -> None:
    """Hide the deck while a mask of it is edited in the window."""

    def come_back() -> None:
        window.page.take_edited()
        window.show()

    window.hide()
    words = "The mask of a candidate is open. Change it, and bring it back into the deck."
    shell.ask(words, "Bring it back", come_back, tone="", until=lambda: not window.page.is_editing)


def _offer_back(studio: Studio, shell: Shell, window: DeckWindow) -> None:
    """Offer what was open in the window before the mask of a candidate."""
    page, before = window.page, window.page.before

    def is_over() -> bool:
        if before is None or page.before is not before or studio.document is not before.document:
            return True
        return before.document.strokes.stack.index() <= before.index  # undone by hand

    if not is_over():
        shell.ask(TAKEN_UP, "Bring it back", page.bring_back, tone="", until=is_over)


def take_starred(studio: Studio, shell: Shell) -> StarredDialog:
    """Open the dialog for what is starred."""
    from segpaint.gui.making.starred_dialog import StarredDialog

    return shell.open(partial(StarredDialog, studio))


ROWS = (
    Command(
        key="choose_pairs", text="Choose pairs…", run=choose_pairs, menu="Explore", place=201,
        icon=MDI7.cards_outline, hint="Go through many images, and take those that convince into a set",
    ),
    Command(
        key="from_starred", text="From starred…", run=take_starred, menu="Explore", place=201,
        icon=MDI7.star_outline, hint="Take what the history has starred into a paired set",
    ),
)  # fmt: skip
