"""Makes the images of edited masks, with and without a reference, and keeps them, so that it can be resumed."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.parts import Parts
from segpaint.core.requests.origins import USUAL_WAY, Counterfactual, is_inverted
from segpaint.core.requests.request import Request
from segpaint.core.requests.sampling import Sampling
from segpaint.core.words import counted
from segpaint.evaluation.edits.cases import EditCase
from segpaint.evaluation.generation import PART
from segpaint.training.dataset import Pairs

WAYS: Mapping[str, Mapping[str, Any] | None] = {
    "mask": None, "reference": {"way": "partial-inversion"}, "warp first": {"way": USUAL_WAY},
}  # fmt: skip
"""The ways in which an edit becomes an image: settings of the `Counterfactual`, or None for no reference."""


class Editor:
    """Makes images of edits by the same requests as the window and the command.

    Parameters
    ----------
    pairs : Pairs
        The slices that are edited.
    sampling : Sampling
        For images without a reference; its guidance is for those with one, too.
    folder : Path
        Holds finished images, by a hash of their requests.
    steps : int, optional
        Denoising steps where the reference is led back to noise; as usual if left out.
    """

    def __init__(
        self, engine: Engine, pairs: Pairs, sampling: Sampling, folder: Path, steps: int | None = None
    ) -> None:
        self.engine = engine
        self.pairs = pairs
        self.sampling = sampling
        self._parts = Parts(folder)
        self.steps = steps

    def request(self, case: EditCase, way: str) -> Request:
        """Ask for the image of an edit in one of the `WAYS`."""
        checkpoint, settings = self.engine.checkpoint, WAYS[way]
        annotated = self.pairs.annotated[case.row]
        used = tuple(index for index, known in zip(checkpoint.table.indices, annotated, strict=True) if known)
        origin, steps, sampler = None, self.sampling.steps, self.sampling.sampler
        if settings is not None:
            image = np.moveaxis(self.pairs.images[case.row], 0, -1).squeeze()
            origin = Counterfactual(image=image, mask=case.before, used=used, **settings)
        return Request.ask(
            checkpoint,
            case.after,
            self.engine.precision,
            used,
            origin,
            guidance=self.sampling.guidance,
            seed=case.row,
            sampler=None if is_inverted(origin) else sampler,
            steps=self.steps if is_inverted(origin) else steps,
        )

    def __call__(
        self, cases: Sequence[EditCase], way: str, advance: Callable[[int], object]
    ) -> NDArray[np.uint8]:
        """Make the images of edits, or read the parts that exist.

        Parameters
        ----------
        advance : callable
            Receives the number of images just finished.

        Returns
        -------
        ndarray of uint8, shape (edits, channels, height, width)
        """
        firsts = range(0, len(cases), PART)
        return np.concatenate([self._part(cases[first : first + PART], way, advance) for first in firsts])

    def _part(self, cases: Sequence[EditCase], way: str, advance: Callable[[int], object]) -> NDArray[np.uint8]:
        requests = [self.request(case, way) for case in cases]
        digest = hashlib.sha256("".join(request.model_dump_json() for request in requests).encode())
        name = f"edits-{cases[0].row:05d}-{way}-{digest.hexdigest()[:12]}"
        kept = self._parts.read(name, (len(cases), *self.pairs.images.shape[1:]))
        if kept is not None:
            advance(len(kept))
            return kept
        images = []
        for request in requests:
            *_, last = self.engine.run(request)
            images.append(np.moveaxis(np.atleast_3d(to_pixels(last.sample)), -1, 0))
            advance(1)
        made = np.stack(images)
        self._parts.write(name, made)
        return made


def edit_costs(cases: Sequence[EditCase]) -> str:
    """Describe what is to be made for some edits."""
    slices, images = len({case.row for case in cases}), len(cases) * len(WAYS)
    return f"{counted(len(cases), 'edit')} of {counted(slices, 'slice')}: {counted(images, 'image')} to make."
