"""The planes in which a volume is looked at, laid out as radiologists do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from segpaint.core.volumes.geometry import Geometry, Triple


class Plane(Enum):
    """How a volume is cut into slices."""

    ACQUIRED = "acquired"
    """As it was scanned."""
    AXIAL = "axial"
    """Front at the top, the patient's right on the left, from the feet up."""
    CORONAL = "coronal"
    """Head at the top, the patient's right on the left, from the back to the front."""
    SAGITTAL = "sagittal"
    """Head at the top, front on the left, from the patient's left to the right."""


LAYOUTS: dict[Plane, tuple[Triple, tuple[bool, bool, bool]]] = {
    Plane.AXIAL: ((2, 1, 0), (False, False, False)),
    Plane.CORONAL: ((1, 2, 0), (True, True, False)),
    Plane.SAGITTAL: ((0, 2, 1), (True, True, False)),
}
"""The patient's axis (0 left, 1 back, 2 head) along slices, rows, columns, and which run against it."""


@dataclass(frozen=True)
class View:
    """A way to turn the axes of a volume, without resampling.

    Attributes
    ----------
    order : tuple of int
        Which of the volume's axes become slices, rows, and columns.
    flipped : tuple of bool
        Which of these run backwards.
    """

    order: Triple
    flipped: tuple[bool, bool, bool]

    def apply(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Turn an array of the shape (slices, rows, columns, ...); the result shares its memory."""
        turned = np.moveaxis(values, self.order, (0, 1, 2))
        return turned[tuple(slice(None, None, -1 if backwards else 1) for backwards in self.flipped)]

    def undo(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Turn an array back; the result shares its memory."""
        straight = values[tuple(slice(None, None, -1 if backwards else 1) for backwards in self.flipped)]
        return np.moveaxis(straight, (0, 1, 2), self.order)

    def seen(self, geometry: Geometry) -> Geometry:
        """Turn a geometry likewise."""
        return geometry.moved(self.order, self.flipped)


def view_of(geometry: Geometry, plane: Plane) -> View:
    """Find the turn that shows a plane, along the volume's own axes.

    The acquired plane has the slices of the file. They are transposed and flipped so that they look like the
    nearest of the other three planes, which of an oblique volume is only roughly so.
    """
    axes, direction = geometry.patient_axes, geometry.direction
    if plane is Plane.ACQUIRED:
        plane = next(each for each, (along, _) in LAYOUTS.items() if along[0] == axes[0])
    along, against = LAYOUTS[plane]
    order = tuple(axes.index(axis) for axis in along)
    flipped = tuple(
        bool((direction[axis, own] < 0) != backwards)
        for axis, own, backwards in zip(along, order, against, strict=True)
    )
    return View((order[0], order[1], order[2]), (flipped[0], flipped[1], flipped[2]))
