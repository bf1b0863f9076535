"""The values of a mask reach every reader as they are stored, or the file is refused in a sentence."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.io.cases import Case
from segpaint.io.foreign_masks import PictureError, read_foreign_mask
from segpaint.io.masks import read_mask, read_region
from segpaint.io.references import read_reference
from segpaint.io.volumes import read_stack
from segpaint.training.pngs import read_images, read_masks

SIZE = 32
TABLE = LabelTable(Label(index=index, name=f"label {index}", color=f"#0000{index:02x}") for index in (1, 2, 3))


@pytest.fixture
def drawn():
    rows, columns = np.mgrid[:SIZE, :SIZE]
    far = np.hypot(rows - 16, columns - 16)
    return np.select([far < 5, far < 9, far < 13], [1, 2, 3]).astype(np.uint8)


def foreign(path):
    mask = read_foreign_mask(path, TABLE, SIZE)
    return mask.mask([source.index for source in mask.sources])


def prepared(path):
    image = path.with_name("image of the case.png")
    Image.fromarray(np.arange(SIZE**2, dtype=np.uint16).reshape(SIZE, SIZE)).save(image)
    return read_stack(Case("a", (image,), path), "axial").labels[0]


READERS = {
    "opened": foreign,
    "generated from": lambda path: read_mask(path, TABLE, SIZE),
    "trained on": lambda path: read_masks([path], TABLE)[0],
    "prepared": prepared,
}
readers = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


def png(size, bits, kind, lines):
    """Write a PNG of few or many bits, which Pillow only reads."""
    header = struct.pack(">IIBBBBB", size, size, bits, kind, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + line for line in lines))
    chunks = [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@readers
@pytest.mark.parametrize("bits", [2, 4])
def test_grey_levels_of_few_bits_are_labels_as_stored(tmp_path, drawn, read, bits):
    parts = drawn.reshape(SIZE, -1, 8 // bits) << bits * np.arange(8 // bits)[::-1]
    lines = [line.tobytes() for line in parts.sum(axis=-1).astype(np.uint8)]
    (tmp_path / "mask.png").write_bytes(png(SIZE, bits, 0, lines))
    np.testing.assert_array_equal(read(tmp_path / "mask.png"), drawn)


@readers
def test_a_mask_of_one_bit_is_the_first_label(tmp_path, drawn, read):
    Image.fromarray(drawn == 1).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read(tmp_path / "mask.png"), drawn == 1)


@readers
@pytest.mark.parametrize(
    ("name", "options"),
    [("mask.jpg", {"quality": 100}), ("mask.webp", {"quality": 80}), ("mask.tif", {"compression": "jpeg"})],
)
def test_a_compression_that_changes_values_is_refused(tmp_path, drawn, read, name, options):
    Image.fromarray(drawn).save(tmp_path / name, **options)
    with pytest.raises(SegPaintError, match="changes the values of labels"):
        read(tmp_path / name)


def test_a_photograph_is_offered_as_the_reference(tmp_path, drawn):
    Image.fromarray(drawn).save(tmp_path / "mask.jpg")
    with pytest.raises(PictureError):
        foreign(tmp_path / "mask.jpg")


def test_webp_without_loss_is_a_mask(tmp_path, drawn):
    Image.fromarray(drawn).save(tmp_path / "mask.webp", lossless=True)
    np.testing.assert_array_equal(foreign(tmp_path / "mask.webp"), drawn)


@pytest.mark.parametrize("name", ["stack.tif", "film.gif", "film.png", "film.webp"])
@pytest.mark.parametrize(
    "read",
    [
        *READERS.values(),
        lambda path: read_region(path, SIZE),
        lambda path: read_reference(path, SIZE, 1),
        lambda path: read_images([path]),
    ],
    ids=[*READERS, "free", "a reference", "an image trained on"],
)
def test_the_first_of_several_pictures_is_not_taken_for_all(tmp_path, drawn, name, read):
    first, *others = [Image.fromarray(values) for values in (drawn * 0, drawn, (drawn == 1).astype(np.uint8))]
    first.save(tmp_path / name, save_all=True, append_images=others, lossless=True)
    with pytest.raises(SegPaintError, match="holds several pictures"):
        read(tmp_path / name)


def test_a_free_region_is_never_emptied(tmp_path, drawn):
    shown = drawn == 2
    faint = np.zeros((SIZE, SIZE, 3), np.uint8)
    faint[shown, 2] = 1
    Image.fromarray(faint).save(tmp_path / "faint.png")
    Image.fromarray(faint).convert("CMYK").save(tmp_path / "print.tif")
    Image.fromarray(shown.astype(np.uint16)).save(tmp_path / "deep.png")
    for name in ("faint.png", "print.tif", "deep.png"):
        np.testing.assert_array_equal(read_region(tmp_path / name, SIZE), shown)


def test_a_free_region_of_16_bits_in_each_channel_is_refused(tmp_path, drawn):
    lines = [line.tobytes() for line in np.repeat(drawn[..., None], 3, axis=2).astype(">u2")]
    (tmp_path / "free.png").write_bytes(png(SIZE, 16, 2, lines))
    with pytest.raises(SegPaintError, match="16 bits in each of several channels"):
        read_region(tmp_path / "free.png", SIZE)
