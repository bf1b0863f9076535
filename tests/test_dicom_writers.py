"""Volumes and masks go out as DICOM, to the same places and with the same values."""

import itertools

import highdicom
import numpy as np
import pydicom
import pytest
from dicom_exports import (
    EDITED,
    HU,
    LABELS,
    MADE,
    MASK,
    NUMBERED,
    OBLIQUE,
    RANDOM,
    SHAPE,
    by_itk,
    geometry_of,
    lying_as,
    opened,
    source_stack,
    strict,
)  # fmt: skip
from dicom_files import write_stack

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import Stored
from segpaint.io.dicom_out.images import Export
from segpaint.io.dicom_out.masks import Segments
from segpaint.io.dicom_out.source import Source
from segpaint.io.dicom_out.writers import write_series
from segpaint.io.volume_files.dicom_search import files_below, find_series
from segpaint.io.volume_files.dicom_stack import stacked

__all__ = ["strict"]
pytestmark = pytest.mark.usefixtures("strict")
DIRECTIONS = [
    *(
        np.eye(3)[list(order)] * signs
        for order in itertools.permutations(range(3))
        for signs in itertools.product((1, -1), repeat=3)
    ),
    OBLIQUE,
]


def stored(files):
    return [pydicom.dcmread(path).pixel_array for path in files]


# ---- places and values


@pytest.mark.parametrize("direction", DIRECTIONS, ids=lambda matrix: str(np.round(matrix, 1).tolist()))
def test_image_and_mask_come_back_at_the_same_places(tmp_path, direction):
    geometry = geometry_of(direction)
    export = Export(HU, geometry, EDITED, modality="CT")
    *files, mask = write_series(tmp_path / "a", export, Segments(MASK, LABELS))
    volume, _ = opened(tmp_path / "a")
    np.testing.assert_array_equal(lying_as(geometry, volume.voxels.whole(0), volume.geometry.affine), HU)
    np.testing.assert_array_equal(lying_as(geometry, *by_itk(files)), HU)
    segments = highdicom.seg.segread(mask).get_volume(combine_segments=True)
    np.testing.assert_array_equal(lying_as(geometry, segments.array, segments.affine), NUMBERED)


@pytest.mark.parametrize(
    ("numbers", "more"),
    [
        (RANDOM.integers(0, 4096, SHAPE).astype(np.uint16), {"BitsStored": 12, "HighBit": 11}),
        (RANDOM.integers(0, 2**16, SHAPE).astype(np.uint16), {}),
        (RANDOM.integers(-(2**15), 2**15, SHAPE).astype(np.int16), {"PixelPaddingValue": -2000}),
        (RANDOM.integers(0, 4096, SHAPE).astype(np.uint16), {"slopes": [0.37, 1.25, 2, 0.0123456789]}),
    ],
    ids=["12 bits", "16 bits", "signed", "a slope for each slice"],
)
@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_unchanged_pixels_keep_their_stored_numbers(tmp_path, numbers, more, modality):
    volume, source = source_stack(tmp_path / "source", numbers, modality, **more)
    values = volume.voxels.whole(0).copy()
    changed = np.zeros(SHAPE, bool)
    changed[1:3, 1:4, 2:5] = True
    values[changed] = values[~changed].mean() + RANDOM.uniform(-9, 9, changed.sum())
    files = write_series(tmp_path / "out", Export(values, volume.geometry, EDITED, source))
    for index, written in enumerate(stored(files)):
        assert written.dtype == numbers.dtype
        np.testing.assert_array_equal(written[~changed[index]], numbers[index][~changed[index]])
    back, _ = opened(tmp_path / "out")
    steps = np.array(more.get("slopes", [1] * len(numbers)))[:, None, None]
    assert (np.abs(back.voxels.whole(0) - values) <= steps * 0.501).all()
    assert back.geometry.agrees(volume.geometry, 1e-6)
    padding = pydicom.dcmread(files[0]).get("PixelPaddingValue")
    assert padding == more.get("PixelPaddingValue")


