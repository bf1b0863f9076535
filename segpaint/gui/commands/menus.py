"""The menu bar, made from the rows of the commands."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from segpaint.gui.commands.command import COMMANDS, Command, Submenu
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio

TITLES = {
    "File": "&File", "Edit": "&Edit", "Anatomy": "&Anatomy", "Scan": "&Scan", "View": "&View", "Run": "&Run",
    "Explore": "E&xplore", "Help": "&Help",
}  # fmt: skip
"""Menus of the bar in order, with their mnemonics; an empty menu is left out."""


def fill_menu_bar(bar: QMenuBar, actions: Mapping[str, QAction], studio: Studio, shell: Shell) -> None:
    """Add all menus to a menu bar."""
    names = [*TITLES, *(command.menu for command in COMMANDS.values() if "/" not in command.menu)]
    for name in dict.fromkeys(filter(None, names)):
        bar.addMenu(build_menu(QMenu(TITLES.get(name, name), bar), name, actions, studio, shell))


def build_menu(menu: QMenu, path: str, actions: Mapping[str, QAction], studio: Studio, shell: Shell) -> QMenu:
    """Fill a menu with its commands and submenus.

    Parameters
    ----------
    path : str
        See `Command.menu`.
    actions : mapping of str to QAction
        By the keys of their commands.
    studio, shell
        Passed to `Submenu.fill`.
    """
    rows: list[tuple[int, Command | Submenu]] = [
        (place, row)
        for row in COMMANDS.values()
        for name, place in ((row.menu, row.place), row.also or ("", 0))
        if name == path
    ]
    rows += [(row.place, row) for row in COMMANDS.submenus if row.path.rpartition("/")[0] == path]
    section = None
    for place, row in sorted(rows, key=lambda row: row[0]):
        if section not in (None, place // 100):
            menu.addSeparator()
        section = place // 100
        if isinstance(row, Command):
            menu.addAction(actions[row.key])
        else:
            inner = QMenu(row.path.rpartition("/")[2], menu)
            menu.addMenu(build_menu(inner, row.path, actions, studio, shell))
            if row.fill is not None:
                # Not the submenu's own signal, since an empty one never shows.
                menu.aboutToShow.connect(partial(_fill, row, inner, studio, shell))
                inner.setEnabled(False)
    return menu


def _fill(row: Submenu, menu: QMenu, studio: Studio, shell: Shell) -> None:
    """Refill a menu, and disable it if it is empty."""
    menu.clear()
    if row.fill is not None:
        row.fill(menu, studio, shell)
    menu.setEnabled(any(action.isVisible() and not action.isSeparator() for action in menu.actions()))
