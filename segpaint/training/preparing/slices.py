"""Turns a folder of volumes or pictures into a data set of slices for training."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage.transform import resize

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.masks.paint import bounds
from segpaint.core.pictures.body import find_body
from segpaint.core.pictures.intensities import PERCENTILES
from segpaint.core.reading import MOST_PIXELS
from segpaint.core.words import percentage
from segpaint.io.cases import Case, Source, find_volumes
from segpaint.io.nnunet import find_nnunet
from segpaint.io.structures import find_structures, holds_structures
from segpaint.io.volumes import Stack, is_picture
from segpaint.training.pngs import FEWEST_SHADES
from segpaint.training.preparing.modality import SHIFT, Intensities, measure_intensities
from segpaint.training.preparing.settings import WINDOWS, PreparationSettings

DEFAULT_TEST_SHARE, ENOUGH_PATIENTS = 0.1, 10
"""Of so many patients, a share is for tests unless somebody decides otherwise."""

FEWEST_PIXELS = 4
"""Of the longer side of a slice; one with fewer shows nothing."""


@dataclass(frozen=True)
class Found:
    """What is known of a case before anything is written.

    Attributes
    ----------
    values : frozenset of int
        The values of its labels.
    lengths : tuple of int
        Its rows and columns.
    spacing : tuple of float
        Between rows and between columns.
    centre, extent : tuple of float
        Middle, height and width of the part to show, in its own rows and columns.
    kept : list of int
        The slices to keep.
    is_shown_unchanged : bool
        Whether its intensities are shades already, 0 to 255.
    sides : tuple of str, or None
        The letters of the patient's sides at its slices' left edge and top edge.
    remarks : dict of str to str
        What the user should know of it: a sentence by its kind.
    """

    case: Case
    values: frozenset[int]
    lengths: tuple[int, int]
    spacing: tuple[float, float]
    centre: tuple[float, float]
    extent: tuple[float, float]
    intensities: Intensities
    kept: list[int]
    is_shown_unchanged: bool
    sides: tuple[str, str] | None
    remarks: dict[str, str]


def find_source(folder: Path, settings: PreparationSettings) -> Source:
    """Find the cases of a folder, whatever layout it has.

    Raises
    ------
    SegPaintError
        If there are none, or they are incomplete.
    """
    if not folder.is_dir():
        kind = "a file; give the folder that holds it" if folder.is_file() else "not there; give a folder"
        raise SegPaintError(f"{folder} is {kind}.")
    if (folder / "dataset.json").is_file():
        return find_nnunet(folder, settings.channel, named=settings.labels is not None)
    if settings.channel is not None and not settings.channel.isdecimal():
        raise SegPaintError(
            f"{folder} is no data set of nnU-Net, so its channels have no names; give the number, from 0, or "
            "leave out --channel."
        )
    if holds_structures(folder):
        if settings.labels is not None:
            raise SegPaintError(f"The labels in {folder} are named by their files; leave out --labels.")
        source = find_structures(folder)
    else:
        source = find_volumes(folder)
    if settings.channel is None:
        return source
    return replace(source, cases=tuple(replace(case, channel=int(settings.channel)) for case in source.cases))


def look_at(case: Case, stack: Stack, settings: PreparationSettings) -> Found:
    """Gather what the plan for all cases needs to know of one."""
    whole = is_picture(case) if settings.crop is None else settings.crop == "none"
    rows, columns = stack.labels.shape[1:]
    top, bottom, left, right = (0, rows, 0, columns) if whole else body_box(stack)
    return Found(
        case,
        frozenset(value for plane in stack.labels for value in np.unique(plane).tolist()) - {BACKGROUND, FREE},
        (rows, columns),
        stack.spacing,
        ((top + bottom) / 2, (left + right) / 2),
        (bottom - top, right - left),
        measure_intensities(stack.images),
        kept_slices(np.any(~np.isin(stack.labels, (BACKGROUND, FREE)), axis=(1, 2)), settings),
        settings.window is None and stack.images.dtype == np.uint8,
        stack.sides,
        {**stack.remarks, **_remarks(case, stack)},
    )


def _remarks(case: Case, stack: Stack) -> dict[str, str]:
    unknown = float(np.isnan(stack.images).mean())
    if not unknown:
        return {}
    share = percentage(unknown) if unknown >= 0.001 else "Less than 0.1 %"
    return {"unknown": f"{share} of the voxels of {case.images[0]} are infinite or NaN. They become black."}


def remark_on_shades(found: Found, settings: PreparationSettings, modality: str) -> dict[str, str]:
    """Describe an image that will be of nearly one shade: a sentence by its kind; nothing of others."""
    path, seen = found.case.images[0], found.intensities
    if seen.lowest == seen.highest:
        return {"dull": f"{path} is of a single shade, {seen.highest:.4g}."}
    low, high = (0.0, 255.0) if found.is_shown_unchanged else _fixed_window(found, settings, modality) or (
        seen.lowest, seen.highest
    )  # fmt: skip
    if (min(high, seen.highest) - max(low, seen.lowest)) / (high - low) * 256 >= FEWEST_SHADES:
        return {}
    return {
        "dull": f"{path} will have fewer than {FEWEST_SHADES} shades: its values are {seen.lowest:.4g} to "
        f"{seen.highest:.4g}, and {low:.4g} to {high:.4g} are shown from black to white."
    }


def body_box(stack: Stack) -> tuple[int, int, int, int]:
    """Find the rows and columns that the body takes up in any slice: top, bottom, left, right.

    The body is the largest region brighter than Otsu's threshold, together with all labels.
    """
    seen = np.any(stack.labels, axis=0) | find_body(stack.images.mean(axis=-1)).any(axis=0)
    if not seen.any():
        return 0, seen.shape[0], 0, seen.shape[1]
    rows, columns = bounds(seen)
    return rows.start, rows.stop, columns.start, columns.stop


def kept_slices(has_label: NDArray[np.bool_], settings: PreparationSettings) -> list[int]:
    """Choose the slices of a case; of those without labels, as many as allowed, spread evenly."""
    chosen = np.arange(0, len(has_label), settings.every)
    labelled, empty = chosen[has_label[chosen]], chosen[~has_label[chosen]]
    if settings.empty_share < 1:
        allowed = int(settings.empty_share / (1 - settings.empty_share) * len(labelled))
        if allowed < len(empty):
            empty = empty[np.linspace(0, len(empty) - 1, allowed).round().astype(int)]
    return sorted([*labelled.tolist(), *empty.tolist()])


def fitting_spacing(found: Iterable[Found], size: int) -> float:
    """Compute the median of the cases' finest spacings, or a coarser spacing that lets all fit."""
    found = list(found)
    native = float(np.median([min(one.spacing) for one in found]))
    # One pixel to spare on each side, so that no border lies on the edge.
    largest = max(length * step for one in found for length, step in zip(one.extent, one.spacing, strict=True))
    return max(native, largest / (size - 2))


