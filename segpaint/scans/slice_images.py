"""Makes the images of slices, and keeps each, so that an interrupted scan goes on from them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from segpaint.api import OpenCheckpoint
from segpaint.core.parts import Parts
from segpaint.core.requests.request import Request
from segpaint.core.words import counted
from segpaint.scans.opening import Say

Progress: TypeAlias = Callable[[int, int, int], object]
"""Gets the slice, the step, and the number of steps."""


@contextmanager
def kept_slices(record: Path, say: Say) -> Iterator[Parts]:
    """Keep finished slices, in a hidden folder that only the owner may read, until the scan is written.

    Parameters
    ----------
    record : Path
        The record of the scan to be written, which the folder lies beside.
    """
    parts = Parts(record.with_name(f".{record.stem}.slices"), private=True)
    if parts.count:
        say(f"{counted(parts.count, 'slice')} finished before; what is asked for alike is not made again.")
    try:
        yield parts
    except BaseException:
        if parts.count:
            say(f"{counted(parts.count, 'finished slice')} kept: the same command goes on from there.")
        raise
    parts.clear()


def slice_image(
    checkpoint: OpenCheckpoint, index: int, request: Request, progress: Progress, parts: Parts | None
) -> NDArray[np.uint8]:
    """Make the image of a slice, or read it if the very same request was answered before."""
    digest = hashlib.sha256(request.model_dump_json().encode()).hexdigest()[:24]
    name = f"slice {index + 1} {digest}"
    if parts is not None and (kept := parts.read(name, checkpoint.description.image_shape)) is not None:
        return kept
    for preview in checkpoint.previews(request):
        progress(index, preview.index, preview.count)
        if preview.result is not None:
            image = preview.result.pixels
    if parts is not None:
        parts.write(name, image)
    return image
