"""Commands: each is one row with everything about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QMenu

from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio


def always(_studio: Studio) -> str:
    """Allow a command in every state."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Command:
    """An entry of a menu, a button, a key or the palette.

    Attributes
    ----------
    key : str
        Its name in other parts and in the preferences.
    text : str
        As in a menu.
    run : callable
        Takes the studio and the shell.
    menu : str
        Its menu, such as "Edit" or "Edit/Tool"; empty for none.
    place : int
        Its order in the menu; a separator stands between one hundred and the next.
    also : tuple of str and int, or None
        A second menu that contains it, and its place there.
    keys : tuple of str
        The defaults, in Qt's notation; the first is shown. Active keys are in a
        `segpaint.gui.commands.keymap.Keymap`.
    icon : str
        A glyph key, or empty.
    hint : str
        A description for the tooltip; empty if the text suffices.
    group : str
        Its group in the shortcut sheet; its menu if empty.
    together : str
        The text of a line that it shares with similar commands in the sheet; empty for its own line.
    enabled : callable
        Returns why the command cannot be run in a state of the studio; an empty sentence if it can.
    """

    key: str
    text: str
    run: Callable[..., object]
    menu: str = ""
    place: int = 900
    also: tuple[str, int] | None = None
    keys: tuple[str, ...] = ()
    icon: str = ""
    hint: str = ""
    group: str = ""
    together: str = ""
    enabled: Callable[[Studio], str] = always

    @property
    def title(self) -> str:
        """The text without the dots that announce a dialog."""
        return self.text.rstrip("…")

    @property
    def sheet_group(self) -> str:
        """Its group in the shortcut sheet."""
        return self.group or self.menu.partition("/")[0] or "File"


@dataclass(frozen=True, kw_only=True)
class Toggle(Command):
    """A command that is on or off. Its `run` also takes the new state.

    Attributes
    ----------
    is_on : callable
        Returns whether it is on in a state of the studio.
    choice : str
        Name of a choice of several commands, one of which is on. Its `run` receives True when chosen.
    remembered : bool
        Whether its state is kept after a restart.
    default : bool
        Whether it is on at first.
    """

    is_on: Callable[[Studio], bool]
    choice: str = ""
    remembered: bool = False
    default: bool = False


def switch(key: str, *, run: Callable[[Studio, Shell, bool], object] | None = None, **row: Any) -> Toggle:
    """Return the row of a toggle whose state is held in `segpaint.studio.view.switches`.

    Parameters
    ----------
    run : callable or None
        If setting the switch is not enough.
    key, **row
        See `Toggle`.
    """

    def turn(studio: Studio, _shell: Shell, on: bool) -> None:
        studio.view.switches.set(key, on)

    return Toggle(key=key, run=run or turn, is_on=lambda studio: studio.view.switches.is_on(key), **row)


@dataclass(frozen=True, kw_only=True)
class Submenu:
    """A menu within a menu.

    Attributes
    ----------
    path : str
        Its own, such as "File/Examples".
    place : int
        See `Command`.
    fill : callable or None
        Takes the menu, the studio and the shell, and fills the menu each time it is shown; None if it
        contains only commands.
    """

    path: str
    place: int
    fill: Callable[[QMenu, Studio, Shell], None] | None = None


class CommandTable(dict[str, Command]):
    """All commands by key, and the submenus, in the order in which they were added."""

    def __init__(self) -> None:
        super().__init__()
        self.submenus: list[Submenu] = []

    def add(self, *rows: Command | Submenu) -> None:
        """Add rows.

        Raises
        ------
        ValueError
            If a command with that key exists.
        """
        for row in rows:
            if isinstance(row, Submenu):
                self.submenus.append(row)
            elif row.key in self:
                raise ValueError(f"there is a command {row.key!r} already")
            else:
                self[row.key] = row


COMMANDS = CommandTable()
"""The table that every window reads; `segpaint.gui.window.rows` fills it from the rooms."""
