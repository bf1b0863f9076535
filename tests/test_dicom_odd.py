"""Unusual DICOM files are opened as they are meant, or get a sentence."""

import shutil
import tracemalloc

import numpy as np
import pydicom
import pytest
from dicom_files import filled, header, write, write_stack
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import convert_color_space
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, JPEGBaseline8Bit

from segpaint.core.errors import SegPaintError
from segpaint.io.scans import open_as_nifti
from segpaint.io.volume_files.opening import find_offers
from segpaint.io.volume_files.volume_writers import write_volume

PIXELS = np.arange(1200, dtype=np.uint16).reshape(30, 40)
PLACED = {
    "ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "PixelSpacing": [0.5, 0.5], "SliceThickness": 3,
}  # fmt: skip


def opened(path):
    (offer,) = find_offers(path).offers
    return offer.open()


def shown(path):
    return opened(path).voxels.slice(0, 0)


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("first", ["SOPClassUID", "ImageType", "SpecificCharacterSet"])
def test_old_files_without_a_preamble_are_read(tmp_path, implicit, first):
    data = filled(header(ImageType=["ORIGINAL"], SpecificCharacterSet="ISO_IR 100"), PIXELS)
    for name in ("SpecificCharacterSet", "ImageType"):
        if name == first:
            break
        delattr(data, name)
    pydicom.dcmwrite(tmp_path / "IM1", Dataset(data), implicit_vr=implicit, little_endian=True)
    np.testing.assert_array_equal(shown(tmp_path / "IM1"), PIXELS)


@pytest.mark.parametrize(
    "syntax", [DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian], ids=["packed", "big-endian"]
)
def test_rare_encodings_are_read(tmp_path, syntax):
    data = filled(header(), PIXELS)
    if syntax == ExplicitVRBigEndian:
        data.PixelData = PIXELS.astype(">u2").tobytes()
    data["PixelData"].VR = "OW"
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta.TransferSyntaxUID = syntax
    pydicom.dcmwrite(tmp_path / "a.dcm", data, enforce_file_format=True)
    np.testing.assert_array_equal(shown(tmp_path / "a.dcm"), PIXELS)


def encrypted(data):
    hidden = Dataset()
    hidden.EncryptedContentTransferSyntaxUID, hidden.EncryptedContent = "1.2.840.10008.1.2.1", b"abcd"
    data.EncryptedAttributesSequence = [hidden]
    return data


def test_encrypted_pixels_are_refused_and_an_encrypted_identity_is_not(tmp_path):
    data = encrypted(header())
    data.Rows, data.Columns = PIXELS.shape
    with pytest.raises(SegPaintError, match="encrypted"):
        shown(write(tmp_path / "a.dcm", data))
    np.testing.assert_array_equal(shown(write(tmp_path / "b.dcm", encrypted(filled(header(), PIXELS)))), PIXELS)


def test_a_picture_without_pixels_gets_a_sentence(tmp_path):
    data = header()
    data.Rows, data.Columns = PIXELS.shape
    with pytest.raises(SegPaintError, match="holds no pixels"):
        shown(write(tmp_path / "a.dcm", data))


def test_private_tags_of_any_kind_are_passed_over(tmp_path):
    data = filled(header(), PIXELS)
    block = data.private_block(0x0011, "ACME", create=True)
    block.add_new(1, "SQ", [Dataset()])
    block.add_new(2, "UN", b"\xff" * 1001)
    block.add_new(3, "OB", b"\0\1" * 5000)
    np.testing.assert_array_equal(shown(write(tmp_path / "a.dcm", data)), PIXELS)


def test_an_unknown_compression_is_named(tmp_path):
    path = write(tmp_path / "a.dcm", filled(header(), PIXELS))
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.99999.1.2.1\0"))
    with pytest.raises(SegPaintError, match=r"a\.dcm"):
        shown(path)


def test_a_palette_is_shown_in_its_colours(tmp_path):
    data = filled(header(), (PIXELS % 4).astype(np.uint8), colors="PALETTE COLOR")
    table = np.array([0, 200, 100, 255], np.uint16) * 257
    for place, color in enumerate(("Red", "Green", "Blue")):
        setattr(data, f"{color}PaletteColorLookupTableDescriptor", [4, 0, 16])
        setattr(data, f"{color}PaletteColorLookupTableData", np.roll(table, place).tobytes())
    wanted = np.stack([np.roll(table >> 8, place)[PIXELS % 4] for place in range(3)], -1)
    np.testing.assert_array_equal(shown(write(tmp_path / "a.dcm", data)), wanted)


