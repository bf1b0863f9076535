"""Draws the contact sheet of a paired set."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from segpaint.core.labels.translation import visible
from segpaint.core.pictures.contact_sheet import SheetCell, evenly_spread, write_contact_sheet
from segpaint.core.requests.kinds import About, about, sentence_of
from segpaint.core.words import counted
from segpaint.paired.pairs import Picked


def draw_sheet(path: Path, pairs: Picked, image_at: Callable[[int], Image.Image]) -> None:
    """Write a sheet of up to 24 evenly spread pairs of one checkpoint.

    Labels in use are outlined; the caption is the pair's name.

    Parameters
    ----------
    image_at : callable
        Returns the image of a pair, by its position in the set.
    """
    table, cells = pairs[0].checkpoint.table, []
    for number in evenly_spread(len(pairs)):
        pair = pairs[number]
        seen = visible(pair.final.mask, pair.final.used, table)
        cells.append(SheetCell(np.asarray(image_at(pairs.positions[number])), seen, pair.name))
    counts: Counter[int] = Counter()
    kinds: dict[str, About] = {}
    for pair in pairs:
        counts.update(pair.final.used)
        what = about(pair.request, cells[0].image)
        kinds.setdefault(what.sentence, what)
    legend = [
        f"{label.index}  {label.name}: in use for {counts[label.index]} of {counted(len(pairs), 'image')}"
        for label in table
    ]
    write_contact_sheet(path, cells, table, legend, synthetic=sentence_of(kinds.values()))
