"""Recognises the Hounsfield units of CT by values alone."""

from typing import Any

from numpy.typing import NDArray

LOWEST_OF_MR = -500.0
"""CT has -1000 Hounsfield units in air; MR has hardly anything below 0."""
LEAST_AIR, TISSUE_OF_CT, LEAST_TISSUE = 1e-3, (-150.0, 150.0), 0.1
"""A CT has such a share of voxels as dark as air; of the others, such a share is fat, water or soft tissue."""


def has_air_and_tissue(values: NDArray[Any]) -> bool:
    """Check whether air and soft tissue have the values of a CT.

    A few dark voxels, or the phases of an MR, do not make one.

    Parameters
    ----------
    values : ndarray of numbers
        Of any shape.
    """
    air, body = int((values < LOWEST_OF_MR).sum()), int((values >= LOWEST_OF_MR).sum())
    tissue = int(((values >= TISSUE_OF_CT[0]) & (values <= TISSUE_OF_CT[1])).sum())
    return air >= LEAST_AIR * (air + body) and tissue >= LEAST_TISSUE * body
