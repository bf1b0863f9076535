import numpy as np
import pytest

from segpaint.evaluation.distances import frechet_distance, kernel_distance, nearest, spectrum, standardised


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
