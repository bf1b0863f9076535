"""The shipped networks for few steps make what their teachers make: as faithful, as sharp, and much alike."""

import numpy as np
import pytest

from segpaint.api import open_checkpoint
from segpaint.core.requests.checkpoint import has_few_steps
from segpaint.paths import checkpoint_folders

NAMES = [folder.name for folder in checkpoint_folders() if has_few_steps(folder)]
MASKS = 3
SEEDS = (0, 1)


@pytest.fixture(scope="module", params=NAMES)
def made(request):
    """Images of the same masks and seeds in 20, 4 and 2 steps, with the Dice of each."""
    checkpoint = open_checkpoint(request.param, "cpu")
    found = {}
    for sampler, steps in (("dpm++", 20), ("few", 4), ("few", 2)):
        results = [
            checkpoint.generate(mask, seed=seed, sampler=sampler, steps=steps)
            for mask in list(checkpoint.examples.values())[:MASKS]
            for seed in SEEDS
        ]
        dice = [np.mean(list(checkpoint.judge(result).dice.values())) for result in results]
        found[steps] = np.stack([result.pixels for result in results]).astype(float), np.mean(dice)
    return found


def sharpness(images):
    """Mean difference between neighbours, in grey levels."""
    return np.abs(np.diff(images, axis=2)).mean()


def test_there_are_some():
    assert NAMES


@pytest.mark.parametrize(("steps", "share"), [(4, 0.97), (2, 0.95)])
def test_masks_are_followed_as_well(made, steps, share):
    assert made[steps][1] >= share * made[20][1]


@pytest.mark.parametrize(("steps", "share"), [(4, 0.9), (2, 0.75)])
def test_images_are_as_sharp(made, steps, share):
    assert sharpness(made[steps][0]) >= share * sharpness(made[20][0])


def test_a_seed_makes_much_the_same_image(made):
    whole, few = made[20][0], made[4][0]
    same = np.abs(few - whole).mean()
    other = np.abs(few[0::2] - whole[1::2]).mean()
    assert same < 0.6 * other


@pytest.mark.parametrize("name", NAMES)
def test_they_are_small_enough_to_ship(name):
    folder = next(folder for folder in checkpoint_folders() if folder.name == name)
    assert sum(path.stat().st_size for path in (folder / "few_steps").glob("*.safetensors")) <= 22e6
