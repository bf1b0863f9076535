"""Finds what speaks against taking a file for an image that a model knows: labels, other units, colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segpaint.core.pictures.hounsfield import has_air_and_tissue

Values = NDArray[np.generic]

NAMED = re.compile(r"(^|[^a-z0-9])(labels?|labelmap|seg|segs|segmentation|segmentations|masks?)([^a-z0-9]|$)")
"""Names of files that hold labels."""
FEW, FEW_IF_NAMED = 40, 1024
"""Different values of labels at most; with a name that promises labels, at most so many."""
FLAT = 0.8
"""Share of neighbours that have the same label."""


class Model(Protocol):
    """What is asked of a model: the fields of its description."""

    @property
    def modality(self) -> str:
        """As in DICOM."""

    @property
    def channels(self) -> int:
        """1 grey, 3 colour."""


@dataclass(frozen=True)
class Oddities:
    """What is odd about a file that is opened as an image.

    Attributes
    ----------
    labels : str
        A sentence: it looks like labels. Empty if it does not.
    doubt : str
        A sentence: the model was trained on other values. Empty if nothing speaks for it.
    others : tuple of str
        Further sentences.
    """

    labels: str = ""
    doubt: str = ""
    others: tuple[str, ...] = ()


def oddities_in(name: str, slices: Sequence[Values], model: Model, modality: str = "") -> Oddities:
    """Look at slices.

    Parameters
    ----------
    name : str
        Of the file.
    slices : sequence of ndarray, shape (rows, columns) or (rows, columns, 3)
    modality : str
        As the file states it; empty if it does not.
    """
    if not slices or not all(one.size for one in slices):
        return Oddities()
    if is_uniform(slices):
        first = slices[0]
        value = f"{float(first.flat[0]):g}" if first.ndim == 2 else "the same"
        return Oddities(others=(f"{name} is empty: every pixel is {value}.",))
    if slices[0].ndim == 3:
        is_grey = all((one == one[..., :1]).all() for one in slices)
        if is_grey or model.channels == 3:
            return Oddities()
        sentence = f"{name} is in colour, and the model sees shades of grey: they are made of the colours."
        return Oddities(others=(sentence,))
    if count := _labels(name, slices):
        return Oddities(f"{name} looks like labels, not like an image: it holds {count} whole numbers alone.")
    return Oddities(doubt=_doubt(name, slices, model, modality))


def is_uniform(slices: Iterable[Values]) -> bool:
    """Check whether all pixels of some slices are alike.

    Parameters
    ----------
    slices : iterable of ndarray, shape (rows, columns) or (rows, columns, 3)
    """
    first: Values | None = None
    for one in slices:
        first = one[0, 0] if first is None else first
        if not (one == first).all():
            return False
    return True


def _labels(name: str, slices: Sequence[Values]) -> int:
    """Count the different values if they are labels; else 0."""
    most = FEW_IF_NAMED if NAMED.search(name.casefold()) else FEW
    known: set[float] = set()
    equal = neighbours = 0
    for one in slices:
        values = one.astype(np.float64) if one.dtype.kind == "f" else one
        if values.dtype.kind == "f" and not (np.isfinite(values) & (values == np.rint(values))).all():
            return 0
        known.update(np.unique(values).tolist())
        if len(known) > most or min(known) < 0:
            return 0
        beside = values[:, 1:] == values[:, :-1]
        equal, neighbours = equal + int(beside.sum()), neighbours + beside.size
    return len(known) if equal >= FLAT * neighbours else 0


def _doubt(name: str, slices: Sequence[Values], model: Model, modality: str) -> str:
    """Report that values without a stated modality are strange to a model."""
    if modality or not model.modality or all(one.dtype == np.uint8 for one in slices):
        return ""
    values = np.concatenate([one.ravel() for one in slices])
    lowest = float(np.nanmin(values)) if np.isfinite(values).any() else 0.0
    known = f"and the model was trained on {model.modality}: it will not know what it sees."
    if model.modality == "CT":
        return "" if lowest < 0 else f"{name} holds no value below 0, as CT does in air, {known}"
    if not has_air_and_tissue(values):
        return ""
    return f"{name} holds values as low as {lowest:g}, as CT does, {known}"
