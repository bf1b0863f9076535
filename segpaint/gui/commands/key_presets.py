"""Keys as in other popular programs; ``resources/key_presets.toml`` lists them with their sources."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pydantic import TypeAdapter

from segpaint.gui.commands.command import COMMANDS
from segpaint.paths import read_resource

Keys: TypeAlias = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Preset:
    """Keys of another program.

    Attributes
    ----------
    note : str
        A sentence for users who choose it.
    keys : mapping of str to tuple of str
        The program's keys for the same action, by command.
    moved : mapping of str to tuple of str
        New keys of commands whose defaults the program uses otherwise.
    """

    note: str
    keys: Keys = field(default_factory=dict)
    moved: Keys = field(default_factory=dict)

    def keys_of(self, command: str) -> tuple[str, ...]:
        """Get the keys of a command."""
        return {**self.moved, **self.keys}.get(command, COMMANDS[command].keys)


PRESETS = TypeAdapter(dict[str, Preset]).validate_python(tomllib.loads(read_resource("key_presets.toml")))
"""By name, as shown and saved; the first is the default."""
