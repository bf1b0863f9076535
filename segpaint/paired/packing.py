"""Packs the pairs of an open set into tar files, and lists those that are in them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_together
from segpaint.paired.claims import Claims
from segpaint.paired.layouts import WebDataset
from segpaint.paired.pairs import Pair, Place
from segpaint.paired.plan import spot_at
from segpaint.paired.record import DIGEST, Record
from segpaint.paired.tars import Tar, Tars, tar_bytes


class Packing:
    """The tar files of a set that is open.

    A tar file appears whole, and only then do the files go that its pairs had by themselves. So each pair is in
    one place at least, whenever a maker is killed.

    Parameters
    ----------
    folder : Path
        Of the set.
    pairs : sequence of Pair
        All of the set.
    digests : mutable mapping of Place to bytes
        SHA-256 of the image's file, of each pair that is made. Those in tar files are added.
    """

    def __init__(
        self,
        folder: Path,
        pairs: Sequence[Pair],
        layout: WebDataset,
        record: Record,
        claims: Claims,
        digests: MutableMapping[Place, bytes],
    ) -> None:
        self._folder, self._pairs, self._layout = folder, pairs, layout
        self._record, self._claims, self._digests = record, claims, digests
        self.tars = Tars(pairs)

    def take_in(
        self, positions: Iterable[int] | None, look_at: Callable[[int, bytes, bytes], bytes | None]
    ) -> None:
        """List the pairs in tar files that are not listed yet; those of a file that nobody noted are read.

        Parameters
        ----------
        positions : iterable of int or None
            Look at the tar files of these pairs alone.
        look_at : callable
            Takes the position of a pair, its image, and its mask; returns the image's digest if it is whole.
        """
        for tar in self.tars.over(positions):
            path = self._folder / tar.path
            if self._is_made(tar) or not path.is_file():
                continue
            self._record.refresh()  # who packs notes it before the pairs' own files go
            known = self._record.find(self.tars.spot(tar), str(path), str(path), len(tar.positions))
            if known is None:
                self._look_through(tar, look_at)
            else:
                for number, place in enumerate(self._places(tar)):
                    self._digests.setdefault(place, known[DIGEST * number : DIGEST * (number + 1)])

    def _look_through(self, tar: Tar, look_at: Callable[[int, bytes, bytes], bytes | None]) -> None:
        is_alone = not any(place in self._digests for place in self._places(tar))
        for position in tar.positions:
            spot = spot_at(self._pairs, position)
            if spot.place in self._digests:
                continue
            image, mask = (
                self.tars.read(self._folder, position, path)
                for path in (self._layout.image(spot), self._layout.mask(spot))
            )
            digest = look_at(position, image, mask)
            if digest is not None:
                self._digests[spot.place] = digest
        if is_alone and self._is_made(tar):
            self._note(tar)

    def pack(self, positions: Iterable[int] | None = None) -> None:
        """Pack the tar files whose pairs are all listed as made, unless another maker packs them.

        Parameters
        ----------
        positions : iterable of int, optional
            Look at the tar files of these pairs alone.

        Raises
        ------
        SegPaintError
            If a file cannot be read or written, or an image is not the one that was made.
        """
        for tar in self.tars.over(positions):
            claim = f"tar-{tar.positions[0]:07}"
            if self._is_made(tar) and self._loose(tar) and self._claims.take(claim) is not False:
                try:
                    self._pack(tar, self._loose(tar))  # another may have packed it before the claim was ours
                finally:
                    self._claims.give_back(claim)

    def pack_if_last(self, position: int) -> None:
        """Pack the tar file of a pair if it is the last one in it, so that not all pairs lie about at once."""
        (tar,) = self.tars.over([position])
        if tar.positions[-1] == position:
            self.pack([position])

    def _pack(self, tar: Tar, loose: Sequence[Path]) -> None:
        if loose:
            write_together({self._folder / tar.path: tar_bytes(self._members(tar))}, recovered=True)
            self._note(tar)
        for path in loose:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _members(self, tar: Tar) -> Iterator[tuple[str, bytes]]:
        for position in tar.positions:
            pair = self._pairs[position]
            image, mask = self._layout.image(pair), self._layout.mask(pair)
            contents = [self.tars.read(self._folder, position, path) for path in (image, mask)]
            if hashlib.sha256(contents[0]).digest() != self._digests[pair.place] or not contents[1]:
                raise SegPaintError(
                    f"{self._folder / image} or its mask was changed while the set was being made; give the "
                    "same command again, which makes it anew."
                )
            yield image.name, contents[0]
            yield mask.name, contents[1]
            yield self._layout.described(pair)

    def _note(self, tar: Tar) -> None:
        path = str(self._folder / tar.path)
        digests = b"".join(self._digests[place] for place in self._places(tar))
        self._record.add(self.tars.spot(tar), path, path, digests)

    def _is_made(self, tar: Tar) -> bool:
        return all(place in self._digests for place in self._places(tar))

    def _places(self, tar: Tar) -> Iterator[Place]:
        return (spot_at(self._pairs, position).place for position in tar.positions)

    def _loose(self, tar: Tar) -> list[Path]:
        """List the files that pairs of a tar file have by themselves."""
        spots = (spot_at(self._pairs, position) for position in tar.positions)
        files = (Path(file) for spot in spots for file in self._layout.files(self._folder, spot))
        return [file for file in files if file.exists()]
