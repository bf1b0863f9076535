"""Opens scans and their masks for commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.label_mapping import Reason, SourceValue, guess_targets, has_names
from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.core.volumes.frame import Indices
from segpaint.core.volumes.volume import Volume
from segpaint.io.volume_files.mask_places import MaskVolume
from segpaint.io.volume_files.masks import read_mask_volume
from segpaint.io.volume_files.opening import find_offers

Say = Callable[[str], object]
"""Takes a sentence for the user."""
RANGE = re.compile(r"(\d+)(?:-(\d+))?")


def open_chosen(path: Path, series: str | None, say: Say) -> Volume:
    """Open a file, or a series of a folder.

    Parameters
    ----------
    series : str or None
        Its name or number, from 1, where there are several.

    Raises
    ------
    SegPaintError
        If there is none, or none was chosen of several.
    """
    found = find_offers(path)
    for remark in found.remarks:
        say(remark)
    offers = found.offers
    if series is not None:
        named = [offer for offer in offers if offer.name.casefold() == series.casefold()]
        if not named and series.isdecimal() and 0 < int(series) <= len(offers):
            named = [offers[int(series) - 1]]
        offers = tuple(named)
    if len(offers) != 1:
        known = "; ".join(
            f"{number} {offer.name} ({offer.detail})" for number, offer in enumerate(found.offers, 1)
        )
        wanted = "holds several scans" if series is None else f"has no scan {series!r}, or several of this name"
        raise SegPaintError(f"{path} {wanted}; choose one with --series, by its number or name: {known}.")
    volume = offers[0].open()
    for remark in volume.remarks:
        say(remark)
    return volume


def parse_mapping(texts: Iterable[str], table: LabelTable) -> dict[str, int]:
    """Read pairs such as ``7=heart`` or ``Left lung=2``.

    Returns
    -------
    dict
        Label indices, or 255 for ``free``, by the value or name in a file; names in small letters.

    Raises
    ------
    SegPaintError
        If it is no pair, or the model has no such label.
    """
    mapping = {}
    for text in texts:
        value, equals, label = (part.strip() for part in text.rpartition("="))
        if not equals or not value:
            raise SegPaintError(f"--map {text}: give VALUE=LABEL, such as 7=heart.")
        is_free = label.casefold() in ("free", str(FREE))
        mapping[value.casefold()] = FREE if is_free else table.parse([label])[0]
    return mapping


def read_labels(
    path: Path, volume: Volume, table: LabelTable, say: Say, mapping: Mapping[str, int] | None = None
) -> Indices:
    """Read a mask of a scan, in a model's labels.

    Parameters
    ----------
    mapping : mapping of str to int, optional
        What values mean, see `parse_mapping`. The others are then matched by name or colour alone.

    Returns
    -------
    ndarray of uint8, shape (slices, rows, columns)
        In the axes of the scan's file.

    Raises
    ------
    SegPaintError
        If it does not belong to the scan, has none of the model's labels, or has no names and, beside the
        model's numbers, others.
    """
    mask = read_mask_volume(path, volume.geometry)
    for remark in mask.remarks:
        say(remark)
    values = [value for value in np.unique(mask.values).tolist() if value != BACKGROUND]
    sources = [_source(mask, value) for value in values]
    lookup = np.zeros(int(mask.values.max()) + 1, np.uint8)
    unknown, numbered = [], False
    for value, source, guess in zip(values, sources, guess_targets(sources, table), strict=True):
        given = [mapping[key] for key in (str(value), source.name.casefold()) if mapping and key in mapping]
        is_number = guess.reason is Reason.INDEX
        if given:
            lookup[value] = given[0]
        elif guess.target is None or guess.is_unsure or (mapping and is_number):
            unknown.append(source.text)
        else:
            lookup[value] = guess.target
            numbered = numbered or is_number
    known = ", ".join(f"{label.index} {label.name}" for label in table)
    if len(unknown) == len(values) and values:
        raise SegPaintError(
            f"{path} holds none of the model's labels ({known}), but {', '.join(unknown)}; "
            "give their meanings with --map VALUE=LABEL."
        )
    if unknown and numbered and not has_names(sources):
        raise SegPaintError(
            f"{path} names no labels, and has values that the model lacks: {', '.join(unknown)}. Its other "
            f"numbers may not be the model's either ({known}); give their meanings with --map VALUE=LABEL."
        )
    if unknown:
        say(f"{path.name}: these are no labels of the model, and are left out: {', '.join(unknown)}.")
    return lookup[mask.values]


def _source(mask: MaskVolume, value: int) -> SourceValue:
    color = mask.colors.get(value)
    rgb = None if color is None else tuple(bytes.fromhex(color[1:]))
    return SourceValue(
        value, int(np.count_nonzero(mask.values == value)),
        None if rgb is None else (rgb[0], rgb[1], rgb[2]), mask.names.get(value, ""),
    )  # fmt: skip


def parse_slices(text: str, count: int) -> list[int]:
    """Read numbers such as ``3-5,8``, counted from 1, as indices from 0.

    Raises
    ------
    SegPaintError
        If it is none, or a slice that there is not.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = RANGE.fullmatch(part.strip())
        if match is None:
            raise SegPaintError(f"--slices {text}: give numbers from 1 to {count}, such as 3-5,8.")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= count:
            raise SegPaintError(f"--slices {text}: the scan has slices 1 to {count} in this plane.")
        found.update(range(first - 1, last))
    return sorted(found)
