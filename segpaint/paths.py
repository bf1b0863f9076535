"""Where resources, shipped checkpoints and the user's own lie."""

from collections.abc import Sequence
from pathlib import Path

import platformdirs

from segpaint.core.errors import SegPaintError
from segpaint.core.folders import visible

EXAMPLES_FOLDER = "examples"
DEFAULT_CHECKPOINT = "cardiac-cine-mri-128"


def _shipped(name: str) -> Path:
    """A top-level folder: inside the package when installed, beside it in a source checkout."""
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


def resources() -> Path:
    """Return the folder of the guide, the examples and the label tables."""
    return _shipped("resources")


def read_resource(name: str) -> str:
    """Read a text that comes along with the program."""
    return (resources() / name).read_text(encoding="utf-8")


def example_masks(folder: Path) -> list[Path]:
    """Find the example masks of a checkpoint: in its folder, or among the resources by its name."""
    own = visible(folder / EXAMPLES_FOLDER, "*.png")
    return own or visible(resources() / "examples" / folder.resolve().name, "*.png")


def example_images() -> list[Path]:
    """Find the images that come along: one of each shipped checkpoint, named after it."""
    return visible(resources() / "examples" / "made", "*.png")


def checkpoint_folders() -> list[Path]:
    """Find every checkpoint folder that has a name: the user's own, then the shipped ones."""
    places = [user_checkpoints(), _shipped("checkpoints")]
    return [path.parent for place in places for path in visible(place, "*/segpaint.json")]


def user_checkpoints() -> Path:
    """Return the folder for the user's own checkpoints."""
    return platformdirs.user_data_path("segpaint") / "checkpoints"


def find_checkpoint(name: str) -> Path:
    """Find the folder of a checkpoint by its name or path.

    Raises
    ------
    SegPaintError
        If there is none.
    """
    folders = {folder.name: folder for folder in reversed(checkpoint_folders())}
    # A folder that happens to be named like a checkpoint, one with images that it made, is not meant.
    if Path(name).is_dir() and (name not in folders or (Path(name) / "segpaint.json").is_file()):
        return Path(name)
    if name in folders:
        return folders[name]
    if Path(name).is_file():
        raise SegPaintError(
            f"{name} is a file, and a checkpoint is a folder. If it was published by others, import it first: "
            f"segpaint checkpoint import {name} --labels TABLE"
        )
    known = ", ".join(sorted(folders)) or "none"
    raise SegPaintError(f"There is no checkpoint {name!r}. Give a folder, or one of those known: {known}.")


def find_offered(name: str, given: Sequence[Path] = ()) -> Path:
    """Find a checkpoint that a request or a specification names, which may come from anywhere.

    Parameters
    ----------
    given : sequence of Path
        Folders that the user has named; no others than these and the offered ones are found.

    Raises
    ------
    SegPaintError
        If it is none of them.
    """
    offered = checkpoint_folders()
    folders = {folder.resolve().name: folder for folder in (*reversed(offered), *given)}
    if name in folders:
        return folders[name]
    for folder in (*given, *offered):
        if Path(name) == folder.resolve():
            return folder
    known = ", ".join(sorted(folders)) or "none"
    raise SegPaintError(
        f"The file asks for the checkpoint {name!r}, which is not among those known: {known}. "
        "If you have its folder and trust it, open that first, or give it with --checkpoint."
    )


def label_tables() -> dict[str, Path]:
    """Find the label tables that come with the program, by name."""
    return {path.stem: path for path in sorted((resources() / "label_tables").glob("*.json"))}


def find_label_table(name: str) -> Path:
    """Find a label table by its name or path.

    Raises
    ------
    SegPaintError
        If there is none.
    """
    if Path(name).is_file():
        return Path(name)
    tables = label_tables()
    if name in tables:
        return tables[name]
    raise SegPaintError(f"There is no label table {name!r}. Give a file, or one of: {', '.join(tables)}.")


def user_work() -> Path:
    """Return the folder for unsaved work and the history of results."""
    return platformdirs.user_state_path("segpaint") / "work"
