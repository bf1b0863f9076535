"""Draws the contact sheet of a paired set."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from segpaint.core.labels.translation import visible
from segpaint.core.pictures.contact_sheet import SheetCell, evenly_spread, write_contact_sheet
from segpaint.core.requests.kinds import About, about, about_all
from segpaint.core.words import counted
from segpaint.io.image_files import open_image
from segpaint.paired.plan import Pair


def draw_sheet(path: Path, pairs: Sequence[Pair], image_of: Callable[[Pair], Path]) -> None:
    """Write a sheet of up to 24 evenly spread pairs of one checkpoint.

    Labels in use are outlined; the caption is the pair's name.
    """
    table, cells = pairs[0].checkpoint.table, []
    for number in evenly_spread(len(pairs)):
        pair = pairs[number]
        seen = visible(pair.final.mask, pair.final.used, table)
        cells.append(SheetCell(np.asarray(open_image(image_of(pair))), seen, pair.name))
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
    what = about_all(kinds.values())
    write_contact_sheet(path, cells, table, legend, synthetic=what.sentence)
