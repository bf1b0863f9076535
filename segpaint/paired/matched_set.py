"""Keeps a folder of matched pairs on the disk; nothing in it is ever overwritten."""

from collections.abc import Collection
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import BaseModel

from segpaint.core.errors import SegPaintError
from segpaint.core.files import check_writable, recover, write_atomically, write_together
from segpaint.core.folders import visible
from segpaint.core.reading import read_model, reads
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.io.history_files import read_pixels
from segpaint.io.label_tables import encode_labels
from segpaint.paired.begun_folder import read_file
from segpaint.paired.locks import FolderLock
from segpaint.paired.manifest import CSV, as_csv
from segpaint.paired.matched import REQUESTS, MatchedPair, MatchedRow, matched_files, read_row

MATCHED = "matched.json"
LABELS = "labels.json"


class MatchedHead(BaseModel, frozen=True, extra="forbid"):
    """The file by which a folder of matched pairs is known."""

    kind: Literal["matched pairs"] = "matched pairs"
    format: Literal[1] = 1


@reads("a folder of matched pairs", "choose another folder")
def read_head(path: Path) -> MatchedHead:
    """Read the file by which a folder of matched pairs is known.

    Raises
    ------
    SegPaintError
        If it is not valid.
    """
    return read_model(path, MatchedHead)


class MatchedSet:
    """A folder of matched pairs, which stays locked until `close`. May be used on one thread at a time.

    Parameters
    ----------
    folder : Path
        Empty, missing, or with matched pairs in the same labels.
    checkpoint : Checkpoint
        Whose labels the masks are in.

    Attributes
    ----------
    rows : dict of str to MatchedRow
        Of the pairs that are whole, by name.

    Raises
    ------
    SegPaintError
        If the folder holds other files or other labels, is locked, or cannot be written.
    """

    def __init__(self, folder: Path, checkpoint: Checkpoint) -> None:
        self.folder, self.checkpoint = folder, checkpoint
        description = checkpoint.description
        labels = encode_labels(description.table, description.modality)
        recover(folder, own=True)
        check_folder(folder)
        check_writable(folder)
        self._lock = FolderLock(folder)
        self._lock.acquire()
        try:
            if not (folder / MATCHED).exists():
                head = MatchedHead().model_dump_json(indent=2).encode() + b"\n"
                write_together({folder / LABELS: labels, folder / MATCHED: head})
            read_head(folder / MATCHED)
            _check_labels(folder, labels, description.name)
            self._look_through()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Unlock the folder."""
        self._lock.release()

    def _look_through(self) -> None:
        """List the whole pairs; of one whose record is damaged, the files stay."""
        for place in {path.parent for path in matched_files("any")}:
            recover(self.folder / place, own=True)
        self.rows: dict[str, MatchedRow] = {}
        for path in visible(self.folder / REQUESTS, "*.json"):
            with suppress(SegPaintError):
                if self.is_whole(path.stem):
                    self.rows[path.stem] = read_row(path)
        manifest = self._manifest()
        if not (self.folder / CSV).exists() or read_file(self.folder / CSV) != manifest:
            write_atomically(self.folder / CSV, manifest)

    def is_whole(self, name: str) -> bool:
        """Check whether all files of a pair are there."""
        return all((self.folder / path).is_file() for path in matched_files(name))

    def free_name(self, stem: str) -> str:
        """Append the first number with which no file of a pair has a name."""
        names = (f"{stem}-{number:03d}" for number in count(1))
        return next(name for name in names if not self._begun(name))

    def _begun(self, name: str) -> list[Path]:
        """List the files of a pair that are there."""
        return [path for path in (self.folder / file for file in matched_files(name)) if path.exists()]

    def add(self, pair: MatchedPair, name: str, *, replaces: bool = False) -> MatchedRow:
        """Write a pair and its row of the manifest, all or nothing; those of a patient for the owner alone.

        Parameters
        ----------
        name : str
            Of its files, see `free_name`.
        replaces : bool
            Whether what is left of a pair of this name may be written anew, even if the same is there twice.

        Raises
        ------
        SegPaintError
            If the same two images are there already, the name is taken, or a file cannot be written.
        """
        row = pair.row(name)
        for other in () if replaces else self.rows.values():
            if other.sha256_b == row.sha256_b and self._begins_alike(other, row, pair):
                raise SegPaintError(f"These two images are in {self.folder} already, as {other.name}.")
        contents = {self.folder / path: content for path, content in pair.files(row).items()}
        if (taken := self._begun(name)) and not replaces:
            raise SegPaintError(f"{taken[0]} is there already, and would be lost; choose another folder.")
        self.rows[name] = row
        contents[self.folder / CSV] = self._manifest()
        try:
            write_together(contents, private=pair.shows_patient)
        except BaseException:
            del self.rows[name]
            raise
        return row

    def _begins_alike(self, other: MatchedRow, row: MatchedRow, pair: MatchedPair) -> bool:
        """Compare images before, by their pixels where files differ: older ones are described otherwise."""
        if other.sha256_a == row.sha256_a:
            return True
        with suppress(SegPaintError):
            return np.array_equal(read_pixels(self.folder / "a" / f"{other.name}.png"), pair.a.pixels)
        return False

    def _manifest(self) -> bytes:
        return b"".join(as_csv(MatchedRow, sorted(self.rows.values(), key=_place)))


def _place(row: MatchedRow) -> tuple[str, float, str]:
    """Sort by name; the pairs of a sweep by amount."""
    if row.amount is None:
        return row.name, 0.0, row.name
    return row.name.removesuffix(f"_{row.amount:+g}"), row.amount, row.name


def _check_labels(folder: Path, labels: bytes, name: str) -> None:
    if read_file(folder / LABELS) != labels:
        raise SegPaintError(f"The pairs in {folder} have other labels than {name}; choose another folder.")


def check_folder(folder: Path, own: Collection[str] = (MATCHED,)) -> None:
    """Refuse a folder with other files, since these may be real data.

    Raises
    ------
    SegPaintError
        If it holds something, and none of the files by which a folder of ours is known.
    """
    if not folder.exists() or any((folder / name).is_file() for name in own):
        return
    strangers = visible(folder) if folder.is_dir() else [folder]
    if strangers:
        raise SegPaintError(
            f"{folder} holds other files, such as {strangers[0].name}; choose an empty folder, or one with "
            "matched pairs."
        )


def holds_matched(folder: Path | None) -> bool:
    """Check whether a folder holds matched pairs."""
    return folder is not None and (folder / MATCHED).is_file()
