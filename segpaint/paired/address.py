"""Reads and writes files at an address, such as s3://bucket/folder, by the library fsspec.

What an address has, a store's own library fetches, which fsspec loads: s3fs for s3://, gcsfs for gs://. Keys to
the store lie where that library looks for them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from segpaint.core.errors import SegPaintError

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""As in s3://bucket/set; of two letters at least, since one is a drive of Windows."""
WILD = frozenset("*?[]")
"""What fsspec takes as patterns, also in names of files to delete."""
MOST_REASON = 300
"""Characters of a library's own words in a sentence."""


def place_of(text: str) -> Path | str:
    """Return a folder, or an address as it is; the type of an option."""
    return text if ADDRESS.match(text) else Path(text)


class Address:
    """A folder at an address. Files have names within it, with slashes.

    Parameters
    ----------
    text : str
        Such as s3://bucket/folder.

    Raises
    ------
    SegPaintError
        If it is no address, or a library for it is missing.
    """

    def __init__(self, text: str) -> None:
        self._text = text if text.endswith("://") else text.rstrip("/")
        if "://" not in text or WILD & set(text):
            raise SegPaintError(f"{text} is no address; give one such as s3://bucket/folder, without * ? [ ].")
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise SegPaintError(f"{text} needs fsspec, which is missing; install segpaint[remote].") from error
        try:
            self._files, root = url_to_fs(text)
        except ImportError as error:
            raise SegPaintError(f"{text} needs another library: {_reason(error)}.") from error
        except Exception as error:
            raise SegPaintError(f"{text} cannot be reached: {_reason(error)}.") from error
        self._root = root.rstrip("/")

    def __str__(self) -> str:
        return self._text

    def names(self) -> set[str]:
        """List all files but hidden ones.

        Raises
        ------
        SegPaintError
            If the address is not reached.
        """
        with self._explained("listed"):
            self._files.invalidate_cache()
            try:
                found = self._files.find(self._root)
            except FileNotFoundError:  # some stores raise it for a folder that is not there yet
                return set()
        names = (path.removeprefix(self._root).lstrip("/") for path in found)
        return {name for name in names if name and not name.startswith(".")}

    def has(self, name: str) -> bool:
        """Check whether a file is there now.

        Raises
        ------
        SegPaintError
            If the address is not reached.
        """
        with self._explained("read"):
            self._files.invalidate_cache()
            return bool(self._files.exists(self._path(name)))

    def read(self, name: str) -> bytes:
        """Read a file.

        Raises
        ------
        SegPaintError
            If it cannot be read.
        """
        with self._explained("read"):
            content: bytes = self._files.cat_file(self._path(name))
            return content

    def get(self, names: Iterable[str], folder: Path) -> bool:
        """Copy files into a folder.

        Returns
        -------
        bool
            Whether all of them were there.

        Raises
        ------
        SegPaintError
            If they cannot be read.
        """
        wanted = sorted(names)
        places = [folder / name for name in wanted]
        with self._explained("read"):
            for parent in {place.parent for place in places}:
                parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                self._files.get([self._path(name) for name in wanted], [str(place) for place in places])
                return True
        return False

    def put(self, names: Iterable[str], folder: Path) -> None:
        """Copy files of a folder here, over those that are there.

        Raises
        ------
        SegPaintError
            If they cannot be written.
        """
        wanted = list(names)
        with self._explained("written"):
            self._make_folders(wanted)
            self._files.put([str(folder / name) for name in wanted], [self._path(name) for name in wanted])

    def write(self, contents: Mapping[str, bytes]) -> None:
        """Write files, over those that are there.

        Raises
        ------
        SegPaintError
            If they cannot be written.
        """
        with self._explained("written"):
            self._make_folders(contents)
            self._files.pipe({self._path(name): content for name, content in contents.items()})

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; another process may delete them, too.

        Raises
        ------
        SegPaintError
            If they cannot be deleted.
        """
        wanted = [self._path(name) for name in sorted(names)]
        with self._explained("written"), suppress(FileNotFoundError):
            if wanted:
                self._files.rm(wanted)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _make_folders(self, names: Iterable[str]) -> None:
        """Make folders, but not in stores that have none: their libraries would create a bucket."""
        if not self._files.async_impl:
            for parent in {self._path(name).rpartition("/")[0] for name in names}:
                self._files.makedirs(parent, exist_ok=True)

    @contextmanager
    def _explained(self, done: str) -> Iterator[None]:
        """Turn whatever a store's library raises into a sentence."""
        try:
            yield
        except Exception as error:
            raise SegPaintError(
                f"{self} cannot be {done}: {_reason(error)}; mend this, and give the same command again."
            ) from error


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")[:MOST_REASON] or type(error).__name__
