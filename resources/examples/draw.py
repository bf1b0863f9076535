"""Draw the example masks. They hold no patient's data: every border is a formula.

Run ``python resources/examples/draw.py`` from the top of the repository after a change.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels import FREE, Label, LabelTable
from segpaint.io.masks import encode_mask

HERE = Path(__file__).parent
SIZE = 128
HEART = LabelTable(
    [
        Label(index=1, name="LV cavity", color="#e4572e"),
        Label(index=2, name="LV myocardium", color="#2ca58d"),
    ]
)


def blob(row: float, column: float, radius: float, squeeze: float, seed: int) -> NDArray[np.bool_]:
    """A smooth, slightly uneven oval: `squeeze` is its width over its height."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    down, across = (rows - row) / np.sqrt(1 / squeeze), (columns - column) / np.sqrt(squeeze)
    angle = np.arctan2(down, across)
    wobble = np.zeros_like(angle)
    for order in (2, 3, 4, 5):
        wobble += rng.normal(0, 0.025 / order) * np.cos(order * angle + rng.uniform(0, 2 * np.pi))
    return np.hypot(down, across) < radius * (1 + wobble)


def heart(
    row: float, column: float, cavity: float, wall: float, squeeze: float, seed: int
) -> NDArray[np.uint8]:
    """A short-axis slice through the left ventricle: cavity radius and wall thickness in pixels."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[blob(row, column, cavity + wall, squeeze, seed + 1)] = 2
    mask[blob(row, column, cavity, squeeze, seed)] = 1
    return mask


def main() -> None:
    """Write all of them."""
    one_sided = heart(63, 62, 16, 7, 1.0, 5)
    free = heart(64, 64, 17, 7, 1.05, 1)
    free[:, 72:][free[:, 72:] != 0] = FREE
    examples = {
        "1-healthy": heart(64, 64, 17, 7, 1.05, 1),
        "2-thick-wall": heart(64, 64, 12, 13, 1.05, 1),
        "3-dilated": heart(62, 66, 27, 5, 1.0, 3),
        "4-contracted": heart(66, 62, 9, 11, 1.1, 4),
        "5-towards-the-apex": heart(68, 60, 8, 6, 1.0, 7),
        "6-thick-septum": np.where(blob(62, 42, 9, 0.55, 9) & (one_sided != 1), 2, one_sided).astype(np.uint8),
        "7-cavity-alone": np.where(heart(64, 64, 19, 7, 1.0, 8) == 1, 1, 0).astype(np.uint8),
        "8-half-left-to-the-model": free,
    }
    for name, mask in examples.items():
        path = HERE / "cardiac-cine-mri-128" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode_mask(mask, HEART))


if __name__ == "__main__":
    main()
