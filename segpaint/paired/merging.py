"""Puts parts of a paired set, each made in a folder of its own, together into a whole one."""

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import LARGEST_FILE, read_text, reads
from segpaint.paired.begun_folder import read_file
from segpaint.paired.manifest import CSV, as_csv
from segpaint.paired.plan import spots
from segpaint.paired.sources import gather
from segpaint.paired.specification import SPECIFICATION, Specification, read_specification
from segpaint.paired.store import PairedSet

NAME, IMAGE, DIGEST = "name", "image", "sha256"


@dataclass(frozen=True)
class Merged:
    """What was put together.

    Attributes
    ----------
    pairs : int
        In the whole set now.
    missing : int
        That no part has.
    """

    pairs: int
    missing: int


def merge_sets(
    out: Path,
    parts: Sequence[Path],
    checkpoints: Sequence[Path],
    progress: Callable[[str, int], object] = lambda _name, _finished: None,
) -> Merged:
    """Copy the pairs of parts into a set, and sum it up; every image is checked against its part's manifest.

    Parameters
    ----------
    out : Path
        Empty or missing, or with a set of the same specification.
    parts : sequence of Path
        Folders with the same set, finished or not. Of a pair in several, the first is taken.
    checkpoints : sequence of Path
        Folders that specifications may use.
    progress : callable
        Called with the name of each pair, and with 1.

    Raises
    ------
    SegPaintError
        If a part is damaged, or is of another set; what was put together before stays.
    """
    specifications = [_read(part) for part in parts]
    for part, specification in zip(parts[1:], specifications[1:], strict=True):
        _check_same(parts[0], specifications[0], part, specification)
    first = specifications[0]
    with closing(PairedSet(out, first, first.precision or "float32", checkpoints=checkpoints)) as made:
        listed = {part: read_listed(part / CSV) for part in parts}
        for position, spot in enumerate(spots(made.pairs)):
            if spot.place in made.digests:
                continue
            image = made.layout.image(spot).as_posix()
            holder = next((part for part in parts if image in listed[part]), None)
            if holder is not None:
                pair = made.pairs[position]
                made.adopt(pair, _checked(made, position, holder, listed[holder][image]))
                progress(pair.name, 1)
                if made.packing is not None:
                    made.packing.pack_if_last(position)
        made.sum_up()
        return Merged(len(made.digests), len(made.missing))


def _read(part: Path) -> Specification:
    path = part / SPECIFICATION
    if not path.is_file():
        raise SegPaintError(f"{part} holds no paired set: it lacks {SPECIFICATION}; leave it out.")
    return read_specification(path)


def _check_same(first: Path, wanted: Specification, part: Path, found: Specification) -> None:
    """Refuse a part of another set: with other settings, or with masks of other bytes."""
    (one, masks), (other, others) = gather(wanted, {}), gather(found, {})
    if one != other:
        names = [name for name in Specification.model_fields if getattr(one, name) != getattr(other, name)]
        raise SegPaintError(
            f"{part} is part of another set than {first}: it differs in {', '.join(names)} "
            f"({SPECIFICATION}); leave it out."
        )
    for name in masks:
        if _digest(masks[name]) != _digest(others[name]):
            raise SegPaintError(
                f"{part} is part of another set than {first}: its mask {name} differs; leave it out."
            )


def _digest(content: Path | bytes) -> bytes:
    return hashlib.sha256(content if isinstance(content, bytes) else read_file(content)).digest()


@reads("the manifest of a paired set", "make that part again")
def read_listed(path: Path) -> dict[str, str]:
    """Read the lines of a manifest, by the path of each image; a torn line is passed over.

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    head, *lines = read_text(path, LARGEST_FILE).split("\n")
    names = next(csv.reader([head]), [])
    if NAME not in names or IMAGE not in names:
        raise ValueError("it has no column for images")
    place = names.index(IMAGE)
    rows = ((line, next(csv.reader([line]), [])) for line in lines[:-1])  # what follows is torn
    return {row[place]: f"{line}\n" for line, row in rows if len(row) == len(names)}


def _checked(made: PairedSet, position: int, part: Path, line: str) -> bytes:
    """Read the image of a pair, and check it and its mask against the plan and the part's manifest."""
    pair = made.pairs[position]
    path, mask = part / made.layout.image(pair), part / made.layout.mask(pair)
    again = f"make it again: segpaint generate --set {part / SPECIFICATION} --out {part}"
    image = made.read(position, made.layout.image(pair), part)
    digest = hashlib.sha256(image).hexdigest()
    if not image or digest not in line:
        raise SegPaintError(f"{path} is damaged: it is not the file that {CSV} lists; {again}")
    wanted = b"".join(as_csv(made.row_kind, [made.row(pair, digest)], head=False)).decode()
    if line != wanted:
        difference = _difference(line, wanted)
        raise SegPaintError(
            f"{path} was made otherwise than the set asks for ({part / CSV}: {difference}); leave {part} out."
        )
    if not made.is_mask(pair, made.read(position, made.layout.mask(pair), part)):
        raise SegPaintError(f"{mask} is damaged: it is not the mask of {pair.name}; {again}")
    return image


def _difference(line: str, wanted: str) -> str:
    found = (next(csv.reader(io.StringIO(text)), []) for text in (line, wanted))
    return next((f"{one}, not {other}" for one, other in zip(*found, strict=False) if one != other), "a column")
