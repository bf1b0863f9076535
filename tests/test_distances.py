import numpy as np
import pytest
from skimage.metrics import structural_similarity

from segpaint.evaluation.distances import (
    frechet_distance,
    kernel_distance,
    multiscale_similarity,
    nearest,
    precision_recall,
    spectrum,
    standardised,
)


def cloud(seed, count=400, shift=0.0, spread=1.0):
    return shift + spread * np.random.default_rng(seed).standard_normal((count, 5))


def test_frechet_distance_of_gaussians_is_the_closed_form():
    # |3|^2 in each of five directions, and (2 - 1)^2 for each of their deviations
    distance = frechet_distance(cloud(0, 20000), cloud(1, 20000, shift=3, spread=2))
    assert distance == pytest.approx(5 * (9 + 1), rel=0.05)


def test_frechet_distance_of_a_set_to_itself_is_zero():
    assert frechet_distance(cloud(0), cloud(0)) == pytest.approx(0, abs=1e-6)


def test_frechet_distance_stands_fewer_images_than_features():
    few = np.random.default_rng(0).standard_normal((2, 6, 40))
    assert frechet_distance(*few) > 0


def test_kernel_distance_is_unbiased():
    values = [kernel_distance(cloud(seed, 20), cloud(seed + 1000, 20)) for seed in range(200)]
    error = np.std(values) / len(values) ** 0.5
    assert abs(np.mean(values)) < 4 * error
    assert kernel_distance(cloud(0), cloud(1, shift=0.5)) > 10 * np.std(values) / 20


def test_a_set_lies_wholly_among_itself():
    assert precision_recall(cloud(0, 50), cloud(0, 50)) == (1, 1)


def test_two_samples_of_one_distribution_lie_among_each_other_alike():
    precision, recall = precision_recall(cloud(0), cloud(1))
    assert precision == pytest.approx(recall, abs=0.1)
    assert min(precision, recall) > 0.7
    assert precision_recall(cloud(0), cloud(1, shift=20)) == (0, 0)


def test_images_of_one_kind_alone_are_precise_and_miss_the_others():
    kinds = np.concatenate([cloud(0), cloud(1, shift=20)])
    precision, recall = precision_recall(cloud(2), kinds)
    assert precision > 0.7
    assert recall < 0.5


def test_precision_and_recall_are_those_counted_by_hand():
    # The third neighbours of 0, 1, 2 and 3 are 3, 2, 2 and 3 away; that of 4.5 is 7.5 away.
    first, second = np.array([[10], [4.5], [11], [12]]), np.array([[0.0], [1], [2], [3]])
    assert precision_recall(first, second) == (0.25, 1.0)


def picture(seed, size=64, channels=1):
    return np.random.default_rng(seed).integers(0, 256, (channels, size, size), np.uint8)


@pytest.mark.parametrize("size", [11, 32, 128, 200])
@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_is_wholly_like_itself(size, channels):
    assert multiscale_similarity(*[picture(0, size, channels)] * 2) == pytest.approx(1)


def test_with_one_scale_the_similarity_is_that_of_scikit_image():
    first, second = picture(0, 20), (picture(0, 20) // 2 + picture(1, 20) // 3).astype(np.uint8)
    known = structural_similarity(
        first[0], second[0], gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert multiscale_similarity(first, second) == pytest.approx(known)


def test_an_even_shift_of_grey_counts_at_the_coarsest_scale_alone():
    first = np.full((1, 200, 200), 100, np.uint8)
    level = (2 * 100 * 150 + 2.55**2) / (100**2 + 150**2 + 2.55**2)
    assert multiscale_similarity(first, first + np.uint8(50)) == pytest.approx(level**0.1333, rel=1e-3)


def test_noise_grows_and_similarity_falls():
    even = np.full((1, 128, 128), 128.0)
    noise = np.random.default_rng(0).normal(0, 1, even.shape)
    smooth = 60 * np.sin(np.arange(128) / 9) + even
    noisy = [np.clip(smooth + spread * noise, 0, 255).astype(np.uint8) for spread in (0, 5, 20, 60)]
    falling = [multiscale_similarity(noisy[0], other) for other in noisy]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] < 0.9


def test_the_nearest_reference_is_found_across_blocks():
    rng = np.random.default_rng(0)
    references = rng.integers(0, 256, (50, 1, 8, 8), np.uint8)
    rows, distances = nearest(references[[41, 3]], references, block=7)
    assert rows.tolist() == [41, 3]
    assert distances == pytest.approx([0, 0], abs=0.05)


def test_the_distance_is_the_root_mean_squared_difference():
    queries, references = np.full((1, 1, 4, 4), 10, np.uint8), np.full((1, 1, 4, 4), 13, np.uint8)
    assert nearest(queries, references)[1].item() == pytest.approx(3)


def test_standardised_features_have_one_spread():
    features = cloud(0) * [1, 10, 100, 1000, 0]
    spreads = standardised(features, features).std(axis=0)
    assert spreads[:4] == pytest.approx([1, 1, 1, 1], rel=1e-3)
    assert spreads[4] == 0


def test_the_spectrum_tells_coarse_from_fine():
    columns = np.arange(128)
    coarse, fine = (
        np.broadcast_to((127 + 100 * np.sin(2 * np.pi * frequency * columns)), (1, 1, 128, 128)).astype(
            np.uint8
        )
        for frequency in (0.07, 0.45)
    )
    assert spectrum(coarse).argmax() == 1
    assert spectrum(fine).argmax() == 5


def test_the_spectrum_of_white_noise_is_flat():
    noise = np.random.default_rng(0).integers(0, 256, (50, 1, 64, 64), np.uint8)
    powers = spectrum(noise)
    assert powers.max() < 1.3 * powers.min()
