import pytest
import torch

from segpaint.core.diffusion.network import build_network, fold, unfold

factors = pytest.mark.parametrize("factor", [1, 2, 4])


def draw(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@factors
def test_unfolding_undoes_folding(factor):
    image = draw(2, 3, 16, 24)
    folded = fold(image, factor)
    assert folded.shape == (2, 3 * factor**2, 16 // factor, 24 // factor)
    torch.testing.assert_close(unfold(folded, factor), image)


@factors
def test_folding_is_orthonormal(factor):
    basis = torch.eye(64).reshape(64, 1, 8, 8)
    rows = fold(basis, factor).flatten(1)
    torch.testing.assert_close(rows @ rows.T, torch.eye(64))


@factors
def test_white_noise_stays_white(factor):
    folded = fold(draw(64, 1, 64, 64), factor)
    channels = folded.transpose(0, 1).flatten(1)
    expected = torch.eye(factor**2)
    torch.testing.assert_close(torch.cov(channels).reshape(expected.shape), expected, atol=0.05, rtol=0)
    neighbours = (folded[..., 1:] * folded[..., :-1]).mean(dim=(0, 2, 3))
    torch.testing.assert_close(neighbours, torch.zeros_like(neighbours), atol=0.05, rtol=0)


@factors
def test_a_flat_image_has_its_mean_in_one_channel(factor):
    folded = fold(torch.full((1, 1, 8, 8), 0.5), factor)
    torch.testing.assert_close(folded[:, 0], torch.full_like(folded[:, 0], 0.5 * factor))
    torch.testing.assert_close(folded[:, 1:], torch.zeros_like(folded[:, 1:]))


@pytest.mark.parametrize(("channels", "space_to_depth"), [(1, 1), (1, 2), (3, 2), (1, 4)])
def test_a_network_answers_in_the_shape_of_the_sample(channels, space_to_depth):
    network = build_network(
        size=32, channels=channels, conditioning_channels=2, space_to_depth=space_to_depth, widths=(32, 32)
    )
    sample = draw(2, channels, 32, 32)
    output = network(sample, torch.tensor(5), draw(2, 2, 32, 32))
    assert output.shape == sample.shape
    assert torch.isfinite(output).all()


def test_a_network_sees_sample_timestep_and_conditioning(tiny_engine):
    network = tiny_engine.network
    with torch.inference_mode():
        seen = [
            network(draw(1, 1, 32, 32) * a, torch.tensor(t), torch.ones(1, 3, 32, 32) * c)
            for a, t, c in [(1, 5, 1), (0.5, 5, 1), (1, 500, 1), (1, 5, -1)]
        ]
    for other in seen[1:]:
        assert (seen[0] - other).abs().max() > 1e-3
