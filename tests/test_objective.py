import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler

from segpaint.core.labels.labels import FREE
from segpaint.training.objective import (
    denoising_loss,
    draw_free,
    draw_timesteps,
    draw_used,
    loss_weights,
)


def rng():
    return np.random.default_rng(0)


def scheduler(prediction="v_prediction"):
    return DDPMScheduler(beta_schedule="squaredcos_cap_v2", prediction_type=prediction)


def subsets(used):
    return used @ (1 << np.arange(used.shape[1]))


def test_each_subset_of_labels_is_equally_likely():
    used = draw_used(np.ones((16_000, 3), np.bool_), rng(), full_share=0, blank_share=0)
    counts = np.bincount(subsets(used), minlength=8)
    chi_square = ((counts - 2000) ** 2 / 2000).sum()
    assert chi_square < 24.3  # 7 degrees of freedom, p = 0.001


def test_a_label_that_nobody_looked_for_is_never_used():
    annotated = rng().random((4000, 3)) < 0.5
    for shares in ({"full_share": 0.3, "blank_share": 0.1}, {"full_share": 1, "blank_share": 0}):
        used = draw_used(annotated, np.random.default_rng(1), **shares)
        assert not (used & ~annotated).any()
        assert used.any()


def test_images_of_a_batch_are_drawn_independently():
    used = draw_used(np.ones((40_000, 3), np.bool_), rng(), full_share=0.2, blank_share=0.1)
    first, second = subsets(used[::2]), subsets(used[1::2])
    table = np.histogram2d(first, second, bins=(8, 8))[0]
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    chi_square = ((table - expected) ** 2 / expected).sum()
    assert chi_square < 85.4  # 49 degrees of freedom, p = 0.001


def test_full_and_blank_masks_have_their_shares():
    used = draw_used(np.ones((40_000, 3), np.bool_), rng(), full_share=0.25, blank_share=0.1)
    counts = np.bincount(subsets(used), minlength=8) / len(used)
    rest = 0.65 / 8
    assert abs(counts[7] - 0.25 - rest) < 0.01
    assert abs(counts[0] - 0.1 - rest) < 0.01
    assert np.abs(counts[1:7] - rest).max() < 0.01


def test_what_is_annotated_is_not_changed_by_a_draw():
    annotated = np.ones((50, 3), np.bool_)
    draw_used(annotated, rng(), full_share=0, blank_share=1)
    assert annotated.all()


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_share_of_the_masks_gets_a_free_region(share):
    masks = np.full((500, 16, 16), 4, np.uint8)
    freed = draw_free(masks, rng(), share)
    assert set(np.unique(freed)) <= {4, FREE}
    assert (masks == 4).all()
    touched = (freed == FREE).any(axis=(1, 2)).mean()
    assert share - 0.12 < touched < share + 0.06  # some ellipses miss every pixel


def test_free_regions_are_inside_or_outside_an_ellipse():
    freed = draw_free(np.zeros((400, 32, 32), np.uint8), rng(), 1.0) == FREE
    corners = freed[:, [0, 0, -1, -1], [0, -1, 0, -1]].sum(axis=1)
    assert 0.1 < (corners >= 3).mean() < 0.4


@pytest.mark.parametrize("gamma", [1.0, 5.0])
@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon", "sample"])
def test_weights_follow_the_min_snr_formula(prediction, gamma):
    weights = loss_weights(scheduler(prediction), gamma).double().numpy()
    kept = scheduler(prediction).alphas_cumprod.double().numpy()
    for timestep in (0, 1, 10, 250, 500, 750, 998, 999):
        snr = kept[timestep] / (1 - kept[timestep])
        expected = min(snr, gamma) / {"v_prediction": snr + 1, "epsilon": snr, "sample": 1}[prediction]
        np.testing.assert_allclose(weights[timestep], expected, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize("prediction", ["v_prediction", "sample"])
def test_a_floor_makes_the_noisiest_steps_count(prediction):
    without, weights = (loss_weights(scheduler(prediction), 5.0, floor) for floor in (0.0, 0.5))
    assert without[-1] < 1e-4
    assert weights[-1] == pytest.approx(0.5, rel=1e-3)
    little_noise = without > 0.5
    assert torch.equal(weights[little_noise], without[little_noise])


def test_a_gamma_of_nought_is_the_plain_error():
    assert (loss_weights(scheduler(), 0) == 1).all()


def test_timesteps_are_spread_over_all_noise_levels():
    generator = rng()
    seen = np.stack([draw_timesteps(8, scheduler(), generator).numpy() for _ in range(500)])
    assert seen.min() >= 0
    assert seen.max() <= 999
    gaps = np.diff(np.sort(seen, axis=1))
    assert gaps.min() >= 124
    assert gaps.max() <= 126
    assert np.abs(seen.mean(axis=0) - 499.5).max() < 45  # none has a place of its own in the batch
    histogram = np.histogram(seen, 10, (0, 1000))[0]
    assert histogram.min() > 350


@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon", "sample"])
def test_the_loss_is_the_weighted_error_against_what_is_predicted(prediction):
    rule = scheduler(prediction)
    generator = torch.Generator().manual_seed(0)
    images, noise = (torch.randn(4, 1, 8, 8, generator=generator) for _ in range(2))
    timesteps = torch.tensor([3, 200, 600, 950])
    kept = rule.alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    noisy = kept.sqrt() * images + (1 - kept).sqrt() * noise
    velocity = kept.sqrt() * noise - (1 - kept).sqrt() * images
    truth = {"v_prediction": velocity, "epsilon": noise, "sample": images}[prediction]
    weights = torch.linspace(0.5, 2, 1000)

    def ask(answer):
        def network(sample, asked, conditioning, attributes):
            torch.testing.assert_close(sample, noisy)
            assert torch.equal(asked, timesteps)
            return answer

        return float(denoising_loss(network, rule, weights, images, torch.zeros(4, 1, 8, 8), timesteps, noise))

    assert ask(truth) < 1e-10
    offset = torch.tensor([1.0, 2.0, 3.0, 4.0]).view(-1, 1, 1, 1)
    expected = (weights[timesteps] * offset.flatten() ** 2).mean()
    assert ask(truth + offset) == pytest.approx(float(expected), rel=1e-5)
