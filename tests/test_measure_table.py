"""The table of sizes."""

import numpy as np
import pytest

from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.masks.measure_table import measure_masks

TABLE = LabelTable(
    (
        Label(index=1, name="wall", color="#ff0000"),
        Label(index=2, name="cavity", color="#0000ff"),
        Label(index=3, name="vessel", color="#00ff00"),
    )
)


@pytest.fixture
def mask():
    distance = np.hypot(*(np.mgrid[:64, :64] - 32))
    return np.where(distance <= 10, 2, np.where(distance <= 20, 1, 0)).astype(np.uint8)


def test_labels_are_measured_in_each_mask_in_millimetres(mask):
    sizes = measure_masks({"mask": mask, "reference": np.zeros_like(mask)}, TABLE, 0.5)
    assert sizes.columns[2:6] == ("area, mm²", "longest, mm", "shortest, mm", "wall: mean, mm")
    assert [row[:2] for row in sizes.rows] == [
        ("wall", "mask"), ("wall", "reference"), ("cavity", "mask"), ("cavity", "reference"),
    ]  # fmt: skip
    wall, absent, cavity, _ = sizes.rows
    assert float(wall[2]) == pytest.approx(np.pi * (20**2 - 10**2) / 4, rel=0.05)
    assert [float(cell) for cell in wall[3:]] == pytest.approx([20, 20, *[5] * 9], abs=0.5)
    assert set(absent[2:]) == {"–"} == set(cavity[5:])
    assert float(cavity[3]) == pytest.approx(10, abs=0.5)


def test_without_a_spacing_sizes_are_in_pixels_and_without_a_wall_no_column_has_one(mask):
    sizes = measure_masks({"mask": np.where(mask == 2, mask, 0)}, TABLE, None)
    assert sizes.columns == ("label", "in the", "area, px", "longest, px", "shortest, px")
    assert [row[0] for row in sizes.rows] == ["cavity"]
    assert sizes.text.splitlines()[0].split("\t") == list(sizes.columns)
    assert sizes.text.splitlines()[1].split("\t") == list(sizes.rows[0])


def test_sectors_go_round_the_clock(mask):
    names = measure_masks({"mask": mask}, TABLE, None).columns[-6:]
    assert names == ("12–2 h", "2–4 h", "4–6 h", "6–8 h", "8–10 h", "10–12 h")
    mask[:12, 32:] = 0  # cut off the top of the wall, right of the middle
    mask[12:16, 33:] = np.where(mask[12:16, 33:] == 1, 0, mask[12:16, 33:])
    row = measure_masks({"mask": mask}, TABLE, None).rows[0]
    assert float(row[-6]) < float(row[-3]) - 1


def test_a_blank_mask_has_no_rows(mask):
    assert measure_masks({"mask": np.zeros_like(mask)}, TABLE, 1.0).rows == []
