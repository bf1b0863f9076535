"""Begins the folder of a paired set, or checks that it holds the same set."""

from collections.abc import Mapping
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.files import recover, write_together
from segpaint.core.reading import read_bytes, reads
from segpaint.core.requests.request import Precision
from segpaint.paired.address import ADDRESS
from segpaint.paired.sources import SOURCES, gather
from segpaint.paired.specification import SPECIFICATION, Specification, read_specification


def check_folder(folder: Path) -> None:
    """Refuse a folder with other files, since these may be real data, and an address."""
    if ADDRESS.match(folder.as_posix()):
        raise SegPaintError(
            f"{folder} is an address, and a folder is needed here; segpaint generate --set alone takes an "
            "address."
        )
    for place in (folder / SOURCES, folder):
        recover(place, own=True)
    if folder.is_dir() and not (folder / SPECIFICATION).exists():
        strangers = [path for path in folder.iterdir() if not path.name.startswith(".") and not _is_begun(path)]
        if strangers:
            raise SegPaintError(
                f"{folder} holds other files, such as {strangers[0].name}; choose an empty folder for the set."
            )


def _is_begun(path: Path) -> bool:
    """Check whether it is the folder of a set whose making was killed before it held anything."""
    return path.name == SOURCES.name and path.is_dir() and next(path.iterdir(), None) is None


def keep(
    folder: Path, specification: Specification, precision: Precision, given: Mapping[Path, bytes]
) -> tuple[Specification, dict[Path, Path]]:
    """Write the specification with its masks, or check that the folder holds the same one.

    Returns
    -------
    Specification
        Read from the folder, with absolute paths.
    dict of Path to Path
        The user's own file of each mask, by that path.
    """
    wanted, copies = gather(specification, given)
    own = {folder.resolve() / place: source for place, source in copies.items() if isinstance(source, Path)}
    path = folder / SPECIFICATION
    if not path.exists():
        filled = wanted if wanted.precision else wanted.model_copy(update={"precision": precision})
        content = (filled.model_dump_json(indent=2) + "\n").encode()
        write_together({**{folder / name: copy for name, copy in copies.items()}, path: content})
        return read_specification(path), own
    before = read_specification(path)
    if not _is_same(folder, before, wanted, copies):
        raise SegPaintError(
            f"{folder} holds another set than the one asked for; choose another folder, or go on with that "
            f"one: segpaint generate --set {path} --out {folder}"
        )
    return before, own


def holds(folder: Path, specification: Specification) -> bool:
    """Check whether a folder holds the set of a specification, which has absolute paths."""
    return _is_same(folder, read_specification(folder / SPECIFICATION), *gather(specification, {}))


def _is_same(
    folder: Path, before: Specification, wanted: Specification, copies: Mapping[Path, Path | bytes]
) -> bool:
    filled = wanted if wanted.precision else wanted.model_copy(update={"precision": before.precision})
    if filled.located(folder.resolve()) != before:
        return False
    return all(content_of(folder / name) == content_of(copy) for name, copy in copies.items())


def content_of(file: Path | bytes) -> bytes | None:
    """Return what a file holds, or what is to become one; None if there is none."""
    if isinstance(file, bytes):
        return file
    return read_file(file) if file.is_file() else None


@reads("a file of a paired set")
def read_file(path: Path) -> bytes:
    """Read a file whole.

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    return read_bytes(path)
