"""Draw the example masks. They hold no patient's data: every border is a formula.

Run ``python resources/examples/draw.py`` from the top of the repository after a change.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.io.image_files import encode_mask

HERE = Path(__file__).parent
SIZE = 128
HEART = LabelTable(
    [
        Label(index=1, name="LV cavity", color="#e4572e"),
        Label(index=2, name="LV myocardium", color="#2ca58d"),
    ]
)

BODY, BONE, AIR, BRAINSTEM, CORD, RIGHT_PAROTID, LEFT_PAROTID, ESOPHAGUS, LARYNX, MANDIBLE = range(1, 11)
HEAD_AND_NECK = LabelTable(
    [
        Label(index=BODY, name="body", color="#b08d7a"),
        Label(index=BONE, name="bone", color="#f2efe0", parent=BODY),
        Label(index=AIR, name="air", color="#4aa3df", parent=BODY),
        Label(index=BRAINSTEM, name="brainstem", color="#e4572e", parent=BODY),
        Label(index=CORD, name="spinal cord", color="#ffc914", parent=BODY),
        Label(index=RIGHT_PAROTID, name="right parotid", color="#2ca58d", parent=BODY),
        Label(index=LEFT_PAROTID, name="left parotid", color="#84bc9c", parent=BODY),
        Label(index=ESOPHAGUS, name="esophagus", color="#a23b72", parent=BODY),
        Label(index=LARYNX, name="larynx", color="#17bebb", parent=BODY),
        Label(index=MANDIBLE, name="mandible", color="#f49d37", parent=BONE),
    ]
)
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE] + 0.5


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


def oval(
    row: float, column: float, height: float, width: float, turn: float = 0, power: float = 2
) -> NDArray[np.bool_]:
    """An oval by its half height and half width, turned by degrees; a higher power squares its corners."""
    down, across = ROWS - row, COLUMNS - column
    angle = np.deg2rad(turn)
    along = np.abs(down * np.cos(angle) + across * np.sin(angle)) / height
    aside = np.abs(across * np.cos(angle) - down * np.sin(angle)) / width
    return along**power + aside**power < 1


def pair(row: float, aside: float, height: float, width: float, turn: float = 0) -> NDArray[np.bool_]:
    """Two ovals that mirror each other about the middle of the image."""
    return oval(row, 64 - aside, height, width, turn) | oval(row, 64 + aside, height, width, -turn)


def vertebra(mask: NDArray[np.uint8], row: float) -> None:
    """A vertebra with its canal behind the body."""
    mask[oval(row, 64, 6, 8, power=3) | pair(row + 4, 12, 3, 5, turn=20) | oval(row + 14, 64, 5, 2.5)] = BONE
    mask[oval(row + 7, 64, 3.5, 5)] = CORD


def skull_base() -> NDArray[np.uint8]:
    """At the level of the brainstem; the parotids lie beside the jaw."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[oval(70, 64, 52, 46, power=2.3) | oval(20, 64, 14, 12)] = BODY
    ring = oval(82, 64, 36, 38, power=2.4) & ~oval(81, 64, 32, 34, power=2.4)
    mask[ring & (ROWS > 72)] = BONE
    mask[pair(70, 22, 2.5, 9, turn=8)] = BONE
    mask[oval(50, 64, 4, 4)] = AIR
    mask[pair(46, 27, 10, 2.5, turn=20)] = MANDIBLE
    mask[oval(56, 27, 8, 7)] = RIGHT_PAROTID
    mask[oval(56, 101, 8, 7)] = LEFT_PAROTID
    mask[oval(72, 64, 7, 9)] = BRAINSTEM
    return mask


def jaw() -> NDArray[np.uint8]:
    """Through the mandible's arch and the upper vertebrae."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[oval(46, 64, 40, 29, power=2.2) | oval(88, 64, 34, 40, power=2.6)] = BODY
    arch = oval(42, 64, 31, 25) & ~oval(45, 64, 27, 19)
    mask[arch & (ROWS < 44)] = MANDIBLE
    mask[oval(66, 64, 4, 6)] = AIR
    vertebra(mask, 80)
    mask[oval(74, 32, 8, 5, turn=-15)] = RIGHT_PAROTID
    mask[oval(74, 96, 8, 5, turn=15)] = LEFT_PAROTID
    return mask


def larynx() -> NDArray[np.uint8]:
    """Through the voice box."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[oval(66, 64, 56, 44, power=2.2)] = BODY
    mask[oval(34, 64, 13, 12)] = LARYNX
    mask[oval(36, 64, 6, 3)] = AIR
    vertebra(mask, 62)
    return mask


def shoulders(trachea: float = 4) -> NDArray[np.uint8]:
    """Where the neck widens; the oesophagus lies behind the windpipe, whose radius is given."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[oval(72, 64, 20, 59, power=2.6) | oval(58, 64, 20, 26)] = BODY
    mask[oval(52, 64, trachea, trachea)] = AIR
    mask[oval(52 + trachea + 3, 66, 2.5, 4)] = ESOPHAGUS
    mask[oval(69, 64, 4.5, 6.5, power=3) | pair(73, 9, 2, 4, turn=20)] = BONE
    mask[oval(75, 64, 2.5, 3.5)] = CORD
    return mask


def head_and_neck() -> dict[str, NDArray[np.uint8]]:
    """All examples of that model."""
    free = jaw()
    free[(COLUMNS > 64) & (free != 0)] = FREE
    return {
        "1-jaw": jaw(),
        "2-skull-base": skull_base(),
        "3-larynx": larynx(),
        "4-shoulders": shoulders(),
        "5-wide-windpipe": shoulders(7),
        "6-half-left-to-the-model": free,
    }


def hearts() -> dict[str, NDArray[np.uint8]]:
    """All examples of that model."""
    one_sided = heart(63, 62, 16, 7, 1.0, 5)
    free = heart(64, 64, 17, 7, 1.05, 1)
    free[:, 72:][free[:, 72:] != 0] = FREE
    return {
        "1-healthy": heart(64, 64, 17, 7, 1.05, 1),
        "2-thick-wall": heart(64, 64, 12, 13, 1.05, 1),
        "3-dilated": heart(62, 66, 27, 5, 1.0, 3),
        "4-contracted": heart(66, 62, 9, 11, 1.1, 4),
        "5-towards-the-apex": heart(68, 60, 8, 6, 1.0, 7),
        "6-thick-septum": np.where(blob(62, 42, 9, 0.55, 9) & (one_sided != 1), 2, one_sided).astype(np.uint8),
        "7-cavity-alone": np.where(heart(64, 64, 19, 7, 1.0, 8) == 1, 1, 0).astype(np.uint8),
        "8-half-left-to-the-model": free,
    }


def main() -> None:
    """Write all of them."""
    examples = {
        "cardiac-cine-mri-128": (hearts(), HEART),
        "head-neck-ct-128": (head_and_neck(), HEAD_AND_NECK),
    }
    for model, (masks, table) in examples.items():
        for name, mask in masks.items():
            path = HERE / model / f"{name}.png"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(encode_mask(mask, table))


if __name__ == "__main__":
    main()
