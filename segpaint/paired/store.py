"""Keeps a paired set on the disk: finished pairs, and those still to be made."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.files import check_writable, recover, write_atomically, write_together
from segpaint.core.reading import read_bytes, reads
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Precision, Request
from segpaint.io.image_files import open_image
from segpaint.io.results import encode_image, read_request
from segpaint.paired.folder_lock import lock_folder
from segpaint.paired.layouts import LAYOUTS
from segpaint.paired.manifest import CSV, JSON, ManifestRow, as_csv, as_json, row_of
from segpaint.paired.plan import Pair, Place, by_folder, plan_pairs
from segpaint.paired.sources import SOURCES, about_passed_over, gather, passed_over, read_sources
from segpaint.paired.specification import SPECIFICATION, Specification, read_specification
from segpaint.paths import find_offered

CONTACT = "contact.png"


class PairedSet:
    """A folder with a paired set, finished or not, whose content is checked on opening.

    The folder stays locked until `close`. `write` may be called on another thread.

    Parameters
    ----------
    folder : Path
        Empty, missing, or a set of the same specification.
    specification : Specification
        Holds absolute paths.
    precision : {"float32", "bfloat16"}
        For a new set that specifies none.
    given : mapping of Path to bytes
        Masks of the specification that are not files yet.
    checkpoints : sequence of Path
        Checkpoint folders that may be read besides those with names: the ones that the user has named.

    Attributes
    ----------
    pairs : tuple of Pair
        All pairs of the finished set.
    models : dict of str to Checkpoint
        By their folders within the set.
    notes : tuple of str
        Sentences about the set.

    Raises
    ------
    SegPaintError
        If the folder holds other files, is locked or cannot be written, or the specification is not valid.
    """

    row_kind: type[ManifestRow] = ManifestRow
    judges = False

    def __init__(
        self,
        folder: Path,
        specification: Specification,
        precision: Precision,
        given: Mapping[Path, bytes] | None = None,
        checkpoints: Sequence[Path] = (),
    ) -> None:
        self.folder = folder
        self.guard = Lock()
        self.rows: dict[Place, ManifestRow] = {}
        self.check_kind(folder, specification)
        _check_folder(folder)
        check_writable(folder)
        self._lock = lock_folder(folder)
        is_new = not (folder / SPECIFICATION).exists()
        try:
            kept = _keep(folder, specification, precision, given or {})
            models = [read_checkpoint(find_offered(name, checkpoints)) for name in kept.checkpoints]
            self.models = by_folder(models)
            first = models[0]
            masks = read_sources(kept, first.table, first.description.size)
            plan = plan_pairs(kept, masks, models, kept.precision or precision)
            self.pairs = plan.pairs
            self.layout = LAYOUTS[kept.layout]
            told = [self.layout.notes(pairs) for _, pairs in self._by_checkpoint(self.pairs)]
            left = about_passed_over(passed_over(specification.masks))
            self.notes = (*filter(None, (left,)), *plan.notes, *(note for notes in told for note in notes))
            self.take_up()
            self._look_through()
        except BaseException:
            if is_new:  # a failed set must not block the next one
                with suppress(OSError):
                    (folder / SPECIFICATION).unlink(missing_ok=True)
                shutil.rmtree(folder / SOURCES, ignore_errors=True)
            self._lock.release()
            raise

    def check_kind(self, folder: Path, specification: Specification) -> None:
        """Refuse a specification for another kind of set."""
        if specification.choosing is not None:
            raise SegPaintError(
                f"The pairs of {folder} are chosen by eye; go on in the window: Explore > Choose pairs."
            )

    def take_up(self) -> None:
        """Take up what a kind of set keeps besides, before the pairs are looked through."""

    @property
    def missing(self) -> tuple[Pair, ...]:
        """The pairs not yet made."""
        return tuple(pair for pair in self.pairs if pair.place not in self.rows)

    def write(self, pair: Pair, pixels: NDArray[np.uint8], judgement: Judgement | None = None) -> None:
        """Write a finished pair, and add a line to the manifest; a judgement is not kept.

        Raises
        ------
        SegPaintError
            If a file cannot be written.
        """
        del judgement
        image = encode_image(pixels, pair.request)
        with self.guard:
            write_together(
                {
                    self.folder / self.layout.mask(pair): self.layout.encode_mask(pair),
                    self.folder / self.layout.image(pair): image,
                }
            )
            self.rows[pair.place] = row = self.row(pair, image)
            try:
                with (self.folder / CSV).open("a", encoding="utf-8", newline="") as file:
                    file.write(as_csv(self.row_kind, [row], head=False))
            except OSError as error:
                raise SegPaintError(f"{self.folder / CSV} cannot be written: {error.strerror}.") from error

    def sum_up(self) -> None:
        """Write the manifest, the layout's tables and the contact sheet for the finished pairs.

        Raises
        ------
        SegPaintError
            If a file cannot be written.
        """
        from segpaint.paired.sheet import draw_sheet  # defers loading scikit-image

        with self.guard:
            self._take_in()  # an interruption may follow the writing of a pair
            there = [pair for pair in self.pairs if pair.place in self.rows]
            rows = [self.rows[pair.place] for pair in there]
            contents: dict[Path, bytes | Path] = {
                self.folder / CSV: as_csv(self.row_kind, rows).encode(),
                self.folder / JSON: as_json(list(zip(there, rows, strict=True)), self.notes, len(self.pairs)),
            }
            for _, pairs in self._by_checkpoint(there):
                for path, content in self.layout.tables(pairs).items():
                    contents[self.folder / path] = content
            write_together(contents)
            for folder, pairs in self._by_checkpoint(there):
                images = [self.folder / self.layout.image(pair) for pair in pairs]
                draw_sheet(self.folder / folder / CONTACT, pairs, images)

    def close(self) -> None:
        """Unlock the folder."""
        self._lock.release()

    def _by_checkpoint(self, pairs: tuple[Pair, ...] | list[Pair]) -> Iterator[tuple[str, list[Pair]]]:
        for folder, group in groupby(pairs, lambda pair: pair.folder):
            yield folder, list(group)

    def row(self, pair: Pair, image: bytes) -> ManifestRow:
        """Describe a finished pair, with its encoded image."""
        layout = self.layout
        return row_of(
            pair, layout.image(pair).as_posix(), layout.mask(pair).as_posix(), hashlib.sha256(image).hexdigest()
        )

    # ---- what is there

    def _look_through(self) -> None:
        """List the complete pairs, and remove files left by an interrupted write."""
        paths = [path(pair) for pair in self.pairs for path in (self.layout.image, self.layout.mask)]
        for place in {Path(), *(path.parent for path in paths)}:
            recover(self.folder / place, own=True)
        self._take_in()
        write_atomically(self.folder / CSV, as_csv(self.row_kind, list(self.rows.values())).encode())

    def _take_in(self) -> None:
        """List the complete pairs that are not listed yet."""
        for pair in self.missing:
            image = self.folder / self.layout.image(pair)
            if self._is_whole(pair, image):
                self.rows[pair.place] = self.row(pair, read_file(image))

    def _is_whole(self, pair: Pair, image: Path) -> bool:
        if not image.exists():
            return False
        try:
            request = read_request(image)
        except SegPaintError:  # damaged: it is made again
            return False
        if not _is_same(request, pair.request):
            raise SegPaintError(
                f"{image} was made otherwise than the set asks for (with {request.checkpoint} "
                f"{request.fingerprint}); the checkpoint has changed since. Choose another folder."
            )
        return self._mask_is_whole(pair)

    def _mask_is_whole(self, pair: Pair) -> bool:
        """Compare the mask's pixels, since the bytes of a PNG depend on the library that wrote it."""
        with suppress(SegPaintError):
            path = self.folder / self.layout.mask(pair)
            wanted = open_image(path, self.layout.encode_mask(pair))
            return np.array_equal(np.asarray(open_image(path)), np.asarray(wanted))
        return False


