"""Writes one edited slice as a PNG of its own pixels, with its mask and how it was made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from segpaint import __version__
from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png, write_together
from segpaint.core.requests.kinds import KIND, SYNTHETIC, About
from segpaint.core.volumes.agreement import differing
from segpaint.core.volumes.volume import Values
from segpaint.io.image_files import encode_mask
from segpaint.io.results import result_files
from segpaint.scans.editing import EditedScan, about_edit

BRIGHTEST = 2**16 - 1


def about_slice(made: EditedScan, index: int) -> About:
    """Describe one slice of an edited scan by itself."""
    after = made.scan.volume.view(made.scan.plane).apply(made.values)[index]
    changed = differing(made.scan.cut(index), after, 2)
    return about_edit(made.scan, ~changed)


def write_slice(path: Path, made: EditedScan, index: int) -> list[Path]:
    """Write ``NAME.png``, ``NAME_mask.png`` and ``NAME.json``, all or none.

    The slice has 8 bits where the scan has, else 16.
    What a pixel means in the scan's values stands in the file.

    Parameters
    ----------
    index : int
        The slice, as it is looked at.

    Returns
    -------
    list of Path
        The files, image first.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    view = made.scan.volume.view(made.scan.plane)
    values, mask = view.apply(made.values)[index], view.apply(made.after)[index]
    about = about_slice(made, index)
    pixels, meaning = _pixels(values, made.values)
    notes = PngImagePlugin.PngInfo()
    own = {"Patient pixels": about.counted} if about.shows_patient else {}
    for name, text in {
        "Software": f"SegPaint {__version__}", SYNTHETIC: about.sentence, KIND: about.word, **own,
        "Values": meaning,
    }.items():  # fmt: skip
        notes.add_text(name, text)
    request = made.requests[index].withheld().model_dump(mode="json")
    described = {**about.as_dict(), **made.record, "values": meaning, "slices": {str(index + 1): request}}
    record = (json.dumps(described, indent=2, ensure_ascii=False) + "\n").encode()
    files = result_files(path)
    image = encode_png(Image.fromarray(pixels), pnginfo=notes)
    contents = image, encode_mask(np.array(mask), made.labels), record
    write_together(dict(zip(files, contents, strict=True)), private=about.shows_patient)
    return files


def _pixels(values: Values, whole: Values) -> tuple[NDArray[np.generic], str]:
    """Fit values into a PNG, and write what they mean there; all slices of a scan alike."""
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values), "the scan's own"
    if values.ndim == 3:
        raise SegPaintError("A PNG holds no coloured slice of more than 8 bits; save the scan as NRRD.")
    lowest, highest = float(np.nanmin(whole)), float(np.nanmax(whole))
    lowest = min(lowest, 0.0)
    if values.dtype.kind in "iu" and highest - lowest <= BRIGHTEST:
        shifted = (values.astype(np.int64) - int(lowest)).astype(np.uint16)
        return shifted, "the scan's own" if not lowest else f"pixel {lowest:+.0f} is the scan's value"
    step = (highest - lowest) / BRIGHTEST or 1.0
    scaled = np.rint((np.nan_to_num(values.astype(np.float64), nan=lowest) - lowest) / step).astype(np.uint16)
    return scaled, f"pixel * {step:.9g} {lowest:+.9g} is the scan's value"
