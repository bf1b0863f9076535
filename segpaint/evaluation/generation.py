"""Generates the images of an evaluation in small parts, and stores each part, so that it can be resumed."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.diffusion.sampler import sample
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.files import write_atomically
from segpaint.core.parts import Parts
from segpaint.core.reading import read_bytes, reads
from segpaint.core.requests.compiled_files import HINTS
from segpaint.core.requests.sampling import Sampling
from segpaint.evaluation.batches import ImageBatch
from segpaint.training.dataset import Pairs

PART = 8


class Generator:
    """Generates images for the masks of real slices.

    Parameters
    ----------
    pairs : Pairs
        Those whose masks are requested.
    folder : Path
        Holds finished parts. Parts of another checkpoint, other masks or another way of sampling are
        deleted.
    """

    def __init__(self, engine: Engine, pairs: Pairs, sampling: Sampling, folder: Path) -> None:
        self.engine = engine
        self.pairs = pairs
        self.sampling = sampling
        self._parts = Parts(folder)
        made_with = {
            "fingerprint": engine.checkpoint.fingerprint,
            "masks": hashlib.sha256(pairs.masks.tobytes()).hexdigest(),
            "sampling": astuple(sampling),
        }
        if engine.precision in HINTS:
            made_with["precision"] = engine.precision
        key = json.dumps(made_with).encode()
        kept = folder / "made-with.json"
        if not kept.exists() or _key(kept) != key:
            if kept.exists():
                shutil.rmtree(folder)
            write_atomically(kept, key)

    def __call__(self, case: ImageBatch, advance: Callable[[int], object]) -> NDArray[np.uint8]:
        """Generate a case, or read the parts that exist.

        Parameters
        ----------
        advance : callable
            Receives the number of images just finished.

        Returns
        -------
        ndarray of uint8, shape (images, channels, height, width)
        """
        parts = []
        for first in range(0, len(case), PART):
            parts.append(self.part(case, first))
            advance(len(parts[-1]))
        return np.concatenate(parts)

    def part(self, case: ImageBatch, first: int) -> NDArray[np.uint8]:
        """Generate the part of a case that begins with this image, or read it if it exists."""
        rows, used = case.rows[first : first + PART], case.used[first : first + PART]
        seed = f"{case.seed} {case.attributes}" if case.attributes else str(case.seed)
        mark = hashlib.sha256(rows.tobytes() + used.tobytes() + seed.encode()).hexdigest()[:8]
        name = f"{case.name}-{first:05d}-{mark}"
        part = self._parts.read(name, (len(rows), *self.pairs.images.shape[1:]))
        if part is None:
            part = self._sample(rows, used, 1_000_000 * case.seed + first, case.attributes)
            self._parts.write(name, part)
        return part

    def _sample(
        self, rows: NDArray[np.int64], used: NDArray[np.bool_], seed: int, attributes: int
    ) -> NDArray[np.uint8]:
        engine, sampling = self.engine, self.sampling
        *_, last = sample(
            engine.networks.for_sampler(sampling.sampler, engine.precision),
            build_scheduler(engine.networks.scheduler_config, sampling.sampler, sampling.steps),
            engine.encoder(torch.from_numpy(self.pairs.masks[rows]), torch.from_numpy(used)),
            channels=engine.checkpoint.description.channels,
            seed=seed,
            guidance=sampling.guidance,
            precision=engine.precision,
            attributes=attributes,
        )
        images = [np.moveaxis(np.atleast_3d(to_pixels(image[None])), -1, 0) for image in last.sample]
        return np.stack(images)


@reads("the record of an evaluation", "remove its folder")
def _key(path: Path) -> bytes:
    """Read what the parts in a folder were made with."""
    return read_bytes(path)