def test_bits_above_those_that_are_stored_are_left_out(tmp_path):
    data = filled(header(), PIXELS | 0xF000)
    data.BitsStored, data.HighBit = 12, 11
    np.testing.assert_array_equal(shown(write(tmp_path / "a.dcm", data)), PIXELS)


@pytest.mark.parametrize("is_color", [False, True], ids=["grey", "colour"])
def test_pictures_in_jpeg_are_read(tmp_path, is_color):
    smooth = np.stack([PIXELS / 5, PIXELS.T.reshape(30, 40) / 10, 255 - PIXELS / 5], -1).astype(np.uint8)
    picture = Image.fromarray(smooth if is_color else smooth[..., 0])
    picture.save(tmp_path / "a.jpg", quality=95, subsampling="4:2:2")
    data = filled(header(modality="US"), np.asarray(picture), colors="YBR_FULL_422" if is_color else None)
    data.PixelData = encapsulate([(tmp_path / "a.jpg").read_bytes()])
    write(tmp_path / "a.dcm", data)
    data["PixelData"].is_undefined_length = True
    data.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    pydicom.dcmwrite(tmp_path / "a.dcm", data, enforce_file_format=True)
    wanted = np.asarray(Image.open(tmp_path / "a.jpg"), int)
    assert np.abs(shown(tmp_path / "a.dcm") - wanted).max() <= 3


def test_a_compressed_picture_of_another_size_is_refused(tmp_path):
    data = filled(header(), np.tile(PIXELS, (2, 2)))
    path = write(tmp_path / "a.dcm", data, "jpeg-ls")
    path.write_bytes(
        path.read_bytes().replace(b"\xff\xf7\x00\x0b\x10\x00\x3c", b"\xff\xf7\x00\x0b\x10\xff\x3c")
    )
    with pytest.raises(SegPaintError, match="another size"):
        shown(path)


def test_a_table_of_values_is_applied(tmp_path):
    data, table = filled(header(modality="CR"), PIXELS % 4), Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [4, 0, 16], "US"
    table.LUTData = np.array([0, 10, 500, 1000], np.uint16).tobytes()
    data.ModalityLUTSequence = [table]
    np.testing.assert_array_equal(
        shown(write(tmp_path / "a.dcm", data)), np.array([0, 10, 500, 1000])[PIXELS % 4]
    )


@pytest.mark.parametrize(("kind", "bits"), [(np.uint32, 32), (np.int16, 16), (np.int8, 8)])
def test_numbers_of_any_kind_are_read(tmp_path, kind, bits):
    values = (PIXELS.astype(np.int64) - 100).clip(0 if bits == 32 else -100, 120).astype(kind)
    volume = opened(write(tmp_path / "a.dcm", filled(header(), values)))
    np.testing.assert_array_equal(volume.voxels.slice(0, 0), values)
    assert volume.stored.kind == np.dtype(kind).name


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("ending", [".nii", ".nrrd"])
def test_maps_of_real_numbers_are_saved_as_such(tmp_path, kind, ending):
    values = (PIXELS / 400_000).astype(kind)  # as of an ADC map, all below 0.003
    data = header(modality="MR", **PLACED)
    data.Rows, data.Columns = values.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = 8 * values.itemsize
    setattr(data, "FloatPixelData" if kind == "float32" else "DoubleFloatPixelData", values.tobytes())
    volume = opened(write(tmp_path / "a.dcm", data))
    assert volume.stored.kind == kind
    saved = tmp_path / f"a{ending}"
    write_volume(saved, volume.voxels.whole(0), volume.geometry, stored=volume.stored)
    again = opened(saved)
    lying = np.sort(again.voxels.whole(0).ravel())  # NIfTI has the axes in another order
    np.testing.assert_allclose(lying, values.ravel(), rtol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "spacing"),
    [
        ({"PixelSpacing": [0, 0]}, (3, 1, 1)),
        ({"PixelSpacing": [-0.5, 0.5], "SliceThickness": -3}, (3, 0.5, 0.5)),
    ],
    ids=["nothing", "negative"],
)
def test_sizes_that_cannot_be_are_mended(tmp_path, wrong, spacing):
    volume = opened(write(tmp_path / "a.dcm", filled(header(**PLACED | wrong), PIXELS)))
    assert volume.geometry.spacing == spacing
    assert volume.geometry.is_measured == (spacing[1] != 1)
    assert not any("tilted" in remark for remark in volume.remarks)


