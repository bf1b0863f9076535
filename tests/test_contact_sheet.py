"""Contact sheets: as wide as their images or their legend need, and no wider."""

import numpy as np
import pytest
from PIL import Image

from segpaint.core.pictures.contact_sheet import CELL, COLUMNS, SheetCell, write_contact_sheet


@pytest.mark.parametrize("count", [1, 2, COLUMNS, COLUMNS + 1])
def test_a_sheet_of_few_images_is_mostly_images(tmp_path, table, count):
    image = np.full((32, 32), 255, np.uint8)
    cells = [SheetCell(image, np.zeros_like(image), f"image {number}") for number in range(count)]
    write_contact_sheet(tmp_path / "sheet.png", cells, table, [f"{label.name}: in use" for label in table])
    with Image.open(tmp_path / "sheet.png") as sheet:
        shades = np.asarray(sheet.convert("L"))
    assert shades.shape[1] == min(count, COLUMNS) * CELL
    share = (shades[:CELL] > 200).mean()
    assert share > 0.95


def test_a_legend_is_not_cut_by_few_images(tmp_path, table):
    image = np.full((32, 32), 255, np.uint8)
    words = "a label with a name that is long: in use for 1,000 of 1,000 images"
    write_contact_sheet(
        tmp_path / "sheet.png", [SheetCell(image, np.zeros_like(image), "")], table, len(table) * [words]
    )
    with Image.open(tmp_path / "sheet.png") as sheet:
        shades = np.asarray(sheet.convert("L"))
    below = shades[CELL + 40 :]
    assert shades.shape[1] > CELL
    assert (below[:, -4:] < 60).all()  # nothing reaches the edge
