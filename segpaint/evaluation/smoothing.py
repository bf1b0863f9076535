"""Lets a checkpoint take the grain out of its images that its network leaves."""

from collections.abc import Callable

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.evaluation.distances import power_of_the_finest
from segpaint.evaluation.finish import write_finish
from segpaint.evaluation.grain import measure_grain
from segpaint.evaluation.unseen_masks import UnseenMasks
from segpaint.training.dataset import DataSet


def smooth_checkpoint(
    checkpoint: Checkpoint, data: DataSet, count: int, advance: Callable[[], object], device: str = "auto"
) -> tuple[float, float]:
    """Measure the grain that a checkpoint's network leaves, and write the gains that take it out.

    The checkpoint then has another fingerprint, for it makes other images, in few steps, too. Noise of scans
    that was added goes, since it was measured on other images.

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
    unseen = UnseenMasks(checkpoint, data, count, advance, device)
    plain = unseen.make(checkpoint.finished(grain_gains=(), scan_noise=None))
    gains, before = measure_grain(plain, unseen.real), power_of_the_finest(plain, unseen.real)
    if not gains:
        return before, before
    smooth = checkpoint.finished(grain_gains=gains, scan_noise=None)
    after = power_of_the_finest(unseen.make(smooth), unseen.real)
    write_finish(checkpoint, smooth)
    return before, after