@pytest.mark.parametrize("numbers", [
    RANDOM.integers(0, 256, SHAPE).astype(np.uint8),
    RANDOM.integers(0, 4096, SHAPE).astype(np.uint16),
    RANDOM.integers(-2048, 2048, SHAPE).astype(np.int16),
], ids=["8 bits", "12 bits", "signed"])  # fmt: skip
def test_values_of_inverted_images_stay_the_same(tmp_path, numbers):
    bits = 8 if numbers.dtype == np.uint8 else 12
    volume, source = source_stack(
        tmp_path / "source", numbers, "DX", PhotometricInterpretation="MONOCHROME1", BitsStored=bits,
        HighBit=bits - 1, WindowCenter=40, WindowWidth=400,
    )  # fmt: skip
    values = volume.voxels.whole(0)
    files = write_series(tmp_path / "out", Export(values, volume.geometry, EDITED, source))
    back, _ = opened(tmp_path / "out")
    np.testing.assert_array_equal(back.voxels.whole(0), values)
    data = pydicom.dcmread(files[0])
    assert (data.PhotometricInterpretation, "WindowCenter" in data) == ("MONOCHROME2", False)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.linspace(-1, 1, 120).reshape(SHAPE), "uint16"),
        (np.full(SHAPE, 0.3), "int16"),
        (HU, "int16"),
        (HU + 2000, "int16"),
        (HU + 40_000, "uint16"),
        (np.where(HU > 1500, np.nan, HU / 3), "uint16"),
    ],
    ids=["between -1 and 1", "all alike", "whole", "positive", "large", "not all finite"],
)
def test_values_of_no_dicom_file_are_within_half_a_step(tmp_path, values, kind):
    files = write_series(tmp_path / "out", Export(values, geometry_of(), MADE, modality="CT"))
    data = pydicom.dcmread(files[0])
    assert data.pixel_array.dtype == kind
    back, _ = opened(tmp_path / "out")
    found = lying_as(geometry_of(), back.voxels.whole(0), back.geometry.affine)
    lowest = np.nanmin(values, axis=(1, 2), keepdims=True)
    assert np.abs(found - np.where(np.isnan(values), lowest, values)).max() <= 0.501 * float(data.RescaleSlope)


def test_values_of_a_nifti_keep_its_scale(tmp_path):
    values = RANDOM.integers(0, 3000, SHAPE) * 0.25 - 7
    export = Export(values, geometry_of(), EDITED, modality="MR", stored=Stored("int16", 0.25, -7))
    data = pydicom.dcmread(write_series(tmp_path / "out", export)[0])
    assert (float(data.RescaleSlope), float(data.RescaleIntercept)) == (0.25, -7)
    np.testing.assert_array_equal(data.pixel_array, (values[0] + 7) * 4)


@pytest.mark.parametrize("modality", ["CT", "MR", "US", ""])
def test_itk_finds_scaled_values_of_every_class_of_images(tmp_path, modality):
    values = RANDOM.integers(0, 3000, SHAPE) * 0.25 - 7
    export = Export(values, geometry_of(), EDITED, modality=modality, stored=Stored("int16", 0.25, -7))
    files = write_series(tmp_path / "out", export)
    np.testing.assert_array_equal(lying_as(geometry_of(), *by_itk(files)), values)


def test_values_beyond_the_type_of_the_source_get_another_type_and_keep_the_scale(tmp_path):
    numbers = RANDOM.integers(0, 4096, SHAPE).astype(np.uint16)
    volume, source = source_stack(tmp_path / "source", numbers, BitsStored=12, HighBit=11)
    values = volume.voxels.whole(0).copy()
    values[0, 0, 0] = -1500
    files = write_series(tmp_path / "out", Export(values, volume.geometry, EDITED, source))
    back, _ = opened(tmp_path / "out")
    np.testing.assert_array_equal(back.voxels.whole(0), values)
    np.testing.assert_array_equal(stored(files)[1], numbers[1])


def test_colours_come_back_bit_for_bit(tmp_path):
    colors = RANDOM.integers(0, 256, (*SHAPE, 3)).astype(np.uint8)
    *files, _ = write_series(
        tmp_path / "out", Export(colors, geometry_of(), MADE, modality="MR"), Segments(MASK, LABELS)
    )
    back, _ = opened(tmp_path / "out")
    flipped = back.geometry.index(geometry_of().world((0, 0, 0)))[0] > 1
    np.testing.assert_array_equal(back.voxels.whole(0)[:: -1 if flipped else 1], colors)
    assert pydicom.dcmread(files[0]).SOPClassUID.name == "Secondary Capture Image Storage"


