"""What the user has chosen, kept from one start to the next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSettings

Value = TypeVar("Value")


class Preferences:
    """Choices by name, in one file; two windows may share it.

    Each value is written as JSON, so that it comes back as what it was: an INI file knows texts alone.

    Parameters
    ----------
    path : Path
        Of the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    def get(self, name: str, default: Value) -> Value:
        """What was chosen; the default where nothing was, or something of another kind.

        Parameters
        ----------
        name : str
            As ``group/name``.
        default : bool, int, float, str, list or dict
        """
        try:
            value = json.loads(str(self._settings.value(name)))
        except ValueError:
            return default
        if isinstance(default, float) and type(value) is int:
            value = float(value)
        return value if type(value) is type(default) else default

    def set(self, name: str, value: bool | float | str | list[object] | dict[str, object]) -> None:
        """Keep a choice; it is written to the disk in a while, and at the latest when the program ends."""
        self._settings.setValue(name, json.dumps(value))

    def flush(self) -> None:
        """Write what is not yet on the disk."""
        self._settings.sync()
