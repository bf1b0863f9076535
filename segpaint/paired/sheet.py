"""Draws the contact sheet of a paired set."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from segpaint.core.labels.translation import visible
from segpaint.core.pictures.contact_sheet import SheetCell, evenly_spread, write_contact_sheet
from segpaint.core.requests.kinds import about, about_all
from segpaint.core.words import counted
from segpaint.io.image_files import open_image
from segpaint.paired.plan import Pair


def draw_sheet(path: Path, pairs: Sequence[Pair], images: Sequence[Path]) -> None:
    """Write a sheet of up to 24 evenly spread pairs of one checkpoint.

    Labels in use are outlined; the caption is the pair's name.
    """
    table, cells = pairs[0].checkpoint.table, []
    for number in evenly_spread(len(pairs)):
        final = pairs[number].final
        seen = visible(final.mask, final.used, table)
        cells.append(SheetCell(np.asarray(open_image(images[number])), seen, pairs[number].name))
    legend = []
    for label in table:
        count = sum(label.index in pair.final.used for pair in pairs)
        legend.append(f"{label.index}  {label.name}: in use for {count} of {counted(len(pairs), 'image')}")
    what = about_all(about(pair.request, cells[0].image) for pair in pairs)
    write_contact_sheet(path, cells, table, legend, synthetic=what.sentence)
