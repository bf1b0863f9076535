"""Keeps a paired set on the disk: finished pairs, and those still to be made."""

import hashlib
import os
import shutil
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.files import check_writable, recover, write_together
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.request import Precision, Request
from segpaint.io.image_files import open_image
from segpaint.io.results import encode_image, read_request
from segpaint.paired.begun_folder import check_folder, content_of, keep, read_file
from segpaint.paired.claims import Claims
from segpaint.paired.layouts import LAYOUTS, WebDataset
from segpaint.paired.locks import FolderLock
from segpaint.paired.manifest import CSV, JSON, ManifestRow, as_csv, as_json, row_of
from segpaint.paired.missing import Missing
from segpaint.paired.naming import by_folder
from segpaint.paired.packing import Packing
from segpaint.paired.plan import Pair, Picked, Place, Spot, plan_pairs, sides, spot_at, spots
from segpaint.paired.record import WORK, Record
from segpaint.paired.shards import Shard, chunks
from segpaint.paired.sources import SOURCES, Sources, about_passed_over, passed_over
from segpaint.paired.specification import SPECIFICATION, Specification
from segpaint.paths import find_offered

CONTACT = "contact.png"


class PairedSet:
    """A folder with a paired set, finished or not, whose content is checked on opening.

    The folder stays locked until `close`, or is shared with others that share it, see `segpaint.paired.claims`.
    `write` may be called on another thread.

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
    shared : bool
        Whether others may make pairs of the set at the same time.
    shard : Shard
        The part whose pairs are to be made here.

    Attributes
    ----------
    pairs : sequence of Pair
        All pairs of the finished set; each is built when it is asked for.
    models : dict of str to Checkpoint
        By their folders within the set.
    digests : dict of Place to bytes
        SHA-256 of the image's file, of each pair that is made.
    packing : Packing or None
        Of a layout with tar files.
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
        *,
        shared: bool = False,
        shard: Shard | None = None,
    ) -> None:
        self.folder, self.shard = folder, shard or Shard()
        self.guard = Lock()
        self.digests: dict[Place, bytes] = {}
        self.record = Record(folder)
        self.check_kind(folder, specification)
        self.claims = Claims(folder / WORK)
        self._lock = FolderLock(folder, self.claims, shared=shared)
        try:
            check_folder(folder)
        except SegPaintError:
            if not self._lock.is_being_begun:
                raise
        check_writable(folder)
        self._lock.acquire()
        is_new = not (folder / SPECIFICATION).exists()
        try:
            check_folder(folder)
            kept, own = keep(folder, specification, precision, given or {})
            self._lock.settle()
            models = [read_checkpoint(find_offered(name, checkpoints)) for name in kept.checkpoints]
            self.models = by_folder(models)
            first = models[0]
            masks = Sources(kept, first.table, first.description.size, own)
            plan = plan_pairs(kept, masks, models, kept.precision or precision)
            self.pairs: Sequence[Pair] = plan.pairs
            self.layout = layout = LAYOUTS[kept.layout]
            self.packing = Packing(
                folder, plan.pairs, layout, self.record, self.claims, self.digests
            ) if isinstance(layout, WebDataset) else None  # fmt: skip
            told = [self.layout.notes(pairs) for pairs in plan.pairs.parts()]
            left = about_passed_over(passed_over(specification.masks))
            self.notes = (*filter(None, (left,)), *plan.notes, *(note for notes in told for note in notes))
            self.take_up()
            self._look_through()
        except BaseException:
            if is_new and not self.claims.others():  # a failed set must not block the next one
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

    def shown(self, path: Path = Path()) -> str:
        """Name a file of the set, or its folder, in a sentence."""
        return str(self.folder / path)

    @property
    def count(self) -> int:
        """Count the pairs that are made, as far as they are known here."""
        return len(self.digests)

    @property
    def missing(self) -> Missing:
        """The pairs not yet made, of the part that is to be made here."""
        return Missing(self.pairs, self.digests, self.positions)

    @property
    def positions(self) -> Sequence[int]:
        """The positions of the part that is to be made here."""
        if self.shard.is_whole:
            return range(len(self.pairs))
        return list(chain.from_iterable(chunks(len(self.pairs), self.shard)))

    def write(self, pair: Pair, pixels: NDArray[np.uint8], judgement: Judgement | None = None) -> None:
        """Write a finished pair, and add a line to the manifest; a judgement is not kept.

        Raises
        ------
        SegPaintError
            If a file cannot be written.
        """
        del judgement
        self.adopt(pair, encode_image(pixels, pair.request))

    def adopt(self, pair: Pair, image: bytes) -> None:
        """Write a pair whose image is encoded already, such as one that was made elsewhere.

        Raises
        ------
        SegPaintError
            If a file cannot be written.
        """
        digest = hashlib.sha256(image)
        with self.guard:
            files = {
                self.folder / self.layout.mask(pair): self.layout.encode_mask(pair),
                self.folder / self.layout.image(pair): image,
            }
            write_together(files, recovered=True)
            self.digests[pair.place] = digest.digest()
            self.record.add(pair, *self.layout.files(self.folder, pair), digest.digest())
            try:
                with (self.folder / CSV).open("ab") as file:
                    file.writelines(as_csv(self.row_kind, [self.row(pair, digest.hexdigest())], head=False))
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
            self.take_in()  # an interruption may follow the writing of a pair
            if self.packing is not None:
                self.packing.pack()
            parts = self._finished()
            contents: dict[Path, bytes | Path | Iterable[bytes]] = {
                self.folder / CSV: as_csv(self.row_kind, (row for _, row in self._rows(parts))),
                self.folder / JSON: as_json(self._rows(parts), self.notes, len(self.pairs)),
            }
            for pairs in parts:
                for path, content in self.layout.tables(pairs).items():
                    contents[self.folder / path] = content
            write_together(contents)
            for pairs in parts:
                draw_sheet(self.folder / pairs[0].folder / CONTACT, pairs, self._image_at)

    def sum_up_last(self) -> None:
        """Sum up, unless others make what is missing, or one of them is summing up."""
        name = "sum-up"
        if self.claims.take(name) is False:
            return
        try:
            beside_others = self.claims.others()
            self.take_in()
            if len(self.digests) == len(self.pairs) or not beside_others:
                self.sum_up()
        finally:
            self.claims.give_back(name)

    def close(self) -> None:
        """Unlock the folder."""
        with self.guard:
            self.record.close()
        self._lock.release()

    def pack(self, positions: Iterable[int]) -> None:
        """Pack the tar files of some pairs, if the layout has any and all of their pairs are made.

        Raises
        ------
        SegPaintError
            If a file cannot be read or written.
        """
        if self.packing is not None:
            for tar in self.packing.tars.over(positions):
                self.take_in(tar.positions)
                self.packing.pack(tar.positions)

    def _finished(self) -> list[Picked]:
        """Return the finished pairs of each checkpoint that has any."""
        if not self.digests:
            return []
        positions: dict[str, array[int]] = {}
        for position, spot in enumerate(spots(self.pairs)):
            if spot.place in self.digests:
                positions.setdefault(spot.folder, array("q")).append(position)
        return [Picked(self.pairs, those) for those in positions.values()]

    def _rows(self, parts: Iterable[Sequence[Pair]]) -> Iterator[tuple[Pair, ManifestRow]]:
        for pair in chain.from_iterable(parts):
            yield pair, self.row(pair, self.digests[pair.place].hex())

    def row(self, pair: Pair, sha256: str) -> ManifestRow:
        """Describe a finished pair, with the digest of its image."""
        return row_of(pair, self.layout.image(pair).as_posix(), self.layout.mask(pair).as_posix(), sha256)

    # ---- what is there

    def read(self, position: int, path: Path, folder: Path | None = None) -> bytes:
        """Read the image or the mask of a pair, whether it lies by itself or in a tar file.

        Parameters
        ----------
        position : int
            Of the pair.
        path : Path
            Within the set.
        folder : Path, optional
            That of a part of the set, in place of the set's own.

        Returns
        -------
        bytes
            Nothing if it is missing, or cannot be read.
        """
        place = folder or self.folder
        if self.packing is not None:
            return self.packing.tars.read(place, position, path)
        with suppress(SegPaintError):
            return read_file(place / path)
        return b""

    def _image_at(self, position: int) -> Image.Image:
        path = self.layout.image(spot_at(self.pairs, position))
        return open_image(self.folder / path, self.read(position, path))

    def _look_through(self) -> None:
        """List the complete pairs, and remove files left by an interrupted write."""
        self.recover()
        self.take_in()
        head = b"".join(as_csv(self.row_kind, ()))
        listed = content_of(self.folder / CSV) or b""
        if listed.startswith(head) and self.claims.others():
            return  # they add lines
        if not listed.startswith(head) or listed[-1:] != b"\n" or listed.count(b"\n") != len(self.digests) + 1:
            rows = (row for _, row in self._rows(self._finished()))
            write_together({self.folder / CSV: as_csv(self.row_kind, rows)})

    def recover(self) -> None:
        """Finish or remove what interrupted writes have left."""
        for place in {self.folder, *self._folders(self.layout.image), *self._folders(self.layout.mask)}:
            recover(place, own=True)

    def _folders(self, path: Callable[[Pair | Spot], Path]) -> set[Path]:
        """Return the folders of all images, or of all masks."""
        anyone = (Spot("any", folder, split, b"") for folder, split in sides(self.pairs))
        return {self.folder / path(spot).parent for spot in anyone}

    def take_in(self, positions: Iterable[int] | None = None) -> None:
        """List the complete pairs that are not listed yet; those that no maker has noted are read.

        Parameters
        ----------
        positions : iterable of int, optional
            Look at these pairs alone.
        """
        if not any(place.exists() for place in self._folders(self.layout.image)):
            return
        self.record.refresh()
        positions = positions if positions is None else list(positions)
        places = enumerate(spots(self.pairs)) if positions is None else (
            (position, spot_at(self.pairs, position)) for position in positions
        )  # fmt: skip
        for position, spot in places:
            if spot.place in self.digests:
                continue
            image, mask = self.layout.files(self.folder, spot)
            digest = self.record.find(spot, image, mask)
            if digest is None and os.path.exists(image):  # noqa: PTH110
                paths = self.layout.image(spot), self.layout.mask(spot)
                digest = self._look_at(position, *(self.read(position, path) for path in paths))
                if digest is not None:
                    self.record.add(spot, image, mask, digest)
            if digest is not None:
                self.digests[spot.place] = digest
        if self.packing is not None:  # last: a pair's own files go once it is there
            self.packing.take_in(positions, self._look_at)

    def look(self) -> tuple[str, int]:
        """Name the pair that others noted last, and count all that are made, without looking at their files."""
        self.record.refresh()
        return self.record.latest, len(self.digests) + self.record.count

    def _look_at(self, position: int, content: bytes, mask: bytes) -> bytes | None:
        """Check a pair that nobody noted; return the digest of its image if it is whole."""
        pair = self.pairs[position]
        image = self.folder / self.layout.image(pair)
        try:
            request = read_request(image, content)
        except SegPaintError:  # damaged: it is made again
            return None
        if not _is_same(request, pair.request):
            raise SegPaintError(
                f"{self.shown(self.layout.image(pair))} was made otherwise than the set asks for "
                f"(with {request.checkpoint} {request.fingerprint}); the checkpoint has changed since. "
                "Choose another folder."
            )
        return hashlib.sha256(content).digest() if self.is_mask(pair, mask) else None

    def is_mask(self, pair: Pair, content: bytes) -> bool:
        """Check the pixels of a mask's file, since the bytes of a PNG depend on the library that wrote it."""
        path, wanted = self.folder / self.layout.mask(pair), self.layout.encode_mask(pair)
        if content == wanted:
            return True
        with suppress(SegPaintError):
            first, second = (np.asarray(open_image(path, one)) for one in (content, wanted))
            return np.array_equal(first, second)
        return False


def _is_same(first: Request, second: Request) -> bool:
    rest = [request.model_dump(exclude={"mask"}) for request in (first, second)]
    return rest[0] == rest[1] and np.array_equal(first.mask, second.mask)
