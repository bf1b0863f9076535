"""The shipped head and neck model does what it is asked: shown by grey values alone, over several seeds."""

import numpy as np
import pytest

from segpaint.core.labels.labels import BACKGROUND, FREE

BODY, BONE, AIR, MANDIBLE = 1, 2, 3, 10
SEEDS = range(3)


@pytest.fixture(scope="module")
def model(shipped):
    return shipped("head-neck-ct-128")


def test_the_checkpoint_is_small_and_says_where_it_comes_from(model):
    model.check_files("OpenKBP", "MIT")


@pytest.mark.parametrize("name", ["1-jaw", "2-skull-base", "3-larynx", "4-shoulders", "5-wide-windpipe"])
def test_bone_is_bright_air_dark_and_nothing_is_outside(model, name):
    mask = model.examples[name]
    for seed in SEEDS:
        image = model.paint(mask, seed)
        soft = np.median(image[mask == BODY])
        assert 60 < soft < 200, seed
        assert image[mask == BONE].mean() > soft + 40, seed
        if (mask == AIR).any():
            assert image[mask == AIR].mean() < soft - 40, seed
        assert (image[mask == BACKGROUND] > 60).mean() < 0.03, seed


def test_the_jaw_is_where_the_mask_has_it(model):
    mask = model.examples["1-jaw"]
    without = np.where(mask == MANDIBLE, BODY, mask).astype(np.uint8)
    for seed in SEEDS:
        there, not_there = model.paint(mask, seed), model.paint(without, seed)
        assert there[mask == MANDIBLE].mean() > 30 + not_there[mask == MANDIBLE].mean(), seed


def test_with_the_outline_alone_the_model_fills_in_bone(model):
    mask = model.examples["1-jaw"]
    for seed in SEEDS:
        image = model.paint(mask, seed, used=(BODY,))
        assert (image[mask != BACKGROUND] > 220).mean() > 0.02, seed
        assert (image[mask == BACKGROUND] > 60).mean() < 0.03, seed


def test_the_image_changes_where_a_region_is_free(model):
    mask = model.examples["1-jaw"]
    free = mask.copy()
    free[:, 64:] = FREE
    changes = np.mean([np.abs(model.paint(mask, seed) - model.paint(free, seed)) for seed in SEEDS], axis=0)
    assert changes[:, 64:].mean() > 2 * changes[:, :60].mean()
