"""Chooses colours that differ for everybody, also with a colour vision deficiency."""

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.labels.palette import OKABE_ITO, SHADES, distinct_colors

BLACK = "#000000"
ENOUGH = 0.12
"""Colours this far apart differ at a glance; the nearest two of the published seven are 0.076 apart."""
STRANGERS = 1.5
"""The factor by which labels that do not touch may be nearer in colour."""

VISIONS = np.array(
    [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ]
)
"""Maps linear RGB to what people with normal, protan, deutan and tritan vision see
(Machado, Oliveira and Fernandes, IEEE Transactions on Visualization and Computer Graphics 15, 2009)."""
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
"""`TO_CONES` and `TO_OKLAB` map linear RGB to Oklab (Ottosson, "A perceptual color space for image
processing", 2020)."""


def distances(colors: list[str]) -> NDArray[np.float64]:
    """Measure the distance of each two colours for the vision that separates them least.

    Parameters
    ----------
    colors : list of str
        "#rrggbb".

    Returns
    -------
    ndarray of float, shape (colors, colors)
        In Oklab, where black and white are 1 apart.
    """
    values = np.array([list(bytes.fromhex(color[1:])) for color in colors]) / 255
    linear = np.where(
        values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    )  # sRGB, IEC 61966-2-1
    seen = np.clip(linear @ VISIONS.transpose(0, 2, 1), 0, 1)  # visions, colours, 3
    places = np.cbrt(seen @ TO_CONES.T) @ TO_OKLAB.T
    apart: NDArray[np.float64] = np.linalg.norm(places[:, :, None] - places[:, None], axis=-1).min(axis=0)
    return apart


def colors_for_everybody(table: LabelTable) -> dict[int, str]:
    """Choose colours, by label index, that the colour-blind can tell apart too.

    Each label takes the first colour far enough from those taken, or else the furthest one. Labels that touch,
    one around the other or both inside the same, need a larger distance.
    """
    count, few = len(table), len(OKABE_ITO)
    colors = [BLACK, *distinct_colors(count if count <= few else max(few * len(SHADES), 2 * count))]
    apart = distances(colors)
    taken: dict[int, int] = {}
    for label in table.nested():
        around = table.ancestors(label.index)
        touches = [index in around or table[index].parent == label.parent for index in taken]
        factors = np.where([True, *touches], 1, STRANGERS)  # the background touches all
        nearest = (apart[:, [0, *taken.values()]] * factors).min(axis=1)
        nearest[[0, *taken.values()]] = -1
        taken[label.index] = int(np.argmax(np.minimum(nearest, ENOUGH)))
    return {index: colors[place] for index, place in taken.items()}
