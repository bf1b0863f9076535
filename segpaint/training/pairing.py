"""Finds the images and masks of a data set that belong together."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from segpaint.core.errors import SegPaintError, raise_first
from segpaint.core.folders import visible

IMAGES = (".png", ".jpg", ".jpeg")
MASKS = (".png",)
"""Endings in any case. A mask must not be a JPEG, which changes values."""
Unseen = Literal["val", "test"]
"""A split of patients that are not trained on."""
SPLITS = ("train", *get_args(Unseen))


@dataclass(frozen=True)
class PairFiles:
    """The files of a pair.

    Attributes
    ----------
    split : {"train", "val", "test"}
    name : str
        The image's path within the folder of its split, with slashes.
    """

    split: str
    name: str
    image: Path
    mask: Path


def stem_of(name: str) -> str:
    """Return a file's path within its split without the ending: what an image and its mask share."""
    path = PurePosixPath(name.replace("\\", "/"))
    return str(path.with_suffix("") if path.suffix.lower() in IMAGES else path)


def find_pairs(folder: Path, unseen: Unseen = "val") -> list[PairFiles]:
    """Pair the files to train on and those of one other split, also in folders below them; train has some.

    Raises
    ------
    SegPaintError
        If a file or a folder is missing, or two files have one name.
    """
    return [pair for split in ("train", unseen) for pair in _pairs_of(folder, split)]


def all_stems(folder: Path) -> set[str]:
    """Find what the images of all splits are called, see `stem_of`."""
    places = [folder / "images" / split for split in SPLITS]
    return {stem_of(path.relative_to(place).as_posix()) for place in places for path in visible(place, "**/*")}


def unused(folder: Path) -> list[str]:
    """Describe in sentences which files lie in a data set without being read."""
    notes = []
    for place, endings in ((folder / "images", IMAGES), (folder / "masks" / "all", MASKS)):
        left = [path for path in visible(place, "**/*") if not _is_used(path, place, endings)]
        if left:
            notes.append(
                f"{place}: files that are not used: {len(left)}, such as {left[0].relative_to(place)}. "
                f"Used are those below {', '.join(SPLITS)} that end in {', '.join(endings)}."
            )
    return notes


def _is_used(path: Path, place: Path, endings: tuple[str, ...]) -> bool:
    """Check whether a file is read, or a folder looked into; a link to a folder below a split is not."""
    parts = path.relative_to(place).parts
    if path.is_dir():
        return not path.is_symlink() or len(parts) == 1
    return path.is_file() and len(parts) > 1 and parts[0] in SPLITS and path.suffix.lower() in endings


def _pairs_of(folder: Path, split: str) -> list[PairFiles]:
    image_folder, mask_folder = folder / "images" / split, folder / "masks" / "all" / split
    images, masks = _by_stem(image_folder, IMAGES), _by_stem(mask_folder, MASKS)
    if split == "train" and not images:
        state = (
            "holds no PNG or JPEG images" if image_folder.is_dir() else "is missing; it is to hold the images"
        )
        raise SegPaintError(f"{image_folder} {state} to train on.")
    if images and not mask_folder.is_dir():
        raise SegPaintError(
            f"{mask_folder} is missing; it is to hold the masks, under the names of their images."
        )
    problems = []
    for stem in sorted(images.keys() ^ masks.keys()):
        has, lacks = (images[stem], mask_folder) if stem in images else (masks[stem], image_folder)
        problems.append(f"{has} has no partner {lacks / f'{stem}.png'}; add it or remove the first.")
    raise_first(problems)
    return [
        PairFiles(split, images[stem].relative_to(image_folder).as_posix(), images[stem], masks[stem])
        for stem in sorted(images)
    ]


def _by_stem(folder: Path, endings: tuple[str, ...]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    problems = []
    for path in visible(folder, "**/*"):
        if path.suffix.lower() not in endings or not path.is_file():
            continue
        stem = stem_of(path.relative_to(folder).as_posix())
        if stem in found:
            problems.append(f"{path} and {found[stem]} differ by their endings alone; remove one of them.")
        found[stem] = path
    raise_first(problems)
    return found
