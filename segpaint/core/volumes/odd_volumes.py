"""Finds what speaks against taking a volume for a scan that a model knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.oddities import Model, Oddities, is_uniform, oddities_in
from segpaint.core.volumes.placing import LOOKED_AT
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.volume import Values, Volume


def oddities_of(volume: Volume, model: Model) -> Oddities:
    """Look at a few slices of a volume, those on which a frame is placed, too.

    DICOM states by itself what it is, and is not looked at.
    """
    if volume.sources:
        return Oddities()
    count = volume.count(Plane.ACQUIRED)
    slices = []
    for index in dict.fromkeys(min(count * quarter // 4, count - 1) for quarter in LOOKED_AT):
        with suppress(SegPaintError):  # what cannot be read is reported when it is looked at
            slices.append(volume.cut(Plane.ACQUIRED, index))
    if is_uniform(slices) and count > len(slices):  # the others may hold something
        shown = (one for one in _slices(volume) if not is_uniform([one]))
        slices = list(islice(shown, len(LOOKED_AT))) or slices
    return oddities_in(volume.name, slices, model, volume.modality)


def _slices(volume: Volume) -> Iterator[Values]:
    for index in range(volume.count(Plane.ACQUIRED)):
        with suppress(SegPaintError):
            yield volume.cut(Plane.ACQUIRED, index)
