"""The keymap: every command's keys, from a preset and from the user's changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.commands.key_presets import PRESETS, Keys
from segpaint.gui.commands.key_text import Chord, chords, clash, native, tidy

DEFAULT = next(iter(PRESETS))


@dataclass(frozen=True)
class Conflict:
    """A key that two commands want.

    Attributes
    ----------
    key : str
        As the command with the conflict wants it.
    other : str
        The other command.
    other_key : str
        As that command wants it, perhaps in another notation or longer.
    wins : bool
        Whether the command gets the key, and the other one does not.
    """

    key: str
    other: str
    other_key: str
    wins: bool

    @property
    def sentence(self) -> str:
        """A description, for the user who chose the key."""
        key, other_key, other = native(self.key), native(self.other_key), COMMANDS[self.other].title
        if key == other_key:
            matter = f"{key} is also wanted by “{other}”"
        elif len(chords(self.key)) == len(chords(self.other_key)):
            matter = f"{key} is the same key as {other_key}, wanted by “{other}”"
        else:
            matter = f"{key} begins like {other_key}, wanted by “{other}”"
        return f"{matter}, which {'goes without' if self.wins else 'keeps it'}."


@dataclass(frozen=True)
class Keymap:
    """Keys of all commands. If two want the same, the one that the user changed gets it, or the first.

    Parameters
    ----------
    preset : str
        A key of `PRESETS`; an unknown name means the default.
    own : mapping of str to sequence of str
        By command, all its keys instead of the preset's, or none. Invalid entries are left out.
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
        """Restore a saved keymap; invalid entries are left out."""
        kept = {
            command: tuple(key for key in keys if isinstance(key, str))
            for command, keys in own.items()
            if isinstance(keys, list)
        }
        return cls(preset, kept)

    # ---- changes

    def change(self, command: str, keys: tuple[str, ...]) -> Keymap:
        """Return a keymap in which a command has these keys."""
        return replace(self, own={**self.own, command: keys})

    def reset(self, command: str) -> Keymap:
        """Return a keymap in which a command has the preset's keys again."""
        return replace(self, own={name: keys for name, keys in self.own.items() if name != command})

    def after(self, before: Keymap, new: Keymap) -> Keymap:
        """Return a keymap with the changes that lead from one to another, and else as it is."""
        preset = self.preset if new.preset == before.preset else new.preset
        own = {
            command: (self if before.own.get(command) == new.own.get(command) else new).own.get(command)
            for command in {*self.own, *new.own}
        }
        return Keymap(preset, {command: keys for command, keys in own.items() if keys is not None})

    # ---- looking up

    def preset_keys(self, command: str) -> tuple[str, ...]:
        """Get the preset's keys of a command."""
        return tidy(PRESETS[self.preset].keys_of(command))

    def wanted(self, command: str) -> tuple[str, ...]:
        """Get the keys that a command wants; another one may have them."""
        return self.own.get(command, self.preset_keys(command))

    def keys(self, command: str) -> tuple[str, ...]:
        """Get the active keys of a command; the first is shown."""
        if command not in self._active:
            lost = {conflict.key for conflict in self.conflicts.get(command, ()) if not conflict.wins}
            self._active[command] = tuple(key for key in self.wanted(command) if key not in lost)
        return self._active[command]

    @cached_property
    def _active(self) -> dict[str, tuple[str, ...]]:
        """Keys that were asked for already."""
        return {}

    @cached_property
    def conflicts(self) -> dict[str, tuple[Conflict, ...]]:
        """The conflicts by command; each appears at both of its commands."""
        found: dict[str, tuple[Conflict, ...]] = {}
        given: defaultdict[tuple[Chord, ...], list[tuple[str, str]]] = defaultdict(list)
        for command in sorted(COMMANDS, key=lambda command: command not in self.own):
            for key in self.wanted(command):
                alike = given[chords(key)[:1]]  # no others clash with it
                taken = [(other, other_key) for other, other_key in alike if clash(key, other_key)]
                for other, other_key in taken:
                    found[command] = (*found.get(command, ()), Conflict(key, other, other_key, wins=False))
                    found[other] = (*found.get(other, ()), Conflict(other_key, command, key, wins=True))
                if not taken:
                    alike.append((command, key))
        return found
