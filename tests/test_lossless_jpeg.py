"""Lossless JPEG of old scanners is decoded as its standard has it, and damaged ones get a reason."""

import numpy as np
import pydicom
import pytest
from lossless_files import PREDICTORS, packed, write_packed

from segpaint.core.errors import SegPaintError
from segpaint.io.volume_files.lossless_jpeg import decode
from segpaint.io.volume_files.opening import find_offers

NOISE = np.random.default_rng(0).integers(0, 2**16, (9, 13)).astype(np.uint16)
SMOOTH = (np.arange(96).reshape(8, 12) * 37 % 500).astype(np.uint16)
BY_GDCM = (
    "ffd8ffc3000b100008000c01011100ffc400160001010100000000000000000000000000060910ffda0008010100010000c9"
    "52a54a952a54a952a5b789618254a952a54a952a50e952a5860952a54a952a50e952a54b0c12a54a952a50e952a54a952c30"
    "4a952a50e952a54a952a5860952a50e952a54a952a54a9618250e952a54a952a54a952c30fffd9"
)
"""`SMOOTH`, as another program has packed it."""


@pytest.mark.parametrize("predictor", PREDICTORS)
@pytest.mark.parametrize("restart", [0, 1, 4])
def test_every_predictor_gives_the_pixels_back(predictor, restart):
    np.testing.assert_array_equal(decode(packed(NOISE, predictor, restart=restart)), NOISE)


def test_colours_of_8_bits_are_kept():
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 3))
    np.testing.assert_array_equal(decode(packed(pixels, precision=8)), pixels)


def test_a_picture_of_another_program_is_decoded():
    np.testing.assert_array_equal(decode(bytes.fromhex(BY_GDCM)), SMOOTH)


def test_a_file_of_dicom_with_such_a_picture_is_read(tmp_path):
    write_packed(tmp_path / "a.dcm", packed(NOISE, 6), NOISE.shape)
    (offer,) = find_offers(tmp_path / "a.dcm").offers
    np.testing.assert_array_equal(offer.open().voxels.slice(0, 0), NOISE)


@pytest.mark.parametrize("bits", [12, 16])
def test_negative_values_are_kept(tmp_path, bits):
    values = np.arange(-60, 60).reshape(10, 12)
    path = write_packed(
        tmp_path / "a.dcm", packed(values % 2**bits, precision=bits), values.shape, RescaleIntercept=0
    )
    data = pydicom.dcmread(path)
    data.PixelRepresentation, data.BitsStored, data.HighBit = 1, bits, bits - 1
    data.save_as(path)
    (offer,) = find_offers(path).offers
    np.testing.assert_array_equal(offer.open().voxels.slice(0, 0), values)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[: len(content) // 2] + b"\xff\xd9",
        lambda content: content[:20],
        lambda content: content.replace(b"\xff\xc4", b"\xff\xc8"),
        lambda content: content.replace(b"\xff\xda\x00\x08\x01", b"\xff\xda\x00\x08\x02"),
    ],
    ids=["cut", "cut and ended", "header alone", "no codes", "two parts of one"],
)
def test_damaged_pictures_get_a_reason(tmp_path, damage):
    content = damage(packed(NOISE))
    with pytest.raises(ValueError, match="picture"):
        decode(content)
    (offer,) = find_offers(write_packed(tmp_path / "a.dcm", content, NOISE.shape)).offers
    with pytest.raises(SegPaintError, match=r"a\.dcm"):
        offer.open().voxels.slice(0, 0)
