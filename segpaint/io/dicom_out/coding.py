"""How the values of a volume become the whole numbers that DICOM stores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.volumes.volume import Stored, Values
from segpaint.io.dicom_out.source import Source

WHOLE = ("uint8", "int16", "uint16")
"""The types that are written; other programs read all of them."""
LENGTH = 16
"""Characters of a decimal string."""


@dataclass(frozen=True)
class Scale:
    """Of a slice: value = slope x stored + intercept, both as they are written."""

    slope: str
    intercept: str

    @classmethod
    def of(cls, slope: float, intercept: float) -> Scale:
        """Write both with the digits that fit."""
        return cls(decimal(slope), decimal(intercept))

    def numbers(self, values: Values) -> NDArray[np.float64]:
        """Find the nearest whole numbers; what is not finite becomes the smallest."""
        real = np.asarray(values, np.float64)
        finite = np.isfinite(real)
        if not finite.all():
            real = np.where(finite, real, real[finite].min() if finite.any() else float(self.intercept))
        return np.asarray(np.rint((real - float(self.intercept)) / float(self.slope)), np.float64)


@dataclass(frozen=True)
class Coding:
    """How the slices of a series are stored.

    Attributes
    ----------
    kind : str
        One of `WHOLE`.
    bits : int
        That are used.
    scales : tuple of Scale
        One for each slice.
    """

    kind: str
    bits: int
    scales: tuple[Scale, ...]

    def stored(self, index: int, values: Values) -> Values:
        """Convert a slice; what is beyond the range is kept at its ends."""
        limits = _limits(self.kind, self.bits)
        return np.clip(self.scales[index].numbers(values), *limits).astype(self.kind)


def coding_of(values: Values, source: Source | None, stored: Stored | None) -> Coding:
    """Choose how to store a volume: as its source was, so that unchanged values keep their numbers.

    Values that the source's type cannot hold take another type, with the same scale. Values of no known scale
    that are no whole numbers are spread over 16 bits.

    Parameters
    ----------
    values : ndarray, shape (slices, rows, columns)
    stored : Stored, optional
        How a file that is not DICOM stores them.
    """
    slices = len(values)
    if source is not None and (found := _of_source(source)) is not None:
        kind, bits, scales = found
    elif stored is not None and stored.kind in WHOLE:
        kind, bits = stored.kind, 8 * np.dtype(stored.kind).itemsize
        scales = (Scale.of(stored.slope, stored.intercept),) * slices
    else:
        kind, bits, scales = "int16", 16, (_spread(values),) * slices
    numbers = [scale.numbers(plane) for scale, plane in zip(scales, values, strict=True)]
    lowest = min(float(plane.min()) for plane in numbers)
    highest = max(float(plane.max()) for plane in numbers)
    for one, used in ((kind, bits), (kind, 8 * np.dtype(kind).itemsize), ("int16", 16), ("uint16", 16)):
        least, most = _limits(one, used)
        if least <= lowest and highest <= most:
            return Coding(one, used, scales)
    return Coding(kind, 8 * np.dtype(kind).itemsize, scales)


def decimal(value: float) -> str:
    """Write a number in at most 16 characters, with as many digits as fit."""
    exact = repr(float(value)).removesuffix(".0")
    if len(exact) <= LENGTH:
        return exact
    return next(text for digits in range(16, 0, -1) if len(text := f"{value:.{digits}g}") <= LENGTH)


def _of_source(source: Source) -> tuple[str, int, tuple[Scale, ...]] | None:
    frames = [frame for frame in source.frames if frame is not None]
    kinds = {frame.kind for frame in frames}
    if len(kinds) != 1 or not kinds <= set(WHOLE):
        return None
    kind = kinds.pop()
    header = source.any_header
    bits = int(header.get("BitsStored", 0)) or 8 * np.dtype(kind).itemsize
    scales = tuple(
        Scale("1", "0") if frame is None else Scale.of(frame.slope, frame.intercept) for frame in source.frames
    )
    return kind, bits, scales


def _spread(values: Values) -> Scale:
    """Choose a scale for values of no known one."""
    finite = np.asarray(values, np.float64)[np.isfinite(values)]
    if not finite.size:
        return Scale("1", "0")
    low, high = float(finite.min()), float(finite.max())
    if np.array_equal(finite, np.rint(finite)) and (
        (low >= -(2**15) and high < 2**15) or (low >= 0 and high < 2**16)
    ):
        return Scale("1", "0")
    if low == high:
        return Scale.of(1, low)
    step = (high - low) / (2**16 - 2)  # one less than there are, for the slope is rounded
    return Scale.of(step, low)


def _limits(kind: str, bits: int) -> tuple[int, int]:
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind.startswith("int") else (0, 2**bits - 1)


def signed(kind: str) -> bool:
    """Check whether a type has negative numbers."""
    return kind.startswith("int")
