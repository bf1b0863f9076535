"""Make the example masks, and an image of each model to show.

The masks are of patients that the models have made up, so no patient's data is in them.

Run ``python resources/examples/make.py`` from the top of the repository after a change of a model.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint import OpenCheckpoint, open_checkpoint
from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import Side, grow, thicken
from segpaint.io.image_files import encode_mask
from segpaint.io.results import encode_image

HERE = Path(__file__).parent
Mask = NDArray[np.uint8]
CAVITY, WALL = 1, 2
AIR = 3
SHOWN = {
    "abdomen-ct-256": ("2-both-lobes", 3),
    "breast-ultrasound-256": ("1-oval", 1),
    "cardiac-cine-mri-128": ("1-healthy", 3),
    "head-neck-ct-128": ("1-jaw", 2),
}
"""The mask and the seed of the image of each model, which the window shows at its first start."""
LESION = 1
LIVER = 1


def half_free(mask: Mask) -> Mask:
    """Leave the right half of the anatomy to the model."""
    shown = np.flatnonzero((mask != BACKGROUND).any(axis=0))
    free = mask.copy()
    right = free[:, (shown[0] + shown[-1]) // 2 :]
    right[right != BACKGROUND] = FREE
    return free


def hearts(model: OpenCheckpoint) -> dict[str, Mask]:
    """Make all examples of the heart."""
    _, healthy = model.make_up(4)
    return {
        "1-healthy": healthy,
        "2-thick-wall": thicken(Anatomy(healthy, model.labels, WALL), 5, Side.INWARD),
        "3-dilated": model.make_up(13)[1],
        "4-contracted": model.make_up(1)[1],
        "5-towards-the-apex": model.make_up(12)[1],
        "6-thick-septum": model.make_up(10)[1],
        "7-cavity-alone": np.where(healthy == CAVITY, healthy, np.uint8(BACKGROUND)),
        "8-half-left-to-the-model": half_free(healthy),
    }


def heads_and_necks(model: OpenCheckpoint) -> dict[str, Mask]:
    """Make all examples of the head and neck."""
    jaw, neck = (model.make_up(seed)[1] for seed in (34, 26))
    return {
        "1-jaw": jaw,
        "2-skull-base": model.make_up(55)[1],
        "3-larynx": model.make_up(25)[1],
        "4-shoulders": model.make_up(32)[1],
        "5-wide-windpipe": grow(Anatomy(neck, model.labels, AIR), 3),
        "6-half-left-to-the-model": half_free(jaw),
    }


def breasts(model: OpenCheckpoint) -> dict[str, Mask]:
    """Make all examples of the breast: lesions alone, without marks."""
    oval, small, large = (lesion_alone(model.make_up(seed)[1]) for seed in (7, 12, 10))
    return {
        "1-oval": oval,
        "2-small": small,
        "3-large": large,
        "4-grown": grow(Anatomy(small, model.labels, LESION), 8),
        "5-half-left-to-the-model": half_free(large),
    }


def abdomens(model: OpenCheckpoint) -> dict[str, Mask]:
    """Make all examples of the abdomen."""
    right, both, low = (model.make_up(seed)[1] for seed in (13, 2, 10))
    return {
        "1-large-right-lobe": right,
        "2-both-lobes": both,
        "3-beside-the-kidneys": low,
        "4-grown": grow(Anatomy(low, model.labels, LIVER), 8),
        "5-half-left-to-the-model": half_free(both),
    }


def lesion_alone(mask: Mask) -> Mask:
    """Leave out what is burned into the pictures of clinics."""
    return np.where(mask == LESION, mask, np.uint8(BACKGROUND))


def main() -> None:
    """Write all of them."""
    made = {
        "abdomen-ct-256": abdomens,
        "breast-ultrasound-256": breasts,
        "cardiac-cine-mri-128": hearts,
        "head-neck-ct-128": heads_and_necks,
    }
    for name, make in made.items():
        model = open_checkpoint(name)
        (HERE / name).mkdir(exist_ok=True)
        for example, mask in make(model).items():
            (HERE / name / f"{example}.png").write_bytes(encode_mask(mask, model.labels))
        example, seed = SHOWN[name]
        result = model.generate(model.examples[example], seed=seed)
        (HERE / "made").mkdir(exist_ok=True)
        (HERE / "made" / f"{name}.png").write_bytes(encode_image(result.pixels, result.request))


if __name__ == "__main__":
    main()
