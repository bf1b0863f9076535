"""Makes a sweep with one call, as the public API offers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.masks.doses import parse_dosed
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.requests.origins import MARGIN, USUAL_WAY, Counterfactual, Way
from segpaint.core.requests.request import Request
from segpaint.io.results import Result
from segpaint.paired.sweep import Spread, Sweep, about_same, sweep_made, sweep_reference
from segpaint.paths import DEFAULT_CHECKPOINT, find_checkpoint


def make_sweep(
    image: Result | NDArray[np.uint8],
    gesture: str,
    folder: str | Path,
    *,
    mask: ArrayLike | None = None,
    checkpoint: str | Path = DEFAULT_CHECKPOINT,
    first: float | str = -20.0,
    last: float | str = 20.0,
    count: int = 9,
    spacing: float | None = None,
    margin: float | None = MARGIN,
    way: Way = USUAL_WAY,
    device: str = "auto",
    progress: Callable[[str, int], object] = lambda _name, _finished: None,
    **settings: object,
) -> tuple[str, ...]:
    """Make an image for each amount of a gesture, as matched pairs with the image before, or go on with them.

    A reference, which shows a patient, is written into the folder with each pair: the call asks for that.

    Parameters
    ----------
    image : Result, or ndarray of uint8, shape (size, size) or (size, size, 3)
        A made image, or a reference.
    gesture : str
        As ``GESTURE:LABEL:WAY``, such as ``"thicken:LV myocardium:outward"``, see `segpaint.core.masks.doses`.
    folder : str or Path
        Empty, missing, or with matched pairs in the same labels.
    mask : array_like of int, shape (size, size), optional
        Where the labels are in a reference.
    checkpoint : str or Path
        Name or folder.
    first, last : float or str
        Amounts from -90 to 90, in percent, or with their unit, such as ``"-2 mm"``, up to 100 mm.
    count : int
        Amounts with these two. 0, and what changes no pixel, is left out.
    spacing : float, optional
        Millimetres of a reference's pixels; by default, those of the model's images.
    margin, way
        See `segpaint.api.OpenCheckpoint.edit`; a made image has those of a revision.
    device : str
        See `segpaint.api.open_checkpoint`.
    progress : callable
        See `segpaint.make_paired_set`.
    **settings
        Seed, sampler, steps, guidance, attributes of a reference's edits, see `segpaint.api.OpenCheckpoint`.

    Returns
    -------
    tuple of str
        Sentences on what is worth knowing of the sweep, such as which amounts could not be judged.
    """
    from segpaint.paired.making import produce
    from segpaint.paired.swept_set import SweptSet

    model = read_checkpoint(find_checkpoint(str(checkpoint)))
    spread = Spread.parse(first, last, count)
    known = model.description.pixel_spacing if spacing is None else spacing
    if isinstance(image, Result):
        if mask is not None or settings or spacing is not None:
            raise SegPaintError("A made image has a mask, a scale, and settings of its own; leave these out.")
        sweep, notes = begin_sweep(model, image, gesture, spread, known)
    else:
        if mask is None:
            raise SegPaintError("A reference needs a mask that shows where its labels are; give one.")
        asked = {"margin": margin, "way": way}
        sweep, notes = begin_sweep(model, (image, mask), gesture, spread, known, asked, settings, device)
    with closing(SweptSet(Path(folder), sweep, (model.folder,))) as made:
        produce(made, device, progress)
        return *notes, *made.notes


def begin_sweep(
    checkpoint: Checkpoint,
    image: Result | tuple[NDArray[np.uint8], ArrayLike],
    gesture: str,
    spread: Spread,
    spacing: float | None = None,
    asked: Mapping[str, object] | None = None,
    settings: Mapping[str, object] | None = None,
    device: str = "auto",
) -> tuple[Sweep, tuple[str, ...]]:
    """Make a sweep, see `make_sweep`, and sentences on it.

    Parameters
    ----------
    image : Result, or tuple of ndarray and array_like
        A made image, or a reference and its mask.
    spacing : float or None
        Millimetres of its pixels; None if unknown.
    asked, settings : mapping of str to object
        Margin and way; and those of `Request.ask`.
    """
    from segpaint.core.diffusion.device import faster_precision, pick_device

    dosed = parse_dosed(gesture, checkpoint.table).by(spread.unit, spacing)
    if isinstance(image, Result):
        image.request.check_fit(checkpoint.description)
        mask = image.mask
        sweep = sweep_made(checkpoint, image.request, image.pixels, dosed, spread)
    else:
        pixels, given = image
        precision = faster_precision(pick_device(device))
        mask = Request.ask(checkpoint, given, precision).mask
        known = {"image": pixels, "mask": mask, "used": checkpoint.table.indices, **(asked or {})}
        try:
            origin = Counterfactual.model_validate(known)
        except ValidationError as error:
            raise SegPaintError(f"{first_problem(error, 'the edit')}.") from error
        request = Request.ask(checkpoint, mask, precision, None, origin, **(settings or {}))
        request.check_fit(checkpoint.description)
        request.check_training(checkpoint.description)
        sweep = sweep_reference(checkpoint, request, dosed, spread)
    _, same = spread.useful(dosed, mask, checkpoint.table)
    return sweep, tuple(filter(None, [about_same(same, sweep.label, spread.unit)]))
