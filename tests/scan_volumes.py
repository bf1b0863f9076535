"""Small volumes in memory, for tests of open scans."""

import numpy as np

from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import ArrayVoxels, Stored, Volume

SHAPE = (6, 40, 50)


def make_volume(shape=SHAPE, spacing=(1.0, 1.0, 4.0), times=1, *, is_measured=True, modality="MR", **more):
    """A body that is brighter on each slice, and moves with time."""
    values = np.zeros((times, *shape), np.int16)
    for time in range(times):
        for index in range(shape[0]):
            values[time, index, 6 : shape[1] - 6, 8 + time : shape[2] - 8] = 300 + 100 * index
    geometry = Geometry.of(shape, (0, 0, 0), spacing, np.eye(3), is_measured=is_measured)
    return Volume(ArrayVoxels(values), geometry, "a stack", Stored("int16"), modality, **more)
