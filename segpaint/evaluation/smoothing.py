"""Lets a checkpoint take the grain out of its images that its network leaves."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.diffusion.device import faster_precision, pick_device
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.few_step_files import DESCRIPTION as FEW_STEP_DESCRIPTION
from segpaint.core.diffusion.few_step_files import read_few_step_description
from segpaint.core.diffusion.network_files import to_json
from segpaint.core.files import write_together
from segpaint.core.requests.checkpoint import DESCRIPTION, FEW_STEPS_FOLDER, Checkpoint, has_few_steps
from segpaint.core.requests.request import Precision, Request
from segpaint.evaluation.batches import evenly
from segpaint.evaluation.distances import spectrum
from segpaint.evaluation.grain import measure_grain
from segpaint.training.dataset import DataSet, Pairs

SLICES = 300
"""Real slices to compare with, at most."""


def smooth_checkpoint(
    checkpoint: Checkpoint, data: DataSet, count: int, advance: Callable[[], object], device: str = "auto"
) -> tuple[float, float]:
    """Measure the grain that a checkpoint's network leaves, and write the gains that take it out.

    The checkpoint then has another fingerprint, for it makes other images, in few steps, too.

    Parameters
    ----------
    data : DataSet
        Its unseen masks are asked for, or those of the training if there are none; its training slices show
        how much power images should have.
    count : int
        Images to make, before and again after.
    advance : callable
        Is called after each image.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    before, after : float
        Power of its images at the finest spatial frequencies over that of real slices. If they have no grain,
        both are the same, and nothing is written.

    Raises
    ------
    SegPaintError
        If data and checkpoint differ, or the checkpoint cannot be written.
    """
    data.check_labels(checkpoint)
    pairs = data.val if len(data.val) else data.train
    rows = evenly(len(pairs), count)
    real = data.train.images[evenly(len(data.train), SLICES)]
    place = pick_device(device)

    def make(gains: tuple[float, ...]) -> tuple[Checkpoint, NDArray[np.uint8]]:
        description = checkpoint.description.model_copy(update={"grain_gains": gains})
        one, images = Checkpoint(checkpoint.folder, description), []
        engine = Engine(one, place)
        requests = [_request(one, pairs, row, faster_precision(place)) for row in rows.tolist()]
        for image in engine.make_all(requests):
            images.append(np.moveaxis(np.atleast_3d(image), -1, 0))
            advance()
        return one, np.stack(images)

    def power(images: NDArray[np.uint8]) -> float:
        return float(spectrum(images)[-1] / spectrum(real)[-1])

    _, plain = make(())
    gains = measure_grain(plain, real)
    if not gains:
        return power(plain), power(plain)
    smooth, smoothed = make(gains)
    _write(checkpoint, smooth)
    return power(plain), power(smoothed)


def _request(checkpoint: Checkpoint, pairs: Pairs, row: int, precision: Precision) -> Request:
    known = zip(checkpoint.table.indices, pairs.annotated[row], strict=True)
    used = tuple(index for index, looked_for in known if looked_for)
    return Request.ask(checkpoint, pairs.masks[row], precision, used, seed=row)


def _write(before: Checkpoint, after: Checkpoint) -> None:
    """Write the new description, and that the network for few steps still belongs to the weights."""
    written: dict[Path, bytes | Path] = {
        after.folder / DESCRIPTION: to_json(after.description.model_dump(mode="json"))
    }
    if has_few_steps(after.folder):
        path = after.folder / FEW_STEPS_FOLDER / FEW_STEP_DESCRIPTION
        few = read_few_step_description(path)
        if few.teacher == before.fingerprint:
            few = few.model_copy(update={"teacher": after.fingerprint})
            written[path] = to_json(few.model_dump(mode="json"))
    write_together(written)
