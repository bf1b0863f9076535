"""How exactly real slices are restored from noise, and how steadily similarity leads to them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.pictures.compare import psnr
from segpaint.core.requests.origins import EDIT_STEPS, Counterfactual, Inversion, Origin, Similarity, step_at
from segpaint.core.requests.request import Request
from segpaint.evaluation.batches import evenly
from segpaint.training.dataset import Pairs

WAY: Inversion = "exact-inversion"
STEPS = EDIT_STEPS[WAY]
HIGHEST = 78.13
"""Decibels used for an exact copy, since JSON has no infinity."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
LEVEL = 0.3
PER_SLICE = 1 + len(SHARES)
"""Images made for each slice."""


def measure_edits(
    engine: Engine, pairs: Pairs, count: int, guidance: float, advance: Callable[[int], object]
) -> dict[str, Any]:
    """Invert unseen slices to noise and back, and mix them with images generated for their masks.

    Parameters
    ----------
    pairs : Pairs
        Unseen slices.
    count : int
        How many of them to use.
    advance : callable
        Receives the number of images just finished.

    Returns
    -------
    dict
        For each slice, the PSNR in dB when restored under its own mask. For each similarity, the mean distance
        to the reference in grey levels, and the share of slices in which it fell from each to the next.
    """
    decibels, distances = [], []
    for row in evenly(len(pairs), count):
        image = np.moveaxis(pairs.images[row], 0, -1).squeeze()
        used = tuple(
            label.index for column, label in enumerate(engine.checkpoint.table) if pairs.annotated[row, column]
        )
        mask = pairs.masks[row]
        itself = Counterfactual(image=image, mask=mask, used=used, margin=None, way=WAY)
        back = _make(engine, mask, used, guidance, itself)
        decibels.append(min(psnr(back, image), HIGHEST))
        advance(1)
        along = []
        for share in SHARES:
            origin = Similarity(image=image, share=share, step=step_at(LEVEL, STEPS, WAY), way=WAY)
            along.append(float(np.abs(_make(engine, mask, used, guidance, origin) - image).mean()))
            advance(1)
        distances.append(along)
    falls = [sorted(along, reverse=True) == along for along in distances]
    return {
        "slices": len(decibels),
        "psnr": [round(value, 2) for value in decibels],
        "shares": list(SHARES),
        "distance": np.mean(distances, axis=0).round(3).tolist(),
        "falling": float(np.mean(falls)),
    }


def _make(
    engine: Engine, mask: NDArray[np.uint8], used: tuple[int, ...], guidance: float, origin: Origin
) -> NDArray[np.float64]:
    request = Request(
        checkpoint="", fingerprint="", used=used, mask=mask, sampler="ddim", steps=STEPS, guidance=guidance,
        precision=engine.precision, origin=origin,
    )  # fmt: skip
    *_, last = engine.run(request)
    return to_pixels(last.sample).astype(np.float64)
