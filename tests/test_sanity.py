"""Hints about masks that a model has never seen the like of."""

import numpy as np
import pytest

from segpaint.core.labels.labels import FREE
from segpaint.core.requests.checkpoint import Description, LabelStatistics, read_checkpoint
from segpaint.core.requests.sanity import find_hints
from segpaint.io.masks import read_mask
from segpaint.paths import example_masks, find_checkpoint

SIZE = 64
ALL = (1, 2, 4)


@pytest.fixture
def description(table):
    """Statistics of a body of 20 to 40 % in the middle, with a heart of 1 to 4 %; nothing of the bone."""
    return Description(
        name="drawn", modality="MR", size=SIZE, labels=table.labels,
        statistics={
            "body": LabelStatistics(
                presence=1, area=(0.2, 0.3, 0.4), centre=(0.5, 0.5), centre_spread=(0.01, 0.02)
            ),
            "heart": LabelStatistics(
                presence=0.4, area=(0.01, 0.02, 0.04), centre=(0.5, 0.5), centre_spread=(0.1, 0.01)
            ),
        },
    )  # fmt: skip


def draw(body=19, heart=5, at=(32, 32), bone=True):
    """A mask with a body about the middle, a heart somewhere in it and a bone below, by half sides."""
    values = np.zeros((SIZE, SIZE), np.uint8)
    values[32 - body : 32 + body, 32 - body : 32 + body] = 1
    row, column = at
    values[row - heart : row + heart, column - heart : column + heart] = 2
    if bone:
        values[60:62, 20:40] = 4
    return values


def test_a_mask_like_those_of_the_training_has_no_hint(description):
    assert find_hints(draw(), ALL, description) == {}
    assert find_hints(draw(heart=0), ALL, description) == {}  # most training masks have none


def test_a_label_far_larger_or_smaller_is_told_of(description):
    (large,) = find_hints(draw(heart=10), ALL, description)[2]
    assert large.startswith("heart covers 9.8 % of the image; in the training masks it is 1.0 to 4.0 %.")
    assert "so large: make it smaller" in large
    (small,) = find_hints(draw(heart=2), ALL, description)[2]
    assert "so small: make it larger" in small
    assert find_hints(draw(heart=8), ALL, description) == {}  # beyond the percentile, but not by far


def test_the_area_is_that_of_a_label_s_own_pixels_as_in_the_statistics(description):
    (small,) = find_hints(draw(body=19, heart=18), ALL, description)[1]
    assert small.startswith("body covers 3.6 %")


def test_a_label_that_lies_elsewhere_is_told_of_with_the_way(description):
    (elsewhere,) = find_hints(draw(at=(32, 46)), ALL, description)[2]
    assert elsewhere.startswith("heart lies 22 % of the image further right than in the training masks.")
    (elsewhere,) = find_hints(draw(at=(2, 18), heart=2), ALL, description)[2][1:]
    assert "47 % of the image higher and 22 % of the image further left" in elsewhere
    assert find_hints(draw(at=(20, 32)), ALL, description) == {}  # 19 %, but within the spread
    assert find_hints(draw(at=(32, 38)), ALL, description) == {}  # 9 deviations, but near


def test_specks_are_told_of_and_the_rest_of_a_label_is_none(description):
    values = draw()
    values[2, 5:7] = 4
    values[3, 7] = 4  # touches at a corner: the same speck
    (speck,) = find_hints(values, ALL, description)[4]
    assert "a speck of under 5 pixels" in speck
    assert "at column 5, row 2" in speck
    values[50:52, 58:60] = 4
    assert "2 specks" in find_hints(values, ALL, description)[4][0]
    values[10:15, 60] = 4
    assert "2 specks" in find_hints(values, ALL, description)[4][0]  # five pixels are none
    assert find_hints(np.where(values == 4, 0, values), (1, 2), description) == {}


def test_a_small_label_in_one_piece_is_no_speck(description):
    values = draw(bone=False)
    values[60, 20:22] = 4
    assert find_hints(values, ALL, description) == {}


def test_what_holds_other_labels_is_in_one_piece_with_them(description):
    values = draw()
    values[30, 30] = 1
    assert find_hints(values, ALL, description) == {}


def test_a_used_label_without_pixels_is_told_of(description):
    (absent,) = find_hints(np.where(draw() == 1, 0, draw()), ALL, description).get(1, ("",))
    assert absent == ""  # a heart is there, and a heart is body too
    values = np.where(draw() == 4, 4, 0)
    assert find_hints(values, ALL, description) == {
        1: ("body is nowhere in the mask; 100 % of the training masks have it. "
            "Paint it, or leave it out to let the model decide.",)
    }  # fmt: skip
    assert find_hints(draw(bone=False), ALL, description) == {}  # no training mask had it


def test_a_model_without_statistics_has_hints_about_absent_labels_and_specks_alone(description):
    unknown = description.model_copy(update={"statistics": {}})
    values = draw(heart=15, bone=False)
    (absent,) = find_hints(values, ALL, unknown)[4]
    assert absent.startswith("bone has no pixels, so the model is told that it is nowhere.")
    assert "leave it out" in absent
    whole = unknown.model_copy(update={"ablation_trained": False})
    assert "leave it out" not in find_hints(values, ALL, whole)[4][0]
    values[60, 60] = 4
    assert find_hints(values, ALL, unknown) == {}
    values[2, 2] = 4
    assert set(find_hints(values, ALL, unknown)) == {4}


def test_an_ablated_label_is_not_judged(description):
    odd = draw(heart=10)
    odd[1, 1] = odd[1, 60] = 2
    odd[5, 5] = 4
    assert set(find_hints(odd, ALL, description)) == {2, 4}
    assert find_hints(odd, (1,), description) == {}


def test_nothing_is_said_of_what_free_regions_may_hold(description):
    values = draw(heart=2)
    assert set(find_hints(values, ALL, description)) == {2}
    values[:8] = FREE
    values[8, 8] = 1  # beside it
    assert find_hints(values, ALL, description) == {}
    values[12, 3] = 1  # apart from it
    assert "a speck" in find_hints(values, ALL, description)[1][0]
    values[20:44, 20:44] = 2
    assert "so large" in find_hints(values, ALL, description)[2][0]  # larger still, if anything


def test_a_blank_mask_and_a_model_that_sees_none_have_no_hints(description):
    assert find_hints(np.zeros((SIZE, SIZE), np.uint8), ALL, description) == {}
    maskless = description.model_copy(update={"encoding": "none"})
    assert find_hints(draw(heart=10), ALL, maskless) == {}


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("cardiac-cine-mri-128", {("7-cavity-alone", "LV myocardium is nowhere")}),
        ("head-neck-ct-128", set()),
        ("breast-ultrasound-256", set()),
        ("abdomen-ct-256", set()),
    ],
)
def test_the_examples_that_are_shipped_have_true_hints_alone(name, true):
    checkpoint = read_checkpoint(find_checkpoint(name))
    found = {
        (path.stem, sentence.split(" in the mask")[0])
        for path in example_masks(checkpoint.folder)
        for sentences in find_hints(
            read_mask(path, checkpoint.table, checkpoint.description.size),
            checkpoint.table.indices,
            checkpoint.description,
        ).values()
        for sentence in sentences
    }
    assert found == true