@pytest.mark.parametrize("orientation", [[1, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0]])
def test_directions_that_span_no_plane_get_a_sentence(tmp_path, orientation):
    path = write(
        tmp_path / "a.dcm", filled(header(**PLACED | {"ImageOrientationPatient": orientation}), PIXELS)
    )
    with pytest.raises(SegPaintError, match="right angles"):
        opened(path)


@pytest.mark.parametrize("other", [{"spacing": (0.4, 0.4, 5.0)}, {"FrameOfReferenceUID": "1.2.10"}])
def test_scans_mixed_in_one_series_are_told_apart(tmp_path, other):
    values = np.random.default_rng(0).integers(0, 99, (4, 12, 16))
    write_stack(tmp_path / "a", values)
    write_stack(tmp_path / "b", values[:3] + 1, **other)
    first, second = (offer.open() for offer in find_offers(tmp_path).offers)
    np.testing.assert_array_equal(first.voxels.whole(0), values)
    np.testing.assert_array_equal(second.voxels.whole(0), values[:3] + 1)


def test_copies_of_a_file_are_left_out(tmp_path):
    values = np.random.default_rng(0).integers(0, 99, (4, 12, 16))
    shutil.copytree(write_stack(tmp_path / "a", values), tmp_path / "b")
    volume = opened(tmp_path)
    assert volume.voxels.times == 1
    np.testing.assert_array_equal(volume.voxels.whole(0), values)
    assert "left out: 4" in volume.remarks[0]


def test_one_frame_of_many_is_read_without_the_others(tmp_path):
    pixels = np.arange(64, dtype=np.uint16)[:, None, None] * np.ones((256, 256), np.uint16)  # 8 MiB
    volume = opened(write(tmp_path / "a.dcm", filled(header(), pixels)))
    volume.voxels.slice(0, 0)  # loads the libraries
    tracemalloc.start()
    found = volume.voxels.slice(40, 0)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_array_equal(found, pixels[40])
    assert most < 2 * 2**20


@pytest.mark.parametrize("colors", ["RGB", "YBR_FULL"])
@pytest.mark.parametrize("by_plane", [False, True], ids=["pixel by pixel", "plane by plane"])
def test_colours_that_are_not_compressed_are_read(tmp_path, colors, by_plane):
    rgb = np.random.default_rng(2).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    data = filled(header(modality="US"), convert_color_space(rgb, "RGB", colors), colors=colors)
    if by_plane:
        data.PixelData = np.moveaxis(
            np.frombuffer(data.PixelData, np.uint8).reshape(rgb.shape), -1, 0
        ).tobytes()
        data.PlanarConfiguration = 1
    found = shown(write(tmp_path / "a.dcm", data))
    np.testing.assert_allclose(found.astype(int), rgb, atol=0 if colors == "RGB" else 3)


@pytest.mark.parametrize("signed", [False, True])
def test_padding_keeps_its_value_and_a_missing_rescale_changes_none(tmp_path, signed):
    pixels = np.array([[-2000, 5], [7, 300]], np.int16) if signed else np.array([[63536, 5], [7, 9]], np.uint16)
    data = filled(header(PixelPaddingValue=int(pixels[0, 0])), pixels)
    np.testing.assert_array_equal(shown(write(tmp_path / "a.dcm", data)), pixels)


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-200])
    return path


def damaged_stack(folder, places):
    """Write a stack of 5 slices of which some are cut short; its values and the damaged files."""
    values = np.random.default_rng(4).integers(1, 99, (5, 12, 16))
    write_stack(folder, values)
    return values, [cut_short(folder / f"{place * 7919 % 1000:04}.dcm") for place in places]


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_damaged_slice_is_left_empty_and_named_once(tmp_path, place):
    values, (file,) = damaged_stack(tmp_path / "a", [place])
    volume = opened(tmp_path / "a")
    darkest = values[0 if place else 1].min()
    assert (volume.voxels.slice(0, place) == darkest).all()  # also where it is the first that is looked at
    values[place] = darkest
    np.testing.assert_array_equal(volume.voxels.whole(0), values)
    ((where, sentence),) = volume.damaged.items()
    assert where == (0, place)
    assert str(file) in sentence
    assert volume.remark_on(where).endswith("The slice is left black.")


