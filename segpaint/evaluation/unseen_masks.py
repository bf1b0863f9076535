"""Makes images under unseen masks, to be compared with real slices."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segpaint.core.diffusion.device import faster_precision, pick_device
from segpaint.core.diffusion.engine import Engine
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Precision, Request
from segpaint.evaluation.batches import evenly
from segpaint.training.dataset import DataSet, Pairs

SLICES = 300
"""Real slices to compare with, at most."""


class UnseenMasks:
    """Masks that a model is asked for, and the real slices that its images are compared with.

    Parameters
    ----------
    checkpoint : Checkpoint
    data : DataSet
        Its unseen masks are asked for, or those of the training if there are none.
    count : int
        Masks.
    advance : callable
        Is called after each image.
    device : {"auto", "cpu", "cuda", "mps"}

    Attributes
    ----------
    real : ndarray of uint8, shape (slices, channels, height, width)
        Of the training.

    Raises
    ------
    SegPaintError
        If data and checkpoint differ.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        data: DataSet,
        count: int,
        advance: Callable[[], object],
        device: str = "auto",
    ) -> None:
        data.check_labels(checkpoint)
        self._pairs = data.val if len(data.val) else data.train
        self._rows = evenly(len(self._pairs), count).tolist()
        self._advance = advance
        self._device = pick_device(device)
        self.real: NDArray[np.uint8] = data.train.images[evenly(len(data.train), SLICES)]

    def make(self, checkpoint: Checkpoint, sampler: str = "") -> NDArray[np.uint8]:
        """Make an image of each mask.

        Parameters
        ----------
        checkpoint : Checkpoint
            That of the start, or one with another finish.
        sampler : str
            Its name; empty for the one that is recommended.

        Returns
        -------
        ndarray of uint8, shape (masks, channels, height, width)
        """
        engine, precision = Engine(checkpoint, self._device), faster_precision(self._device)
        requests = [_request(checkpoint, self._pairs, row, precision, sampler) for row in self._rows]
        images = []
        for image in engine.make_all(requests):
            images.append(np.moveaxis(np.atleast_3d(image), -1, 0))
            self._advance()
        return np.stack(images)


def _request(checkpoint: Checkpoint, pairs: Pairs, row: int, precision: Precision, sampler: str) -> Request:
    known = zip(checkpoint.table.indices, pairs.annotated[row], strict=True)
    sampler = sampler or checkpoint.description.sampler
    used = tuple(index for index, looked_for in known if looked_for)
    return Request.ask(checkpoint, pairs.masks[row], precision, used, seed=row, sampler=sampler)
