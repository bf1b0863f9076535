import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from PIL.PngImagePlugin import PngInfo

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE
from segpaint.io.contents import content_of
from segpaint.io.image_files import encode_mask
from segpaint.io.masks import read_mask, read_region
from segpaint.io.sizes import WrongSizeError


@pytest.fixture
def save(tmp_path):
    """Save pixels, or a picture, as a PNG and return its path."""

    def write(content, mode=None):
        image = content if isinstance(content, Image.Image) else Image.fromarray(content)
        path = tmp_path / "mask.png"
        (image.convert(mode) if mode else image).save(path)
        return path

    return write


def test_what_is_encoded_is_read_again(table, drawn_mask, tmp_path):
    mask = drawn_mask.copy()
    mask[:3] = FREE
    (tmp_path / "a.png").write_bytes(encode_mask(mask, table))
    read = read_mask(tmp_path / "a.png", table, 32)
    assert read.dtype == np.uint8
    assert np.array_equal(read, mask)


def test_a_grey_image_is_read_by_its_values(table, drawn_mask, save):
    assert np.array_equal(read_mask(save(drawn_mask), table, 32), drawn_mask)


def test_a_palette_image_is_read_by_its_indices_whatever_the_colours(table, drawn_mask, save):
    image = Image.fromarray(drawn_mask)
    image.putpalette(np.random.default_rng(0).integers(0, 256, 768).astype(np.uint8).tobytes())
    assert np.array_equal(read_mask(save(image), table, 32), drawn_mask)


def test_a_palette_image_of_few_colours_is_read_by_its_indices(table, drawn_mask, tmp_path):
    image = Image.fromarray(drawn_mask)
    image.putpalette(table.colors()[:5].tobytes())
    image.save(tmp_path / "a.png", bits=4)
    assert np.array_equal(read_mask(tmp_path / "a.png", table, 32), drawn_mask)


def test_a_black_and_white_image_is_the_first_label(table, drawn_mask, save):
    path = save(Image.fromarray(drawn_mask > 0))
    assert np.array_equal(read_mask(path, table, 32), (drawn_mask > 0).astype(np.uint8))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "I;16"])
def test_an_image_that_holds_no_indices_is_refused(table, drawn_mask, save, mode):
    path = save(drawn_mask, mode)
    with pytest.raises(SegPaintError, match="not label indices") as caught:
        read_mask(path, table, 32)
    assert str(path) in str(caught.value)
    assert "The window translates such a mask" in str(caught.value)


def test_unknown_labels_are_listed_beside_the_known_ones(table, drawn_mask, save):
    drawn_mask = drawn_mask.copy()
    drawn_mask[0, :2] = 3, 200
    with pytest.raises(SegPaintError, match=r"mask\.png.*3, 200.*1 body, 2 heart, 4 bone\. The window"):
        read_mask(save(drawn_mask), table, 32)


@pytest.mark.parametrize("shape", [(16, 16), (64, 64), (32, 31), (1, 1)])
def test_a_mask_of_another_size_is_refused_with_a_way_out(table, save, shape):
    path = save(np.zeros(shape, np.uint8))
    with pytest.raises(WrongSizeError, match=rf"{shape[1]} x {shape[0]}.*32 x 32.*resize=True"):
        read_mask(path, table, 32)


def test_resizing_takes_the_nearest_pixel(table, drawn_mask, save):
    enlarged = drawn_mask.repeat(3, axis=0).repeat(3, axis=1)
    assert np.array_equal(read_mask(save(enlarged), table, 32, resize=True), drawn_mask)
    checkered = np.indices((64, 64)).sum(axis=0).astype(np.uint8) % 2 * 4
    shrunk = read_mask(save(checkered[:, :48]), table, 32, resize=True)
    assert shrunk.shape == (32, 32)
    assert set(np.unique(shrunk)) <= {0, 4}


def test_resizing_does_not_let_unknown_labels_through(table, save):
    mask = np.zeros((128, 128), np.uint8)
    mask[1, 1] = 77
    with pytest.raises(SegPaintError, match="77"):
        read_mask(save(mask), table, 32, resize=True)


def test_an_empty_file_is_called_empty(table, tmp_path):
    (tmp_path / "a.png").touch()
    for read in (lambda path: read_mask(path, table, 32), lambda path: read_region(path, 32)):
        with pytest.raises(SegPaintError, match=r"a\.png cannot be read as an image: it is empty"):
            read(tmp_path / "a.png")


def test_a_missing_file_is_named(table, tmp_path):
    with pytest.raises(SegPaintError, match=r"There is no file .*nowhere\.png"):
        read_mask(tmp_path / "nowhere.png", table, 32)


def test_a_folder_is_no_mask(table, tmp_path):
    with pytest.raises(SegPaintError, match="is a folder"):
        read_mask(tmp_path, table, 32)


def test_a_damaged_file_is_called_damaged(table, mask_file, tmp_path):
    content = mask_file.read_bytes()
    for length in range(1, len(content) - 40, 7):
        (tmp_path / "a.png").write_bytes(content[:length])
        with pytest.raises(SegPaintError, match="damaged or no image"):
            read_mask(tmp_path / "a.png", table, 32)


def test_a_flipped_byte_gives_a_mask_or_a_sentence(table, mask_file, tmp_path):
    content = mask_file.read_bytes()
    refused = 0
    for place in range(len(content)):
        (tmp_path / "a.png").write_bytes(
            content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]
        )
        try:
            assert read_mask(tmp_path / "a.png", table, 32).shape == (32, 32)
        except SegPaintError:
            refused += 1
    assert refused > len(content) / 2


def test_too_many_pixels_get_a_sentence(save, table, drawn_mask, monkeypatch):
    path = save(drawn_mask)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(SegPaintError, match="has too many pixels to be opened"):
        read_mask(path, table, 32)
    assert content_of(path) is None


def test_a_file_that_unpacks_to_too_much_gets_a_sentence(drawn_mask, table, tmp_path):
    path, note = tmp_path / "a.png", PngInfo()
    note.add_text("note", "x" * (PngImagePlugin.MAX_TEXT_CHUNK + 1), zip=True)
    Image.fromarray(drawn_mask).save(path, pnginfo=note)
    with pytest.raises(SegPaintError, match="comment of more than a megabyte; save it anew"):
        read_mask(path, table, 32)
    assert content_of(path) is None


def test_a_region_is_where_the_pixels_are_not_0(save):
    region = np.zeros((32, 32), np.bool_)
    region[4:9, 7:30] = True
    grey = region.astype(np.uint8)
    palette = Image.fromarray(grey)
    palette.putpalette(bytes([255, 255, 255, 0, 0, 0]))  # the region is the black one here
    colour = np.stack([grey * 0, grey * 9, grey * 200], axis=-1)
    for content in (region, grey, grey * 255, palette, colour):
        assert np.array_equal(read_region(save(content), 32), region)


def test_a_region_of_another_size_is_refused_or_resized(save):
    region = np.zeros((16, 16), np.uint8)
    region[2:5] = 1
    with pytest.raises(WrongSizeError):
        read_region(save(region), 32)
    assert np.array_equal(read_region(save(region), 32, resize=True), region.repeat(2, 0).repeat(2, 1) > 0)
