"""A picture of the pairs that segmenters are trained on."""

from collections.abc import Mapping

import numpy as np

from segpaint.evaluation.batches import evenly
from segpaint.evaluation.downstream.plan import MadePairs, rows_of
from segpaint.evaluation.sheets import as_rgb, draw_sheet
from segpaint.training.dataset import DataSet

SHOWN = 6
HEADS = ("real slice", "its mask", "varied", "made", "rare", "made")


def draw_pairs(data: DataSet, made: Mapping[str, MadePairs]) -> bytes:
    """Draw a slice of some patients, and a pair of each kind that was made of its mask, as a PNG.

    Parameters
    ----------
    made : mapping of str to MadePairs
        By patient; of each, the slice with the most labelled pixels is shown.
    """
    patients, colors, lines = sorted(made), data.table.colors(), []
    for patient in (patients[place] for place in evenly(len(patients), SHOWN)):
        rows, pairs = rows_of(data.train, [patient]), made[patient]
        place = int(np.count_nonzero(data.train.masks[rows], axis=(1, 2)).argmax())
        line = [as_rgb(data.train.images[rows[place]]), colors[data.train.masks[rows[place]]]]
        for kind in (pairs.varied, pairs.rare):
            line += [colors[kind.masks[place]], as_rgb(kind.images[place])]
        lines.append(line)
    return draw_sheet(HEADS, lines)
