"""The one door for scans and pictures: a file or a folder offers what can be opened of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.volume import Volume
from segpaint.io.volume_files.dicom_search import Series, files_below, find_series
from segpaint.io.volume_files.dicom_stack import stacked
from segpaint.io.volume_files.file_kinds import ENDINGS, Kind, kind_of
from segpaint.io.volume_files.itk_files import read_itk
from segpaint.io.volume_files.nifti_files import read_nifti
from segpaint.io.volume_files.picture_files import read_numpy, read_pages, read_picture

READERS: dict[Kind, Callable[[Path], Volume]] = {
    Kind.NIFTI: read_nifti, Kind.NRRD: read_itk, Kind.META: read_itk, Kind.TIFF: read_pages,
    Kind.NUMPY: read_numpy, Kind.PICTURE: read_picture,
}  # fmt: skip
IN_FOLDERS = (Kind.NIFTI, Kind.NRRD, Kind.META)
"""Files beside DICOM that a folder offers, too; pictures may be anything."""
VOLUMES = tuple(ending for ending, kind in ENDINGS.items() if kind in IN_FOLDERS)


@dataclass(frozen=True, eq=False)
class Offer:
    """Something that can be opened.

    Attributes
    ----------
    name, detail : str
        Of the series or file; what it is, such as "series 4, CT, 120 pictures of 512 x 512, 0.7 x 0.7 x 5 mm".
    open : callable
        Reads it, or raises a `SegPaintError`.
    """

    name: str
    detail: str
    open: Callable[[], Volume]


@dataclass(frozen=True, eq=False)
class Offers:
    """What a file or a folder holds.

    Attributes
    ----------
    offers : tuple of Offer
        The likeliest first; at least one.
    remarks : tuple of str
        What is passed over, in sentences.
    """

    offers: tuple[Offer, ...]
    remarks: tuple[str, ...] = ()


def find_offers(place: Path, report: Callable[[int], None] = lambda _count: None) -> Offers:
    """Find what can be opened of a file, or of a folder with all that lies below it.

    Nothing but headers is read.

    Parameters
    ----------
    report : callable
        Gets the number of files read so far; what it raises ends the search.

    Raises
    ------
    SegPaintError
        If there is nothing.
    """
    if place.name.upper() == "DICOMDIR":  # the list of what a disk holds, beside it
        place = place.parent
    if place.is_dir():
        return _of_folder(place, report)
    kind = kind_of(place)
    if kind is not Kind.DICOM:
        return Offers((_of_file(place, kind),))
    found = find_series([place], report)
    if not found.series:
        raise SegPaintError(found.passed_over[place])
    return Offers(tuple(map(_of_series, found.series)))


def _of_folder(folder: Path, report: Callable[[int], None]) -> Offers:
    found = find_series(files_below(folder, report), report)
    others = {path: kind for path in found.passed_over if (kind := _volume_kind(path)) is not None}
    offers = (*map(_of_series, found.series), *(_of_file(path, kind) for path, kind in others.items()))
    passed_over = {path: reason for path, reason in found.passed_over.items() if path not in others}
    if not offers:
        reason = f"{_without_picture(*next(iter(passed_over.items())))}" if passed_over else "It is empty."
        raise SegPaintError(f"{folder} holds no scan that can be opened. {reason}")
    return Offers(offers, _remarks(folder, passed_over))


def _volume_kind(path: Path) -> Kind | None:
    """Find the files beside DICOM that a folder offers."""
    if not path.name.lower().endswith(VOLUMES):
        return None
    with suppress(SegPaintError):
        kind = kind_of(path)
        return kind if kind in IN_FOLDERS else None
    return None


def _of_series(series: Series) -> Offer:
    rows, columns = series.shape
    count = len(series.frames)
    pictures = "1 picture" if count == 1 else f"{count:,} pictures"
    spacing = " x ".join(f"{side:.3g}" for side in series.spacing)
    detail = (
        f"series {series.number}" if series.number else "",
        series.date,
        series.modality,
        f"{pictures} of {columns} x {rows}",
        f"{spacing} mm" if spacing else "",
    )
    return Offer(series.name, ", ".join(filter(None, detail)), partial(stacked, series))


def _of_file(path: Path, kind: Kind) -> Offer:
    size = path.stat().st_size / 2**20
    return Offer(path.name, f"{kind.value}, {max(size, 0.1):,.1f} MiB", partial(READERS[kind], path))


def _remarks(folder: Path, passed_over: dict[Path, str]) -> tuple[str, ...]:
    # The list of what a disk holds lies on every one, and is no picture by its nature.
    passed_over = {path: why for path, why in passed_over.items() if path.name.upper() != "DICOMDIR"}
    if not passed_over:
        return ()
    path, reason = next(iter(passed_over.items()))
    rest = len(passed_over) - 1
    others = "" if not rest else f" {rest:,} more {'file is' if rest == 1 else 'files are'} passed over, too."
    return (f"{folder}: {_without_picture(path, reason)}{others}",)


def _without_picture(path: Path, reason: str) -> str:
    """Write why a file is passed over as a sentence that names it."""
    return reason if str(path) in reason else f"{path} is passed over: {reason}."