def _is_same(first: Request, second: Request) -> bool:
    rest = [request.model_dump(exclude={"mask"}) for request in (first, second)]
    return rest[0] == rest[1] and np.array_equal(first.mask, second.mask)


def _check_folder(folder: Path) -> None:
    """Refuse a folder with other files, since these may be real data."""
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


def _keep(
    folder: Path, specification: Specification, precision: Precision, given: Mapping[Path, bytes]
) -> Specification:
    """Write the specification with its masks, or check that the folder holds the same one.

    Returns
    -------
    Specification
        Read from the folder, with absolute paths.
    """
    wanted, copies = gather(specification, given)
    path = folder / SPECIFICATION
    if not path.exists():
        filled = wanted if wanted.precision else wanted.model_copy(update={"precision": precision})
        content = (filled.model_dump_json(indent=2) + "\n").encode()
        write_together({**{folder / name: copy for name, copy in copies.items()}, path: content})
        return read_specification(path)
    before = read_specification(path)
    filled = wanted if wanted.precision else wanted.model_copy(update={"precision": before.precision})
    same = filled.located(path.resolve().parent) == before
    if not same or any(_content(folder / name) != _content(copy) for name, copy in copies.items()):
        raise SegPaintError(
            f"{folder} holds another set than the one asked for; choose another folder, or go on with that "
            f"one: segpaint generate --set {path} --out {folder}"
        )
    return before


def _content(file: Path | bytes) -> bytes | None:
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