def check_sizes(found: list[Found], spacing: float) -> None:
    """Refuse a spacing at which a slice would fill the memory, or be next to nothing.

    Raises
    ------
    SegPaintError
        If there is such a slice.
    """
    finest, coarsest = (choose(found, key=lambda one: min(one.spacing)) for choose in (min, max))
    for one in found:
        height, width = (length * step / spacing for length, step in zip(one.lengths, one.spacing, strict=True))
        if height * width > MOST_PIXELS or max(height, width) < FEWEST_PIXELS:
            raise SegPaintError(
                f"At {spacing:.4g} mm per pixel, the slices of {one.case.images[0]} would have {height:,.0f} x "
                f"{width:,.0f} pixels. {finest.case.images[0]} has {min(finest.spacing):.4g} mm per voxel, and "
                f"{coarsest.case.images[0]} {min(coarsest.spacing):.4g} mm; correct their headers, or give "
                "another --spacing."
            )


def split_patients(
    cases: Iterable[Case], settings: PreparationSettings
) -> tuple[dict[str, str], dict[str, str]]:
    """Determine each case's patient, and each patient's split.

    Returns
    -------
    patients : dict of str to str
        By the case's name.
    splits : dict of str to {"train", "val", "test"}
        By patient. If there is only one, it is used for training. Patients of the data set's own test cases are
        in test with all their cases.

    Raises
    ------
    SegPaintError
        If the expression finds no patient in a name.
    """
    patients, tested = {}, set()
    for case in cases:
        name = case.name
        match = re.search(settings.patient, name) if settings.patient else None
        if settings.patient and not match:
            raise SegPaintError(f"--patient {settings.patient} finds nothing in the name {name!r}; change it.")
        patients[name] = match[0] if match else name
        if case.is_test:
            tested.add(patients[name])
    order = np.random.default_rng(settings.seed).permutation(sorted(set(patients.values()) - tested)).tolist()
    share = settings.test_share
    if share is None:
        share = DEFAULT_TEST_SHARE if len(order) >= ENOUGH_PATIENTS and not tested else 0.0
    validated = _count(settings.val_share, len(order), len(order) - 1)
    seen = len(order) - validated - _count(share, len(order), len(order) - validated - 1)
    splits = {patient: "val" if place < validated else "test" for place, patient in enumerate(order)}
    splits |= dict.fromkeys(order[len(order) - seen :], "train") | dict.fromkeys(tested, "test")
    return patients, splits


