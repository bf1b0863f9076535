"""Lets a checkpoint add the noise of scans to its images that its networks leave out."""

from collections.abc import Callable
from typing import NamedTuple

from segpaint.core.requests.checkpoint import Checkpoint, has_few_steps, read_checkpoint
from segpaint.core.requests.sampling import FEW_STEPS, SAMPLERS
from segpaint.core.requests.scan_noise import ScanNoiseFigures
from segpaint.evaluation.distances import power_of_the_finest
from segpaint.evaluation.finish import teacher_of, write_finish
from segpaint.evaluation.scan_noise import measure_scan_noise
from segpaint.evaluation.unseen_masks import UnseenMasks
from segpaint.training.dataset import DataSet


class Noised(NamedTuple):
    """What a network's images had and have at the finest spatial frequencies.

    Attributes
    ----------
    sampler : str
        Title of the sampler, for the reader.
    before, after : float
        Power over that of real slices; the same if nothing was lacking.
    """

    sampler: str
    before: float
    after: float


def add_scan_noise(
    checkpoint: Checkpoint, data: DataSet, count: int, advance: Callable[[], object], device: str = "auto"
) -> list[Noised]:
    """Measure the noise of scans that a checkpoint's networks leave out, and write it down to be added.

    The checkpoint then has another fingerprint, for it makes other images. Where nothing is lacking, nothing is
    added.

    Parameters
    ----------
    data, count, advance, device
        See `segpaint.evaluation.smoothing.smooth_checkpoint`.

    Returns
    -------
    list of Noised
        Of the network, and of that for few steps if there is one.

    Raises
    ------
    SegPaintError
        If data and checkpoint differ, or the checkpoint cannot be written.
    """
    unseen = UnseenMasks(checkpoint, data, count, advance, device)

    def measure(plain: Checkpoint, sampler: str) -> tuple[ScanNoiseFigures | None, float]:
        made = unseen.make(plain, sampler=sampler)
        return measure_scan_noise(made, unseen.real), power_of_the_finest(made, unseen.real)

    def look_again(sampler: str) -> float:
        return power_of_the_finest(unseen.make(read_checkpoint(folder), sampler=sampler), unseen.real)

    folder, recommended = checkpoint.folder, checkpoint.description.sampler
    many = next(iter(SAMPLERS)) if recommended == FEW_STEPS.name else recommended
    figures, before = measure(checkpoint.finished(scan_noise=None), many)
    noised = checkpoint.finished(scan_noise=figures)
    write_finish(checkpoint, noised)
    found = [Noised(SAMPLERS[many].title, before, look_again(many) if figures else before)]
    if has_few_steps(folder) and teacher_of(folder) == noised.fingerprint:
        figures, before = measure(read_checkpoint(folder), FEW_STEPS.name)
        write_finish(noised, noised, figures)
        found.append(Noised(FEW_STEPS.title, before, look_again(FEW_STEPS.name) if figures else before))
    return found
