"""The shipped abdomen model does what it is asked: shown by grey values alone, over several seeds."""

import numpy as np
import pytest
from scipy import ndimage

from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.paths import find_checkpoint

LIVER = 1
SEEDS = range(2)
SOFT = (65, 150)
"""Grey levels of livers in the data's narrow window, where fat and air are black."""


@pytest.fixture(scope="module")
def model(shipped):
    return shipped("abdomen-ct-256")


def test_the_checkpoint_is_small_and_says_where_it_comes_from(model):
    model.check_files("Medical Segmentation Decathlon", "CC BY-SA 4.0", most=25e6)


def test_scans_are_seen_as_its_training_images_were():
    low, high = read_checkpoint(find_checkpoint("abdomen-ct-256")).description.window
    fat, plain_liver, enhanced_liver = (255 * (units - low) / (high - low) for units in (-95, 60, 110))
    assert fat < 12
    assert SOFT[0] < plain_liver < enhanced_liver < SOFT[1]


@pytest.mark.parametrize("name", ["1-large-right-lobe", "2-both-lobes", "4-grown"])
def test_livers_are_even_grey_tissue_inside_a_body(model, name):
    mask = model.examples[name]
    inside = ndimage.binary_erosion(mask == LIVER, iterations=3)
    for seed in SEEDS:
        image = model.paint(mask, seed)
        assert SOFT[0] < np.median(image[inside]) < SOFT[1], seed
        assert (image[inside] > 30).mean() > 0.97, seed
        assert 0.5 < (image < 12).mean() < 0.92, seed  # air around the body, and its fat
        assert (image > 200).sum() > 100, seed  # bone


def test_livers_have_the_noise_of_a_scanner(model):
    mask = model.examples["1-large-right-lobe"]
    inside = ndimage.binary_erosion(mask == LIVER, iterations=6)
    for seed in SEEDS:
        image = model.paint(mask, seed).astype(float)
        detail = image - ndimage.gaussian_filter(image, 1.0)
        assert 9 < detail[inside].std() < 14, seed  # grey levels; without the noise that is added, 6 to 7


def test_the_liver_is_where_the_mask_has_it(model):
    mask = model.examples["1-large-right-lobe"]
    there = mask == LIVER
    beyond = there & ~np.roll(there, 40, axis=0)
    moved = np.where(np.roll(there, 40, axis=0), LIVER, BACKGROUND).astype(np.uint8)
    for seed in SEEDS:
        before, after = model.paint(mask, seed), model.paint(moved, seed)
        assert (
            np.abs(before[beyond] - np.median(before[there])).mean() + 10
            < np.abs(after[beyond] - np.median(after[moved == LIVER])).mean()
        ), seed


def test_the_image_changes_where_a_region_is_free(model):
    mask = model.examples["1-large-right-lobe"]
    free = mask.copy()
    free[:, :128] = FREE
    changes = np.mean([np.abs(model.paint(mask, seed) - model.paint(free, seed)) for seed in SEEDS], axis=0)
    assert changes[:, :128].mean() > changes[:, 140:].mean()
