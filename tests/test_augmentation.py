import numpy as np
import pytest
import torch

from segpaint.training.augmentation import augment
from segpaint.training.settings import Augmentation

GEOMETRY = Augmentation(share=1.0, brightness=0.0)
STILL = Augmentation(share=1.0, rotation=0, scale=0, shift=0, elastic=0, brightness=0)


def rng(seed=0):
    return np.random.default_rng(seed)


def blobs(count, size=64):
    """Smooth random shapes as masks, and images that are bright exactly where the masks are."""
    noise = torch.from_numpy(rng(5).normal(size=(count, 1, 6, 6))).float()
    field = torch.nn.functional.interpolate(noise, (size, size), mode="bicubic", align_corners=False)
    masks = (field[:, 0] > 0).to(torch.uint8) * 4
    return (masks.unsqueeze(1) > 0).float() * 2 - 1, masks


def test_image_and_mask_move_alike():
    images, masks = blobs(24)
    moved_images, moved_masks = augment(images, masks, GEOMETRY, rng())
    assert not torch.equal(moved_masks, masks)
    disagree = (moved_images[:, 0] > 0) != (moved_masks > 0)
    assert disagree.float().mean() < 0.01
    unmoved = (images[:, 0] > 0) != (moved_masks > 0)
    assert unmoved.float().mean() > 0.05


def test_masks_keep_their_values_and_types():
    images, masks = blobs(8)
    moved_images, moved_masks = augment(images, masks, GEOMETRY, rng())
    assert moved_masks.dtype == torch.uint8
    assert moved_masks.shape == masks.shape
    assert set(moved_masks.unique().tolist()) == {0, 4}
    assert moved_images.dtype == torch.float32
    assert moved_images.shape == images.shape
    assert moved_images.abs().max() <= 1


def test_what_was_given_stays_as_it_was():
    images, masks = blobs(4)
    before = images.clone(), masks.clone()
    augment(images, masks, Augmentation(share=1.0), rng())
    assert torch.equal(images, before[0])
    assert torch.equal(masks, before[1])


def test_organs_keep_their_sides():
    images, masks = blobs(200, 32)
    masks[:], images[:] = 0, -1
    masks[..., 4:10] = 4
    moved = augment(images, masks, GEOMETRY, rng())[1]
    left, right = moved[..., :16].count_nonzero((1, 2)), moved[..., 16:].count_nonzero((1, 2))
    assert (left > right).all()


def test_half_of_the_images_are_flipped_if_asked_for():
    images, masks = blobs(400, 32)
    masks[:] = 0
    masks[..., 4:10] = 4
    flipping = Augmentation(share=1.0, rotation=0, scale=0, shift=0, elastic=0, brightness=0, flip=True)
    moved_images, moved_masks = augment(images, masks, flipping, rng())
    flipped = moved_masks[:, 0, -5] > 0
    assert 150 < flipped.sum() < 250
    torch.testing.assert_close(moved_images[flipped], images[flipped].flip(-1), atol=1e-5, rtol=0)
    torch.testing.assert_close(moved_images[~flipped], images[~flipped], atol=1e-5, rtol=0)


def test_no_change_is_exactly_no_change():
    images, masks = blobs(4)
    moved_images, moved_masks = augment(images, masks, STILL, rng())
    torch.testing.assert_close(moved_images, images, atol=1e-5, rtol=0)
    assert torch.equal(moved_masks, masks)


def test_pictures_stay_sharp():
    images = torch.from_numpy(rng().uniform(-0.5, 0.5, (64, 1, 64, 64))).float()
    shifted = Augmentation(share=1.0, rotation=12, scale=0.15, shift=0.06, elastic=0, brightness=0)
    moved, _ = augment(images, torch.zeros(64, 64, 64, dtype=torch.uint8), shifted, rng())
    # Bilinear resampling keeps 4/9 of the variance of noise.
    assert moved.var() / images.var() > 0.6


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_changed_images_is_as_asked_for(share):
    images, masks = blobs(400, 16)
    moved, _ = augment(images, masks, Augmentation(share=share), rng())
    changed = (moved != images).flatten(1).any(dim=1).float().mean()
    assert abs(changed - share) < 0.07


def test_brightness_changes_the_image_alone():
    images, masks = blobs(16)
    images = images * 0.5
    brighter = Augmentation(share=1.0, rotation=0, scale=0, shift=0, elastic=0, brightness=0.3)
    moved_images, moved_masks = augment(images, masks, brighter, rng())
    assert torch.equal(moved_masks, masks)
    assert (moved_images - images).abs().mean() > 0.01
    assert (moved_images[images > 0] > 0).float().mean() > 0.5


def test_the_same_random_numbers_make_the_same_changes():
    images, masks = blobs(8)
    once, again, other = (augment(images, masks, Augmentation(share=1.0), rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(once[0], again[0])
    assert torch.equal(once[1], again[1])
    assert not torch.equal(once[0], other[0])


def test_with_a_margin_bodies_stay_whole():
    masks = torch.zeros(200, 64, 64, dtype=torch.uint8)
    masks[:, 12:52, 8:56] = 4  # a margin of 8 pixels
    images = (masks.unsqueeze(1) > 0).float() * 2 - 1
    change = Augmentation(share=1.0, rotation=10, scale=0.2, shift=0.02, elastic=0.5, brightness=0, cover=False)
    moved = augment(images, masks, change, rng())[1] > 0
    edges = moved[:, 0].any() | moved[:, -1].any() | moved[:, :, 0].any() | moved[:, :, -1].any()
    assert not edges
    shares = moved.float().mean((1, 2)) / (masks > 0).float().mean((1, 2))
    assert 0.8**2 - 0.05 < shares.min() < 0.8
    assert 0.95 < shares.max() < 1.05
