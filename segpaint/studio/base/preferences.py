"""The user's choices, saved between starts."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from PySide6.QtCore import QSettings

from segpaint.core.errors import SegPaintError
from segpaint.core.files import make_private, put_aside
from segpaint.core.labels.labels import Color
from segpaint.core.reading import check_regular, parse_json, read_text, reads
from segpaint.studio.base.tool_settings import ToolSettings

ASIDE = "unreadable"


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecentFile(_Group):
    """A file that was opened, or a folder of scans.

    Attributes
    ----------
    path : str
        Absolute.
    kind : {"mask", "reference", "project", "scan"}
        What it was opened as.
    picture : str
        A small PNG of it in base64.
    """

    path: str
    kind: Literal["mask", "reference", "project", "scan"]
    picture: str


class RememberedMapping(_Group):
    """The meaning of each value of a file, for the labels that have this digest."""

    labels: str
    targets: dict[str, int | None]


def _keep_valid(entries: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Leave out the invalid entries of a list or a dict."""
    if not isinstance(entries, list | dict):
        return validate(entries)
    kept: list[Any] = []
    for entry in entries.items() if isinstance(entries, dict) else entries:
        with suppress(ValidationError):
            kept += validate([entry]) if isinstance(entries, list) else validate(dict([entry])).items()
    return dict(kept) if isinstance(entries, dict) else tuple(kept)


_VALID = WrapValidator(_keep_valid)


class _Window(_Group):
    checkpoint: str = ""
    geometry: str = ""
    docks: str = ""
    opacity: float | None = None
    theme: str = ""
    begun: bool = False


class _Layout(_Group):
    splitters: Annotated[dict[str, Annotated[dict[str, tuple[int, ...]], _VALID]], _VALID] = {}


class _Files(_Group):
    folder: str = ""
    matched: str = ""
    figures: str = ""
    sets: Annotated[tuple[str, ...], _VALID] = ()
    recent: Annotated[tuple[RecentFile, ...], _VALID] = ()


class _Labels(_Group):
    colors: Annotated[dict[str, Annotated[dict[str, Color], _VALID]], _VALID] = {}


class _Mappings(_Group):
    remembered: Annotated[tuple[RememberedMapping, ...], _VALID] = ()


class _Scans(_Group):
    frames: Annotated[dict[str, tuple[float, float, float, float]], _VALID] = {}
    widths: Annotated[dict[str, float], _VALID] = {}


class _Gestures(_Group):
    millimetres: bool = True


class _Stage(_Group):
    seconds: float = 6.0


class _Keys(_Group):
    preset: str = ""
    own: dict[str, object] = {}


class Choices(_Group):
    """All saved choices, with their defaults; ``files/folder`` is ``files.folder``.

    Attributes
    ----------
    window
        The window's state when it was closed.
    layout
        How the user divided the window, by the names of splitters, see `segpaint.gui.parts.splitter`.
    files
        The folder in which dialogs begin, those of matched pairs and of figures, those of paired sets that
        are not complete, and the files opened last, newest first.
    labels
        Colours of labels by their names, by the name of the checkpoint's folder.
    mappings
        Meanings of values in masks from elsewhere, newest first.
    scans
        Frames by series and plane, as row, column, and steps; widths of pictures in millimetres by series.
    stage
        How long a run takes on the stage.
    keys
        The keymap, which itself leaves out invalid entries.
    toggles : dict of str to bool
        Whether a command is on, by its key.
    choices : dict of str to str
        Key of the active command, by the name of the choice.
    """

    window: _Window = _Window()
    layout: _Layout = _Layout()
    files: _Files = _Files()
    labels: _Labels = _Labels()
    mappings: _Mappings = _Mappings()
    gestures: _Gestures = _Gestures()
    scans: _Scans = _Scans()
    stage: _Stage = _Stage()
    keys: _Keys = _Keys()
    tools: ToolSettings = ToolSettings()
    toggles: dict[str, bool] = {}
    choices: dict[str, str] = {}


class Preferences:
    """Choices in one file, which several windows may share.

    Each value is written as JSON, since an INI file stores only text. If the file cannot be read, the choices
    are kept in memory alone until it is put aside.

    Parameters
    ----------
    path : Path
        The file, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._is_private = path, False
        self._settings, self._problem = _open(path)

    def put_aside(self) -> str:
        """Move a file that cannot be read out of the way; a sentence on it for the user, or an empty one."""
        problem = self._problem
        if problem is None:
            return ""
        sentence = f"The preferences could not be read, so they begin anew. {problem}"
        try:
            for path in (self._path, _lock(self._path)):
                if os.path.lexists(path):
                    aside = put_aside(path, self._path.parent / ASIDE)
                    sentence += f" It is kept as {aside}." if path == self._path else ""
        except (OSError, SegPaintError):
            return f"{sentence} It could not be moved, so no choices are kept."
        self._settings, self._problem = _open(self._path)
        return sentence

    @property
    def fresh(self) -> Choices:
        """The content of the file with what other windows have just written, to change a part of it."""
        self.flush()
        return self.chosen

    @property
    def chosen(self) -> Choices:
        """The current content of the file, without invalid entries."""
        groups: dict[Any, dict[Any, object]] = {}
        for key in self._settings.allKeys():
            group, _, name = key.partition("/")
            with suppress(ValueError):
                groups.setdefault(group, {})[name] = parse_json(str(self._settings.value(key)))
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
        """Save a choice; it is written to the disk soon, and at the latest when the program ends.

        Parameters
        ----------
        name : str
            As ``group/name``, see `Choices`.
        """
        if not self._is_private:
            self._make_private()
        self._settings.setValue(name, json.dumps(value))

    def _make_private(self) -> None:
        """Make the file, which Qt would let others read: it holds names and small pictures of recent files."""
        self._is_private = True
        with suppress(SegPaintError, OSError):
            make_private(self._path.parent)
            self._path.touch(0o600)
            self._path.chmod(self._path.stat().st_mode & 0o600)

    def flush(self) -> None:
        """Write pending changes to the disk."""
        self._settings.sync()


@reads("preferences")
def read_settings(path: Path) -> QSettings:
    """Open a file of preferences, after it is known to be one or to be missing.

    Raises
    ------
    SegPaintError
        If it is damaged.
    """
    if os.path.lexists(_lock(path)):
        check_regular(_lock(path))  # else Qt waits for it
    text = read_text(path) if os.path.lexists(path) else ""
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    if settings.status() is not QSettings.Status.NoError or (text.strip() and not settings.allKeys()):
        raise SegPaintError(f"{path} is no file of preferences.")
    return settings


def _open(path: Path) -> tuple[QSettings, SegPaintError | None]:
    """Open a file of preferences or, if it cannot be read, none."""
    try:
        return read_settings(path), None
    except SegPaintError as error:
        return QSettings("", QSettings.Format.IniFormat), error


def _lock(path: Path) -> Path:
    """Name the file with which Qt locks another while it writes."""
    return path.with_name(f"{path.name}.lock")
