import numpy as np
import pytest
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.io.references import mask_beside, read_reference
from segpaint.io.sizes import Fit, WrongSizeError

GREY = np.tile(np.arange(32, dtype=np.uint8), (32, 1))


@pytest.fixture
def save(tmp_path):
    def write(image, name="slice.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
        return path

    return write


def test_a_grey_image_is_read_as_it_is(save):
    np.testing.assert_array_equal(read_reference(save(Image.fromarray(GREY)), 32, 1), GREY)


def test_colours_become_what_the_checkpoint_makes(save):
    path = save(Image.fromarray(np.stack([GREY] * 3, axis=-1)))
    np.testing.assert_array_equal(read_reference(path, 32, 1), GREY)
    assert read_reference(path, 32, 3).shape == (32, 32, 3)
    assert read_reference(save(Image.fromarray(GREY), "grey.png"), 32, 3).shape == (32, 32, 3)


def test_another_size_is_resampled_if_asked_for(save):
    path = save(Image.fromarray(GREY))
    with pytest.raises(WrongSizeError, match="32 x 32 pixels, the checkpoint takes 64 x 64"):
        read_reference(path, 64, 1)
    assert read_reference(path, 64, 1, Fit.STRETCH).shape == (64, 64)
    wide = read_reference(save(Image.fromarray(GREY[:16]), "wide.png"), 64, 1, Fit.PAD)
    assert wide.shape == (64, 64)
    assert wide[20:44].any()
    assert not wide[:16].any()
    assert not wide[48:].any()


def test_an_image_of_16_bits_is_windowed_between_percentiles_of_its_own(save):
    levels = np.tile(np.arange(1000, 1000 + 32 * 40, 40, dtype=np.uint16), (32, 1))
    levels[0, 0], levels[0, 1] = 0, 65535  # metal, or a burnt-in mark, must not take all the contrast
    image = read_reference(save(Image.fromarray(levels)), 32, 1)
    assert (image.dtype, image[5, 0], image[5, -1]) == (np.uint8, 0, 255)
    np.testing.assert_allclose(image[5], np.linspace(0, 255, 32), atol=1)
    assert (image[0, 0], image[0, 1]) == (0, 255)


@pytest.mark.parametrize(("spot", "brightest"), [(0, 0), (500, 255)])
def test_an_image_of_16_bits_that_is_all_but_empty_shows_what_there_is(save, spot, brightest):
    levels = np.full((32, 32), 300, np.uint16)
    levels[3, 4] += spot
    image = read_reference(save(Image.fromarray(levels)), 32, 1)
    assert (image[3, 4], image.min(), np.count_nonzero(image)) == (brightest, 0, int(spot > 0))


def test_what_cannot_be_used_is_said(save, tmp_path):
    with pytest.raises(SegPaintError, match="neither whole numbers nor colours"):
        read_reference(save(Image.fromarray(GREY.astype(np.float32)), "fractions.tiff"), 32, 1)
    with pytest.raises(SegPaintError, match="There is no file"):
        read_reference(tmp_path / "nowhere.png", 32, 1)
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(SegPaintError, match="cannot be read as an image"):
        read_reference(tmp_path / "text.png", 32, 1)


@pytest.mark.parametrize("name", ["slice_mask.png", "../../masks/all/val/slice.png"])
def test_a_mask_is_found_beside_its_image_or_in_the_data_set(save, tmp_path, name):
    path = save(Image.fromarray(GREY), "data/images/val/slice.png")
    assert mask_beside(path) is None
    mask = save(Image.fromarray(GREY), f"data/images/val/{name}")
    assert mask_beside(path) == mask.resolve()
