"""The shipped breast ultrasound model does what it is asked: shown by grey values alone, over several seeds."""

import numpy as np
import pytest
from scipy import ndimage

LESION, MARKS = 1, 2
SEEDS = range(2)
BRIGHT = 200
"""Grey level that burned-in marks reach."""


@pytest.fixture(scope="module")
def model(shipped):
    return shipped("breast-ultrasound-256")


def test_the_checkpoint_is_small_and_says_where_it_comes_from(model):
    model.check_files(
        "BUS-BRA",
        "BUS-BRA data set licence (use, copy, modify, publish, distribute; citation required)",
        most=25e6,
    )


def test_lesions_are_darker_than_the_tissue_beside_them(model):
    for name in ("1-oval", "2-small", "4-grown"):
        mask = model.examples[name]
        lesion = mask == LESION
        beside = ndimage.binary_dilation(lesion, iterations=14) & ~ndimage.binary_dilation(lesion, iterations=4)
        darker = [
            image[lesion].mean() < image[beside].mean() - 4
            for image in (model.paint(mask, seed) for seed in SEEDS)
        ]
        assert all(darker), name


def test_marks_are_burned_in_only_where_the_mask_has_them(model):
    mask = next(iter(model.examples.values()))
    marked = mask.copy()
    for row, column in ((40, 40), (40, 210), (200, 40)):
        marked[row - 1 : row + 2, column - 7 : column + 8] = MARKS
        marked[row - 7 : row + 8, column - 1 : column + 2] = MARKS
    crosses = marked == MARKS
    for seed in SEEDS:
        plain, with_marks = model.paint(mask, seed), model.paint(marked, seed)
        assert with_marks[crosses].mean() > plain[crosses].mean() + 30, seed
        assert (plain > BRIGHT).mean() < (with_marks > BRIGHT).mean() + 0.02, seed


def test_pathology_changes_the_picture_and_unknown_is_a_third_one(model):
    assert [(one.name, one.values) for one in model.checkpoint.description.attributes] == [
        ("pathology", ("benign", "malignant"))
    ]
    mask = next(iter(model.examples.values()))
    images = [
        model.paint(mask, 0, **asked) for asked in ({}, {"pathology": "benign"}, {"pathology": "malignant"})
    ]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(images[first] - images[second]).mean() > 0.5
