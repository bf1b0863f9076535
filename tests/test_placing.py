"""A frame is laid where the model's labels are."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.body import find_body
from segpaint.core.volumes.placing import place, place_by_body, place_by_labels

SHAPE = 200, 160
rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]


@dataclass
class Model:
    size: int = 32
    channels: int = 1
    pixel_spacing: float | None = 2.0
    window: tuple[float, float] | None = (0, 200)


@dataclass
class Usual:
    centre: tuple[float, float] = (0.5, 0.5)
    area: tuple[float, float, float] = (0.01, 0.02, 0.04)
    presence: float = 1.0


def disc(row, column, radius):
    return np.hypot(rows - row, columns - column) <= radius


def scan(row, column):
    """A body of 50 with a heart of 150 that has a radius of 5 mm."""
    plane = np.where(disc(100, 80, 75), 50.0, 0.0)
    plane[disc(row, column, 5)] = 150
    return plane


def find(image):
    """Find what is bright, and imagine something in the corner of every image."""
    mask = (image > 150).astype(np.uint8)
    mask[:2, :2] = 1
    return mask


@settings(max_examples=20)
@given(st.integers(60, 140), st.integers(50, 110))
def test_the_segmenter_finds_its_labels_anywhere_in_the_body(row, column):
    frame = place([scan(row, column)], (1.0, 1.0), Model(), {1: Usual()}, find)
    assert frame.step == (2, 2)
    mask = frame.cut_mask(disc(row, column, 5).astype(np.uint8))
    assert mask.any()
    assert np.abs(np.array(frame.centre) - (row, column)).max() < 14


def test_of_several_slices_the_one_counts_that_shows_the_labels():
    empty = scan(0, 0) * (scan(0, 0) <= 50)
    frame = place([empty, scan(120, 60), empty], (1.0, 1.0), Model(), {1: Usual()}, find)
    assert np.abs(np.array(frame.centre) - (120, 60)).max() < 14


def test_without_a_segmenter_the_frame_lies_on_the_body():
    plane = np.where(disc(60, 90, 40), 100.0, -1000.0)
    frame = place([plane], (1.0, 1.0), Model(), {}, None)
    assert frame.centre == pytest.approx((60, 90), abs=1.5)
    assert frame.step == (2, 2)


def test_a_segmenter_that_finds_nothing_sure_leaves_the_frame_on_the_body():
    plane = np.where(disc(60, 90, 40), 100.0, -1000.0)
    frame = place([plane], (1.0, 1.0), Model(), {1: Usual()}, lambda image: np.zeros(image.shape, np.uint8))
    assert frame.centre == pytest.approx((60, 90), abs=1.5)


def test_a_model_without_a_spacing_sees_the_whole_body():
    plane = np.where((np.abs(rows - 100) < 60) & (np.abs(columns - 80) < 30), 100, 0).astype(np.int16)
    frame = place_by_body(plane, (1.0, 2.0), Model(pixel_spacing=None))
    top, bottom, left, right = frame.box
    assert top < 40
    assert bottom > 159
    assert left < 50
    assert right > 109
    assert frame.step[0] == pytest.approx(2 * frame.step[1])  # square in millimetres
    assert bottom - top < 130


def test_labels_come_to_where_they_lie_in_the_training_masks():
    frame = place_by_body(scan(100, 80), (1.0, 1.0), Model())
    mask = disc(70, 100, 5).astype(np.uint8)
    moved = place_by_labels(frame, mask, {1: Usual(centre=(0.25, 0.5))})
    inside = np.argwhere(moved.cut_mask(mask) == 1).mean(axis=0)
    assert inside == pytest.approx((0.25 * 32, 0.5 * 32), abs=1)
    assert place_by_labels(frame, np.zeros(SHAPE, np.uint8), {1: Usual()}) is None


def test_a_volume_without_slices_is_refused():
    with pytest.raises(SegPaintError, match="no slice"):
        place([], (1.0, 1.0), Model(), {}, None)


@pytest.mark.parametrize("shape", [(7, 9), (300, 400), (20, 150, 500)])
def test_a_body_is_found_whatever_the_shape(shape):
    values = np.zeros(shape, np.float32)
    inner = tuple(slice(length // 4, length // 4 + length // 2) for length in shape)
    values[inner] = 100
    values.flat[0] = np.nan
    body = find_body(values)
    assert body.shape == values.shape
    assert (body == (values == 100)).mean() > 0.9
    assert not find_body(np.full(shape, 3.0)).any()
    assert not find_body(np.full(shape, np.nan)).any()