def test_slices_stay_where_the_files_of_the_source_have_them(tmp_path):
    places = [0, 4.5, 9.3, 13.4]
    volume, source = source_stack(tmp_path / "source", np.zeros(SHAPE, np.uint16))
    for index, place in enumerate(places):
        data = pydicom.dcmread(tmp_path / "source" / f"{index}.dcm")
        data.ImagePositionPatient = [-20.125, -30, place]
        data.save_as(tmp_path / "source" / f"{index}.dcm")
    volume, source = opened(tmp_path / "source")
    files = write_series(tmp_path / "out", Export(volume.voxels.whole(0), volume.geometry, EDITED, source))
    assert [pydicom.dcmread(path).ImagePositionPatient for path in files] == [[-20.125, -30, z] for z in places]


def test_a_slice_that_the_source_lacks_is_not_made_up(tmp_path):
    volume, source = source_stack(tmp_path / "source", np.arange(120, dtype=np.uint16).reshape(SHAPE))
    (tmp_path / "source" / "2.dcm").unlink()
    volume, source = opened(tmp_path / "source")
    export = Export(volume.voxels.whole(0), volume.geometry, EDITED, source)
    *files, mask = write_series(tmp_path / "out", export, Segments(MASK, LABELS))
    assert len(files) == 3
    back, _ = opened(tmp_path / "out")
    np.testing.assert_array_equal(back.voxels.whole(0), volume.voxels.whole(0))
    segments = highdicom.seg.segread(mask)
    assert len(segments.get_source_image_uids()) == 3


def test_a_time_of_a_film_is_written(tmp_path):
    for moment in (80, 0, 40):
        write_stack(tmp_path / "source" / str(moment), HU + moment, TriggerTime=moment)
    (series,) = find_series(files_below(tmp_path / "source")).series
    volume = stacked(series)
    source = Source.of(volume, time=1)
    assert [source.header(index).TriggerTime for index in range(4)] == [40] * 4
    write_series(tmp_path / "out", Export(volume.voxels.whole(1), volume.geometry, EDITED, source))
    back, _ = opened(tmp_path / "out")
    np.testing.assert_array_equal(back.voxels.whole(0), HU + 40)


def test_pictures_without_a_place_or_size_claim_none(tmp_path):
    flat = Geometry.of((1, 5, 6), (0, 0, 0), (1, 1, 1), np.eye(3), is_placed=False, is_measured=False)
    *_, image, mask = write_series(
        tmp_path / "out", Export(HU[:1] + 1000, flat, MADE, modality="MR"), Segments(MASK[:1], LABELS)
    )
    data = pydicom.dcmread(image)
    assert data.SOPClassUID.name == "Secondary Capture Image Storage"
    assert not {"PixelSpacing", "ImagePositionPatient", "FrameOfReferenceUID"} & set(data.dir())
    np.testing.assert_array_equal(
        highdicom.seg.segread(mask).get_pixels_by_source_instance([data.SOPInstanceUID], combine_segments=True)[
            0
        ],
        NUMBERED[0],
    )


@pytest.mark.parametrize("edge", [0, 1], ids=["rows and columns", "another shape"])
def test_what_cannot_be_written_gets_a_sentence_and_leaves_nothing(tmp_path, edge):
    affine = geometry_of(np.eye(3)).affine.copy()
    affine[0, 1] = 0.3
    with pytest.raises(SegPaintError, match=["right angles", "do not fill"][edge]):
        Export(HU[edge:], [Geometry(SHAPE, affine), geometry_of()][edge], EDITED)
    with pytest.raises(SegPaintError, match="no labels"):
        write_series(tmp_path / "out", Export(HU, geometry_of(), EDITED), Segments(MASK + 2, LABELS))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_stays_as_it_is(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SegPaintError, match="another folder"):
        write_series(tmp_path, Export(HU, geometry_of(), EDITED))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    files = write_series(tmp_path / "out", Export(HU, geometry_of(), MADE))
    assert sorted((tmp_path / "out").iterdir()) == files
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