def _count(share: float, patients: int, most: int) -> int:
    """Compute how many patients a share is: at least one, if there are enough."""
    return max(0, min(most, max(1, round(share * patients)))) if share else 0


def window_of(
    stack: Stack, found: Found, settings: PreparationSettings, modality: str
) -> tuple[float, float] | None:
    """Find the intensities of a stack that become black and white; None if it needs no change.

    Windows of CT are shifted with volumes that are stored with 1024 added.
    """
    if found.is_shown_unchanged:
        return None
    fixed = _fixed_window(found, settings, modality)
    if fixed is not None:
        return fixed
    low, high = np.nanpercentile(stack.images, PERCENTILES)
    return float(low), float(high)


def _fixed_window(found: Found, settings: PreparationSettings, modality: str) -> tuple[float, float] | None:
    """Find the window that the settings or the modality name; None for percentiles."""
    window = settings.window or ("ct-soft" if modality == "CT" else "percentiles")
    if isinstance(window, tuple):
        return window
    if window not in WINDOWS:
        return None
    shift = SHIFT if found.intensities.is_shifted else 0.0
    return WINDOWS[window][0] + shift, WINDOWS[window][1] + shift


def resample(
    stack: Stack, found: Found, index: int, window: tuple[float, float] | None, spacing: float, size: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Cut a square out of a slice, black beyond the slice's edges.

    Returns
    -------
    image : ndarray of uint8, shape (size, size, channels)
        Resampled linearly, smoothed first if it gets smaller.
    mask : ndarray of uint8, shape (size, size)
        Resampled to the nearest pixel.
    """
    image = stack.images[index].astype(np.float32)
    if window is not None:
        low, high = window
        image = (np.clip(image, low, high) - low) / max(high - low, 1e-6) * 255
        image = np.nan_to_num(image, nan=0.0)
    lengths = image.shape[:2]
    shape = tuple(
        max(1, round(length * step / spacing)) for length, step in zip(lengths, stack.spacing, strict=True)
    )
    image = resize(image, (*shape, image.shape[2]), order=1, anti_aliasing=True, preserve_range=True)
    mask = resize(stack.labels[index], shape, order=0, anti_aliasing=False, preserve_range=True)
    first = [
        round(middle * new / length - size / 2)
        for middle, new, length in zip(found.centre, shape, lengths, strict=True)
    ]
    pixels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return _square(pixels, first, size), _square(mask.astype(np.uint8), first, size)


def _square(pixels: NDArray[np.uint8], first: list[int], size: int) -> NDArray[np.uint8]:
    """Cut a square that begins at the row and column `first`, which may lie outside."""
    square = np.zeros((size, size, *pixels.shape[2:]), np.uint8)
    begin = [max(0, start) for start in first]
    end = [min(length, start + size) for length, start in zip(pixels.shape, first, strict=False)]
    if begin[0] < end[0] and begin[1] < end[1]:
        part = pixels[begin[0] : end[0], begin[1] : end[1]]
        row, column = begin[0] - first[0], begin[1] - first[1]
        square[row : row + part.shape[0], column : column + part.shape[1]] = part
    return square
