import numpy as np
import pytest
import torch

from segpaint.core.diffusion.conditioning import Encoder
from segpaint.core.labels.labels import FREE, LabelTable

BODY, HEART, BONE = range(3)
PIXELS = [0, 1, 2, 4, FREE]


@pytest.fixture(params=["signed", "index_255"])
def encoder(request, table):
    return Encoder(table, request.param)


@pytest.fixture
def signed(table):
    return Encoder(table, "signed")


@pytest.fixture
def index_255(table):
    return Encoder(table, "index_255")


def encode(encoder, used):
    """One row of pixels, one of each value, as (channels, pixels)."""
    masks = torch.tensor([[PIXELS]], dtype=torch.uint8)
    return encoder(masks, encoder.used(used))[0, :, 0]


def test_signed_says_here_not_here_or_unknown_of_each_label(signed):
    planes = encode(signed, (1, 2, 4))
    assert planes.dtype == torch.float32
    assert planes[HEART].tolist() == [-1, -1, 1, -1, 0]
    assert planes[BONE].tolist() == [-1, -1, -1, 1, 0]


def test_signed_counts_a_nested_label_as_its_parent_too(signed):
    assert encode(signed, (1, 2, 4))[BODY].tolist() == [-1, 1, 1, -1, 0]


def test_an_ablated_label_is_unknown_everywhere_and_leaves_the_others_alone(signed):
    full, ablated = encode(signed, (1, 2, 4)), encode(signed, (1, 4))
    assert ablated[HEART].tolist() == [0] * 5
    assert torch.equal(ablated[[BODY, BONE]], full[[BODY, BONE]])


def test_index_255_shows_each_label_as_its_index(index_255):
    expected = torch.tensor([0, 1, 2, 4, 0]) / 255
    torch.testing.assert_close(encode(index_255, (1, 2, 4))[0], expected)


def test_index_255_shows_an_ablated_label_as_the_one_around_it(index_255):
    torch.testing.assert_close(encode(index_255, (1, 4))[0], torch.tensor([0, 1, 1, 4, 0]) / 255)
    torch.testing.assert_close(encode(index_255, (2,))[0], torch.tensor([0, 0, 2, 0, 0]) / 255)


def test_a_blank_mask_is_zero(encoder):
    assert not encode(encoder, ()).any()


def test_a_free_region_is_zero(encoder):
    masks = torch.full((1, 4, 4), FREE, dtype=torch.uint8)
    assert not encoder(masks, encoder.used((1, 2, 4))).any()


def test_signed_tells_background_from_free(signed):
    planes = encode(signed, (1, 2, 4))
    assert not torch.equal(planes[:, PIXELS.index(0)], planes[:, PIXELS.index(FREE)])


def test_the_shape_is_what_the_encoder_says(encoder):
    masks = torch.zeros(3, 6, 8, dtype=torch.uint8)
    assert encoder(masks, torch.ones(3, 3, dtype=torch.bool)).shape == (3, encoder.channels, 6, 8)


def test_each_image_of_a_batch_is_encoded_as_if_alone(encoder):
    rng = np.random.default_rng(0)
    masks = torch.from_numpy(rng.choice(np.array(PIXELS, np.uint8), (5, 6, 6)))
    used = torch.from_numpy(rng.random((5, 3)) < 0.5)
    together = encoder(masks, used)
    for row in range(5):
        alone = encoder(masks[row : row + 1], used[row : row + 1])
        assert torch.equal(alone[0], together[row])


@pytest.mark.parametrize("labels", ["some", "no"])
def test_a_network_that_ignores_the_mask_is_shown_nothing(table, labels):
    encoder = Encoder(table if labels == "some" else LabelTable(()), "none")
    masks = torch.full((2, 6, 8), FREE, dtype=torch.uint8)
    used = encoder.used(encoder.table.indices).expand(2, -1)
    assert used.dtype == torch.bool
    assert encoder(masks, used).shape == (2, encoder.channels, 6, 8) == (2, 0, 6, 8)


def test_used_is_in_table_order(signed):
    assert signed.used((4, 1)).tolist() == [[True, False, True]]
    assert signed.used(()).tolist() == [[False, False, False]]
