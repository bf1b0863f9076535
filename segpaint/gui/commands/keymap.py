"""The keymap: which keys every command has; a preset's, and what the user has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from segpaint.gui.commands.commands import COMMANDS
from segpaint.gui.commands.key_presets import PRESETS, Keys
from segpaint.gui.commands.key_text import chords, clash, native, tidy

DEFAULT = next(iter(PRESETS))


@dataclass(frozen=True)
class Conflict:
    """A key that two commands want.

    Attributes
    ----------
    key : str
        As the command wants it that the conflict is told of.
    other : str
        The other command.
    other_key : str
        As that one wants it: written otherwise perhaps, or longer.
    wins : bool
        Whether the command keeps its key, and the other goes without.
    """

    key: str
    other: str
    other_key: str
    wins: bool

    @property
    def sentence(self) -> str:
        """What is the matter, for whoever chose the key."""
        key, other_key, other = native(self.key), native(self.other_key), COMMANDS[self.other].text.rstrip("…")
        if key == other_key:
            matter = f"{key} is also wanted by “{other}”"
        elif len(chords(self.key)) == len(chords(self.other_key)):
            matter = f"{key} is the same key as {other_key}, wanted by “{other}”"
        else:
            matter = f"{key} begins like {other_key}, wanted by “{other}”"
        return f"{matter}, which {'goes without' if self.wins else 'keeps it'}."


@dataclass(frozen=True)
class Keymap:
    """Keys of all commands. Of two that want the same, the one that the user changed has it, or the first.

    Parameters
    ----------
    preset : str
        A key of `PRESETS`; the default one instead of a name that is none.
    own : mapping of str to sequence of str
        By command, all its keys instead of the preset's, or none. What is no command or no key is left out.
    """

    preset: str = DEFAULT
    own: Keys = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            object.__setattr__(self, "preset", DEFAULT)
        own = {command: tidy(self.own[command]) for command in COMMANDS if command in self.own}
        own = {command: keys for command, keys in own.items() if keys != self.preset_keys(command)}
        object.__setattr__(self, "own", own)

    @classmethod
    def restored(cls, preset: str, own: Mapping[str, object]) -> Keymap:
        """The keymap that was kept as these; what makes no sense in them is left out."""
        kept = {
            command: tuple(key for key in keys if isinstance(key, str))
            for command, keys in own.items()
            if isinstance(keys, list)
        }
        return cls(preset, kept)

    # ---- changes

    def change(self, command: str, keys: tuple[str, ...]) -> Keymap:
        """A keymap in which a command has these keys."""
        return replace(self, own={**self.own, command: keys})

    def reset(self, command: str) -> Keymap:
        """A keymap in which a command has the preset's keys again."""
        return replace(self, own={name: keys for name, keys in self.own.items() if name != command})

    # ---- what it says

    def preset_keys(self, command: str) -> tuple[str, ...]:
        """What the preset gives a command."""
        return tidy(PRESETS[self.preset].keys_of(command))

    def wanted(self, command: str) -> tuple[str, ...]:
        """What a command asks for; another may have it."""
        return self.own.get(command, self.preset_keys(command))

    def keys(self, command: str) -> tuple[str, ...]:
        """The keys in force of a command; the first is shown."""
        lost = {conflict.key for conflict in self.conflicts.get(command, ()) if not conflict.wins}
        return tuple(key for key in self.wanted(command) if key not in lost)

    @cached_property
    def conflicts(self) -> dict[str, tuple[Conflict, ...]]:
        """The conflicts of those commands that have any; each is told of both."""
        found: dict[str, tuple[Conflict, ...]] = {}
        given: list[tuple[str, str]] = []
        for command in sorted(COMMANDS, key=lambda command: command not in self.own):
            for key in self.wanted(command):
                taken = [(other, other_key) for other, other_key in given if clash(key, other_key)]
                for other, other_key in taken:
                    found[command] = (*found.get(command, ()), Conflict(key, other, other_key, wins=False))
                    found[other] = (*found.get(other, ()), Conflict(other_key, command, key, wins=True))
                if not taken:
                    given.append((command, key))
        return found