def test_a_series_of_damaged_slices_alone_is_an_error(tmp_path):
    damaged_stack(tmp_path / "a", range(5))
    volume = opened(tmp_path / "a")
    with pytest.raises(SegPaintError, match="0000"):
        volume.voxels.slice(0, 0)
    assert volume.damaged == {}


def test_a_file_that_is_gone_is_an_error_and_no_damage(tmp_path):
    damaged_stack(tmp_path / "a", [])
    volume = opened(tmp_path / "a")
    volume.voxels.slice(0, 1)
    (tmp_path / "a" / "0000.dcm").unlink()
    with pytest.raises(SegPaintError, match="no file"):
        volume.voxels.slice(0, 0)


def test_a_damaged_slice_is_not_trained_on(tmp_path):
    damaged_stack(tmp_path / "a", [3])
    with pytest.raises(SegPaintError, match="dcm"):
        np.asarray(open_as_nifti(tmp_path / "a").image.dataobj)


DETECTOR = {"ImagePositionPatient": [-10, -20, 30], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
SPECT = np.arange(10 * 48, dtype=np.uint16).reshape(10, 6, 8)


def spect(slices, *, is_placed=True, **more):
    """A reconstructed SPECT, whose detector alone has a place."""
    data = header(modality="NM", ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"])
    data.FrameIncrementPointer, data.SliceVector = 0x0054_0080, list(slices)
    data.PixelSpacing, data.SliceThickness = [4, 4], 5
    detector = Dataset()
    detector.update(DETECTOR if is_placed else {})
    data.DetectorInformationSequence = [detector]
    data.update(more)
    return filled(data, SPECT)


@pytest.mark.parametrize("is_top", [False, True], ids=["at the detector", "at the top"])
@pytest.mark.parametrize("between", [5, -5])
def test_a_reconstructed_spect_has_slices(tmp_path, between, is_top):
    data = spect(range(1, 11), SpacingBetweenSlices=between, **(DETECTOR if is_top else {}))
    volume = opened(write(tmp_path / "a.dcm", data))
    assert (volume.voxels.times, volume.geometry.shape, volume.remarks) == (1, (10, 6, 8), ())
    for number in (0, 7):
        at = 30 + between * number  # a negative distance goes to the front of the picture
        index = volume.geometry.index((-10, -20, at))
        np.testing.assert_allclose(index, (number if between > 0 else 9 - number, 0, 0), atol=1e-6)
        np.testing.assert_array_equal(volume.voxels.slice(0, round(index[0])), SPECT[number])


@pytest.mark.parametrize(
    ("more", "is_placed"), [({"SpacingBetweenSlices": 5}, False), ({}, True), (DETECTOR, True)]
)
def test_a_spect_that_lacks_places_has_slices_too(tmp_path, more, is_placed):
    volume = opened(write(tmp_path / "a.dcm", spect(range(10, 0, -1), is_placed=is_placed, **more)))
    assert (volume.voxels.times, volume.geometry.shape, volume.geometry.is_placed) == (1, (10, 6, 8), False)
    assert volume.geometry.spacing == (5, 4, 4)
    np.testing.assert_array_equal(volume.voxels.whole(0), SPECT[::-1])
    assert "Sides are assumed" in volume.remarks[0]


@pytest.mark.parametrize("is_placed", [True, False])
def test_a_gated_spect_has_slices_and_times(tmp_path, is_placed):
    data = spect([1, 2, 3, 4, 5] * 2, is_placed=is_placed, SpacingBetweenSlices=5)
    data.FrameIncrementPointer, data.TimeSlotVector = [0x0054_0070, 0x0054_0080], [1] * 5 + [2] * 5
    volume = opened(write(tmp_path / "a.dcm", data))
    assert (volume.voxels.times, volume.geometry.shape) == (2, (5, 6, 8))
    np.testing.assert_array_equal(volume.voxels.whole(1), SPECT[5:])


def test_projections_of_a_spect_stay_a_film(tmp_path):
    data = spect(range(1, 11))
    data.FrameIncrementPointer, data.AngularViewVector = 0x0054_0090, data.SliceVector
    del data.SliceVector
    assert opened(write(tmp_path / "a.dcm", data)).voxels.times == 10
