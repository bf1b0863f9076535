import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.measure import label as connected_parts

from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.core.masks.mask import Mask, difference
from segpaint.core.masks.paint import Footprint, PaintOver, brush, brush_rule, eraser_rule

VALUES = st.sampled_from([0, 1, 2, 4, FREE])
SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=24)
MASKS = SHAPES.flatmap(lambda shape: arrays(np.uint8, shape, elements=VALUES))
PAIRS = SHAPES.flatmap(lambda shape: st.tuples(*[arrays(np.uint8, shape, elements=VALUES)] * 2))
# Also outside the mask, for a hand does not stop at its edge.
POINTS = st.tuples(st.floats(-12, 36), st.floats(-12, 36))
SIZES = st.integers(1, 15)
NESTED = LabelTable(
    [
        Label(index=1, name="body", color="#111111"),
        Label(index=2, name="heart", color="#222222", parent=1),
        Label(index=4, name="bone", color="#333333"),
    ]
)


@given(PAIRS)
def test_an_edit_reverts_bit_for_bit(pair):
    old, new = pair
    mask = Mask(old)
    edit = mask.edit_to(new)
    if edit is None:
        assert np.array_equal(old, new)
        return
    mask.apply(edit)
    assert np.array_equal(mask.values, new)
    mask.apply(edit)
    assert np.array_equal(mask.values, new)
    mask.revert(edit)
    assert np.array_equal(mask.values, old)


@given(PAIRS)
def test_the_box_of_an_edit_is_tight(pair):
    old, new = pair
    edit = difference(old, new)
    if edit is None:
        return
    changed = edit.old != edit.new
    assert changed.sum() == (old != new).sum()
    assert changed[[0, -1]].any(axis=1).all()
    assert changed[:, [0, -1]].any(axis=0).all()


def test_an_edit_does_not_share_memory_with_the_mask():
    old, new = np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint8)
    edit = difference(old, new)
    old[:], new[:] = 4, 4
    assert not edit.old.any()
    assert (edit.new == 1).all()


@given(MASKS, POINTS, POINTS, SIZES, VALUES)
def test_painted_pixels_lie_in_the_reported_box(values, start, end, size, value):
    mask = Mask(values)
    box = mask.paint(brush(start, end, size, mask.shape), brush_rule(value))
    changed = mask.values != values
    inside = changed[box.slices].sum()
    assert inside == changed.sum()


@given(MASKS, POINTS, POINTS, SIZES, VALUES, st.sets(st.sampled_from([1, 2, 4])))
def test_locked_labels_never_change(values, start, end, size, value, locked):
    for rule in (brush_rule(value, locked), eraser_rule(NESTED, locked)):
        mask = Mask(values)
        mask.paint(brush(start, end, size, mask.shape), rule)
        kept = np.isin(values, list(locked))
        assert np.array_equal(mask.values[kept], values[kept])


@given(MASKS, POINTS, POINTS, SIZES, st.sets(VALUES), st.sets(st.sampled_from([1, 2, 4])))
def test_nothing_is_erased_but_what_may_be_and_that_as_ever(values, start, end, size, erasable, locked):
    free, bound = Mask(values), Mask(values)
    footprint = brush(start, end, size, free.shape)
    free.paint(footprint, eraser_rule(NESTED, locked))
    bound.paint(footprint, eraser_rule(NESTED, locked, erasable))
    assert np.array_equal(bound.values, np.where(np.isin(values, list(erasable)), free.values, values))


def test_what_may_be_erased_is_what_may_be_covered_or_else_what_is_painted():
    assert set(PaintOver.EVERYTHING.erasable({2}, 4)) == set(range(256))
    assert set(PaintOver.CHOSEN.erasable({2}, 4)) == {2}
    assert set(PaintOver.BACKGROUND.erasable({2}, 4)) == {4}


@pytest.mark.parametrize("size", [1, 2, 3, 14])
@given(start=POINTS, end=POINTS)
def test_a_stroke_has_no_gaps(start, end, size):
    canvas = Mask(np.zeros((24, 24), np.uint8))
    canvas.paint(brush(start, end, size, canvas.shape), brush_rule(1))
    # Pixels touch by their sides, so that a fill does not leak through a line.
    assert connected_parts(canvas.values, connectivity=1).max() <= 1


@given(POINTS, POINTS, SIZES)
def test_a_stroke_covers_both_of_its_ends(start, end, size):
    stroke, dabs = (np.zeros((24, 24), np.bool_) for _ in range(2))
    for canvas, segments in ((stroke, [(start, end)]), (dabs, [(start, start), (end, end)])):
        for segment in segments:
            footprint = brush(*segment, size, canvas.shape)
            height, width = footprint.inside.shape
            region = canvas[footprint.top : footprint.top + height, footprint.left : footprint.left + width]
            region |= footprint.inside
    assert not (dabs & ~stroke).any()


@given(st.floats(0, 24, exclude_max=True), st.floats(0, 24, exclude_max=True))
def test_a_brush_of_one_hits_exactly_the_pixel_under_the_pointer(row, column):
    mask = Mask(np.zeros((24, 24), np.uint8))
    mask.paint(brush((row, column), (row, column), 1, mask.shape), brush_rule(1))
    assert np.argwhere(mask.values).tolist() == [[int(row), int(column)]]


@pytest.mark.parametrize("size", range(2, 16))
def test_a_dab_is_round_and_as_wide_as_asked_for(size):
    inside = brush((20.3, 20.3), (20.3, 20.3), size, (40, 40)).inside
    assert inside.any(axis=0).sum() == inside.any(axis=1).sum() == size
    assert np.array_equal(inside, inside.T)
    assert np.array_equal(inside, inside[::-1])
    assert abs(inside.sum() - np.pi * size**2 / 4) < 1.5 * size**0.5 + 1


def test_a_stroke_beside_the_mask_touches_nothing():
    mask = Mask(np.zeros((8, 8), np.uint8))
    mask.paint(brush((-20, -20), (-30, 4), 5, mask.shape), brush_rule(1))
    mask.paint(brush((30, 30), (40, 4), 5, mask.shape), brush_rule(1))
    assert not mask.values.any()


def test_the_eraser_uncovers_the_parent():
    mask = Mask(np.array([[0, 1, 2, 4, FREE]], np.uint8))
    everything = Footprint(0, 0, np.ones((1, 5), np.bool_))
    mask.paint(everything, eraser_rule(NESTED))
    assert mask.values.tolist() == [[0, 0, 1, 0, 0]]


def test_a_snapshot_stays_when_the_mask_changes():
    mask = Mask(np.zeros((4, 4), np.uint8))
    before = mask.snapshot()
    mask.paint(brush((2, 2), (2, 2), 3, mask.shape), brush_rule(1))
    assert not before.any()
    assert mask.values.any()


def test_the_pixels_of_a_mask_change_by_edits_alone():
    original = np.zeros((4, 4), np.uint8)
    mask = Mask(original)
    original[:] = 1
    assert not mask.values.any()
    for array in (mask.values, mask.snapshot()):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
