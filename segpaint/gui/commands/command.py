"""Commands: each is one row with everything about it."""

from collections.abc import Callable
from dataclasses import dataclass

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


def _switch(key: str) -> Callable[[Studio, Shell, bool], object]:
    return lambda studio, _shell, on: studio.view.switches.set(key, on)


@dataclass(frozen=True, kw_only=True)
class Toggle(Command):
    """A command that is on or off. Its `run` also takes the new state.

    Without `run` and `is_on`, it switches its own key in `segpaint.studio.view.switches`.

    Attributes
    ----------
    is_on : callable or None
        Returns whether it is on in a state of the studio.
    choice : str
        Name of a choice of several commands, one of which is on. Its `run` receives True when chosen.
    remembered : bool
        Whether its state is kept after a restart.
    default : bool
        Whether it is on at first.
    """

    run: Callable[..., object] = always
    is_on: Callable[[Studio], bool] | None = None
    choice: str = ""
    remembered: bool = False
    default: bool = False

    def __post_init__(self) -> None:
        if self.run is always:
            object.__setattr__(self, "run", _switch(self.key))

    def holds(self, studio: Studio) -> bool:
        """Return whether it is on in a state of the studio."""
        return studio.view.switches.is_on(self.key) if self.is_on is None else self.is_on(studio)


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

    def choices(self, choice: str) -> list[Toggle]:
        """Return the commands of one choice."""
        return [row for row in self.values() if isinstance(row, Toggle) and row.choice == choice]


COMMANDS = CommandTable()
"""The table that every window reads; `segpaint.gui.window.rows` fills it from the rooms."""
LABEL_KEYS = 9
"""Number of labels, from the top of the list, that have a command each."""
