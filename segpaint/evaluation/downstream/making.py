"""Makes pairs from the masks of real patients, and keeps them, so that it can be resumed."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.diffusion.engine import Engine
from segpaint.core.requests.faithfulness import dice, overlaps
from segpaint.core.requests.sampling import Sampling
from segpaint.evaluation.batches import ImageBatch
from segpaint.evaluation.downstream.masks import rare, usual_sizes, varied
from segpaint.evaluation.downstream.plan import MadePairs, rows_of
from segpaint.evaluation.generation import Generator
from segpaint.training.dataset import DataSet, Pairs
from segpaint.training.mixing import taken

Find = Callable[[NDArray[np.uint8]], NDArray[np.bool_]]
KINDS = ("varied", "rare")


class PairMaker:
    """Makes the pairs of one patient after another.

    Parameters
    ----------
    data : DataSet
        The masks of its training slices are varied, and led to what is rare as all of them show it.
    find : callable
        The checkpoint's own segmenter; see `segpaint.evaluation.measure.Judge.find`.
    count : int
        Pairs of each kind for each real slice.
    folder : Path
        Holds finished images, by patient and kind.
    """

    def __init__(
        self, engine: Engine, data: DataSet, sampling: Sampling, find: Find, count: int, folder: Path
    ) -> None:
        self.engine = engine
        self.data = data
        self.sampling = sampling
        self.find = find
        self.count = count
        self.folder = folder
        self._usual = usual_sizes(data.train, data.table)

    def images_of(self, patients: Sequence[str]) -> int:
        """Count the images to make for some patients."""
        return len(KINDS) * self.count * len(rows_of(self.data.train, patients))

    def __call__(self, patient: str, advance: Callable[[int], object]) -> MadePairs:
        """Make a patient's pairs, or read those that exist.

        Parameters
        ----------
        advance : callable
            Receives the number of images just finished.
        """
        real = taken(self.data.train, np.tile(rows_of(self.data.train, [patient]), self.count))
        made = {kind: self._pairs(real, patient, kind, advance) for kind in KINDS}
        return MadePairs(made["varied"], made["rare"], self._scores(made["varied"]))

    def _pairs(self, real: Pairs, patient: str, kind: str, advance: Callable[[int], object]) -> Pairs:
        names = [f"{name} {kind} {place}" for place, name in enumerate(real.names)]
        masks = np.stack([self._mask(real, row, kind, name) for row, name in enumerate(names)])
        asked = Pairs(names, real.images, masks, real.annotated, np.zeros_like(real.attributes))
        # The noise of no two patients is alike, and neither is that of the two kinds.
        seed = zlib.crc32(f"{patient} {kind}".encode())
        case = ImageBatch(kind, np.arange(len(asked)), asked.annotated, seed)
        generate = Generator(self.engine, asked, self.sampling, self.folder / patient / kind)
        return Pairs(names, generate(case, advance), masks, asked.annotated, asked.attributes)

    def _mask(self, real: Pairs, row: int, kind: str, name: str) -> NDArray[np.uint8]:
        table, rng = self.data.table, np.random.default_rng(zlib.crc32(name.encode()))
        labels = [index for index, known in zip(table.indices, real.annotated[row], strict=True) if known]
        if kind == "rare":
            return rare(real.masks[row], table, labels, self._usual, rng)
        return varied(real.masks[row], table, labels, rng)

    def _scores(self, pairs: Pairs) -> NDArray[np.float64]:
        counts = overlaps(self.data.table.planes(pairs.masks), self.find(pairs.images), pairs.masks)
        scores, asked = dice(counts), pairs.annotated & (counts[:, :, 1] > 0)
        sums, labels = np.where(asked, scores, 0).sum(axis=1), asked.sum(axis=1)
        means: NDArray[np.float64] = np.divide(sums, labels, out=np.full(len(pairs), np.nan), where=labels > 0)
        return means
