"""The shipped heart model does what it is asked: shown by grey values alone, over several seeds."""

import numpy as np
import pytest
import torch

from segpaint.core.diffusion.segmenter import load_segmenter
from segpaint.core.labels.labels import FREE
from segpaint.core.requests.faithfulness import dice, overlaps
from segpaint.training.segmenter_training import segment

CAVITY, MYOCARDIUM = 1, 2
SEEDS = range(4)


@pytest.fixture(scope="module")
def heart(shipped):
    return shipped("cardiac-cine-mri-128")


@pytest.fixture(scope="module")
def examples(heart):
    return heart.examples


@pytest.fixture(scope="module")
def paint(heart):
    return heart.paint


def contrast(image, mask):
    """How much brighter the image is where the mask has blood than where it has muscle."""
    return image[mask == CAVITY].mean() / image[mask == MYOCARDIUM].mean()


def test_the_checkpoint_is_small_and_says_where_it_comes_from(heart):
    heart.check_files("Sunnybrook", "CC0-1.0")


@pytest.mark.parametrize("name", ["1-healthy", "2-thick-wall", "3-dilated", "6-thick-septum"])
def test_its_segmenter_finds_what_was_asked_for_in_what_it_paints(heart, paint, name):
    segmenter = load_segmenter(heart.checkpoint.folder, torch.device("cpu"))
    masks = np.stack([heart.examples[name]] * len(SEEDS))
    images = np.stack([paint(masks[0], seed) for seed in SEEDS]).round().astype(np.uint8)
    found = segment(segmenter, images[:, None], torch.device("cpu"))
    scores = dice(overlaps(heart.checkpoint.table.planes(masks), found, masks)).mean(axis=0)
    assert scores[0] > 0.8
    assert scores[1] > 0.7


@pytest.mark.parametrize("name", ["1-healthy", "2-thick-wall", "3-dilated", "6-thick-septum"])
def test_blood_is_bright_and_the_wall_dark_where_the_mask_says(paint, examples, name):
    mask = examples[name]
    for seed in SEEDS:
        assert contrast(paint(mask, seed), mask) > 1.4, seed


def test_a_thicker_wall_takes_the_place_of_blood(paint, examples):
    healthy, thick = examples["1-healthy"], examples["2-thick-wall"]
    band = (healthy == CAVITY) & (thick == MYOCARDIUM)
    for seed in SEEDS:
        assert paint(healthy, seed)[band].mean() > 1.3 * paint(thick, seed)[band].mean(), seed


def test_blood_does_not_grow_beyond_its_border(paint, examples):
    """Just outside the cavity the grey values are nearer to the wall's than to the blood's."""
    mask = examples["2-thick-wall"]
    rows, columns = np.nonzero(mask == CAVITY)
    distance = np.hypot(*(np.mgrid[:128, :128] - np.array([rows.mean(), columns.mean()])[:, None, None]))
    edge = np.sqrt(len(rows) / np.pi)
    shell = (mask == MYOCARDIUM) & (distance > edge + 2) & (distance < edge + 6)
    for seed in SEEDS:
        image = paint(mask, seed)
        middle = (image[mask == CAVITY].mean() + image[mask == MYOCARDIUM].mean()) / 2
        assert image[shell].mean() < middle, seed


def test_no_ventricle_grows_where_the_mask_knows_there_is_none(paint, examples):
    """A heart to the left leaves the right without one, and the other way round."""
    places = [np.roll(examples["1-healthy"], by, axis=1) for by in (-25, 25)]
    for asked, other in (places, places[::-1]):
        for seed in SEEDS:
            image = paint(asked, seed)
            assert contrast(image, asked) > 1.3 * contrast(image, other), seed


@pytest.mark.parametrize("ablated", [CAVITY, MYOCARDIUM])
def test_the_image_changes_where_a_label_is_ablated(paint, examples, ablated):
    mask = examples["4-contracted"]
    used = tuple(index for index in (CAVITY, MYOCARDIUM) if index != ablated)
    changes = [np.abs(paint(mask, seed) - paint(mask, seed, used))[mask != 0].mean() for seed in SEEDS]
    assert np.mean(changes) > 5


def test_the_image_changes_where_a_region_is_free(paint, examples):
    mask = examples["2-thick-wall"]
    free = mask.copy()
    free[:, 64:] = FREE
    changes = [np.abs(paint(mask, seed) - paint(free, seed)) for seed in SEEDS]
    region = mask.copy()
    region[:, :64] = 0
    assert np.mean([change[region != 0].mean() for change in changes]) > 5


def test_without_a_mask_it_still_paints_a_heart_like_slice(paint, examples):
    for seed in SEEDS:
        image = paint(examples["1-healthy"] * 0, seed, ())
        assert np.percentile(image, 5) < 40  # lung and air
        assert np.percentile(image, 95) > 110  # blood and fat
