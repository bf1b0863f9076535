import numpy as np
import pytest
from pydantic import ValidationError

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE, Label, LabelTable


def label(index, name=None, parent=None):
    return Label(index=index, name=name or f"label {index}", color="#102030", parent=parent)


def test_ancestors_come_innermost_first():
    table = LabelTable([label(1), label(2, parent=1), label(3, parent=2)])
    assert table.ancestors(3) == (2, 1)
    assert table.ancestors(1) == ()


def test_a_parent_may_stand_below_its_child_in_the_table():
    table = LabelTable([label(9, parent=5), label(5)])
    assert table.indices == (9, 5)
    assert table.ancestors(9) == (5,)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([label(1, "a"), label(1, "b")], "index twice"),
        ([label(1, "a"), label(2, "a")], "name twice"),
        ([label(1, parent=7)], "does not have"),
        ([label(1, parent=1)], "inside itself"),
        ([label(1, parent=2), label(2, parent=1)], "inside itself"),
        ([label(3, parent=1), label(1, parent=2), label(2, parent=1)], "inside itself"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(labels, reason):
    with pytest.raises(SegPaintError, match=reason):
        LabelTable(labels)


@pytest.mark.parametrize("index", [0, FREE, -1, 300])
def test_background_and_free_are_no_labels(index):
    with pytest.raises(ValidationError):
        label(index)


@pytest.mark.parametrize("color", ["red", "#12345", "#12345g", "123456"])
def test_a_colour_is_six_hexadecimal_digits(color):
    with pytest.raises(ValidationError):
        Label(index=1, name="a", color=color)


def test_erasing_gives_pixels_to_the_parent(table):
    erased = table.erased()
    assert erased[[0, 1, 2, 4, FREE]].tolist() == [0, 0, 1, 0, 0]


def test_every_value_has_a_colour(table):
    colors = table.colors()
    assert colors.shape == (256, 3)
    assert colors.dtype == np.uint8
    assert colors[2].tolist() == [0xDD, 0x33, 0x33]
    assert colors[0].tolist() == [0, 0, 0]
    assert colors[FREE].any()


@pytest.mark.parametrize(
    ("words", "indices"),
    [(["heart"], (2,)), ([" HEART ", "1"], (1, 2)), (["4", "bone", "4"], (4,)), ([], ())],
)
def test_labels_are_typed_by_name_or_number(table, words, indices):
    assert table.parse(words) == indices


@pytest.mark.parametrize("word", ["liver", "3", "0", "255", "", "-1", "²"])
def test_an_unknown_word_is_answered_with_the_labels_there_are(table, word):
    with pytest.raises(SegPaintError, match="1 body, 2 heart, 4 bone"):
        table.parse([word])


def test_the_nested_order_has_each_label_before_those_inside_it():
    labels = [
        Label(index=3, name="tooth", color="#ffffff", parent=2),
        Label(index=1, name="body", color="#ffffff"),
        Label(index=4, name="air", color="#ffffff", parent=1),
        Label(index=2, name="jaw", color="#ffffff", parent=1),
        Label(index=5, name="couch", color="#ffffff"),
    ]
    names = [label.name for label in LabelTable(labels).nested()]
    assert names == ["body", "air", "jaw", "tooth", "couch"]


def test_a_shape_is_a_label_with_those_inside_it(table):
    values = np.array([[0, 1, 2, 4, FREE]], np.uint8)
    assert table.shape_of(values, 1).tolist() == [[False, True, True, False, False]]
    assert table.shape_of(values, 2).tolist() == [[False, False, True, False, False]]


def test_a_label_left_out_is_seen_as_the_innermost_one_around_it_in_use(table):
    values = [0, 1, 2, 4, FREE]
    assert table.seen((1, 2, 4))[values].tolist() == [0, 1, 2, 4, 0]
    assert table.seen((1,))[values].tolist() == [0, 1, 1, 0, 0]
    assert not table.seen(()).any()
