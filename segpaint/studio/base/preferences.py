"""What the user has chosen, kept from one start to the next."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from PySide6.QtCore import QSettings

from segpaint.core.labels.labels import Color
from segpaint.studio.view.options import ToolSettings


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecentFile(_Group):
    """A file that was opened.

    Attributes
    ----------
    path : str
        Absolute.
    kind : {"mask", "reference"}
        As what it was opened.
    picture : str
        What it looked like: a small PNG in base64.
    """

    path: str
    kind: Literal["mask", "reference"]
    picture: str


class RememberedMapping(_Group):
    """What each value of a file means, in the labels that have this digest."""

    labels: str
    targets: dict[str, int | None]


class _Window(_Group):
    checkpoint: str = ""
    geometry: str = ""
    docks: str = ""
    opacity: float | None = None
    theme: str = ""


class _Files(_Group):
    folder: str = ""
    recent: tuple[RecentFile, ...] = ()


class _Labels(_Group):
    colors: dict[str, dict[str, Color]] = {}


class _Mappings(_Group):
    remembered: tuple[RememberedMapping, ...] = ()


class _Gestures(_Group):
    millimetres: bool = True


class _Keys(_Group):
    preset: str = ""
    own: dict[str, object] = {}


class Choices(_Group):
    """All that is kept, with what holds where nothing was chosen: ``files/folder`` is ``files.folder``.

    Attributes
    ----------
    window
        What the window was like when it was closed.
    files
        The folder in which dialogs begin, and the files opened last, newest first.
    labels
        Colours of labels by their names, by the name of the checkpoint's folder.
    mappings
        What masks from elsewhere were said to mean, newest first.
    keys
        The keymap, which itself leaves out what makes no sense.
    toggles : dict of str to bool
        Whether a command is on, by its key.
    choices : dict of str to str
        Key of the command in force, by the name of the choice.
    """

    window: _Window = _Window()
    files: _Files = _Files()
    labels: _Labels = _Labels()
    mappings: _Mappings = _Mappings()
    gestures: _Gestures = _Gestures()
    keys: _Keys = _Keys()
    tools: ToolSettings = ToolSettings()
    toggles: dict[str, bool] = {}
    choices: dict[str, str] = {}


class Preferences:
    """Choices in one file; two windows may share it.

    Each value is written as JSON, so that it comes back as what it was: an INI file knows texts alone.

    Parameters
    ----------
    path : Path
        Of the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def chosen(self) -> Choices:
        """What the file holds now, without what makes no sense."""
        groups: dict[Any, dict[Any, object]] = {}
        for key in self._settings.allKeys():
            group, _, name = key.partition("/")
            with suppress(ValueError):
                groups.setdefault(group, {})[name] = json.loads(str(self._settings.value(key)))
        try:
            return Choices.model_validate(groups)
        except ValidationError as error:
            for problem in error.errors():
                place, *rest = problem["loc"]
                if rest:
                    groups[place].pop(rest[0], None)
                else:
                    groups.pop(place)
            return Choices.model_validate(groups)

    def set(self, name: str, value: bool | float | str | list[Any] | dict[str, Any]) -> None:
        """Keep a choice; it is written to the disk in a while, and at the latest when the program ends.

        Parameters
        ----------
        name : str
            As ``group/name``, see `Choices`.
        value : bool, int, float, str, list or dict
        """
        self._settings.setValue(name, json.dumps(value))

    def flush(self) -> None:
        """Write what is not yet on the disk."""
        self._settings.sync()
