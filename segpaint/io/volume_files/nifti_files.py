"""Reads NIfTI files as volumes.

nibabel is kept beside ITK for them: its headers show where sides contradict each other or are missing, and what
unit lengths have, which ITK settles without a word.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from segpaint.core.reading import reads
from segpaint.core.requests.kinds import SYNTHETIC, maker_in
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import MADE_AS, LazyVoxels, Stored, Values, Volume
from segpaint.io import volume_headers
from segpaint.io.volume_headers import open_volume

TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@reads("a volume")
def read_nifti(path: Path) -> Volume:
    """Read a NIfTI file of three axes, or of four, the last of which is time.

    Raises
    ------
    SegPaintError
        If it is damaged, or would fill the memory.
    """
    header = open_volume(path, 0)
    order = header.acquired, *(axis for axis in (2, 1, 0) if axis != header.acquired)
    shape = header.image.shape
    times = int(shape[3]) if header.channel is not None else 1
    affine = (TO_LPS @ header.affine)[:, [*order, 3]]
    geometry = Geometry(
        (header.shape[order[0]], header.shape[order[1]], header.shape[order[2]]),
        affine,
        is_placed="sides" not in header.remarks,
    )
    stored = str(header.image.header.get_data_dtype())
    data = header.image.dataobj  # which has the scaling; the header of a loaded file has lost it
    size = int(np.prod(header.shape)) * 4
    return Volume(
        LazyVoxels(times, geometry.shape[0], size, partial(_read_slice, path, header, order)),
        geometry,
        path.name,
        Stored(stored, float(data.slope), float(data.inter)),
        moments=_moments(header, times),
        remarks=tuple(header.remarks.values()),
        made_by=_maker(header) if stored == MADE_AS else "",
    )


def _maker(header: volume_headers.Volume) -> str:
    """Find which model made the volume, by the first mark that `segpaint.scans.writing` puts into a header."""
    described = header.image.header["descrip"].item()
    return maker_in({SYNTHETIC: described.decode(errors="replace").strip()})


@reads("a volume")
def _read_slice(
    _path: Path, header: volume_headers.Volume, order: tuple[int, ...], time: int, index: int
) -> Values:
    where: list[int | slice] = [slice(None)] * 3
    where[order[0]] = index
    extra = [0] * (len(header.image.shape) - 3)
    if header.channel is not None:
        extra[0] = time
    values = np.asarray(header.image.dataobj[(*where, *extra)])
    # What is left are the two other axes in the file's order, the smaller number first.
    return values if order[1] < order[2] else values.T


def _moments(header: volume_headers.Volume, times: int) -> tuple[float, ...]:
    """Compute the milliseconds of each time; none if the header does not give its unit."""
    factor = {"sec": 1000.0, "msec": 1.0, "usec": 0.001}.get(header.image.header.get_xyzt_units()[1])
    step = float(header.image.header["pixdim"][4])
    if times == 1 or factor is None or not step > 0:
        return ()
    return tuple(time * step * factor for time in range(times))
