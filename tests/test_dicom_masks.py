"""Masks go out as DICOM SEG: a segment for each label, with its name, colour and codes."""

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
    SHAPE,
    geometry_of,
    lying_as,
    opened,
    source_stack,
    strict,
)  # fmt: skip
from dicom_files import filled, header, write
from highdicom.color import CIELabColor

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE
from segpaint.core.volumes.geometry import Geometry
from segpaint.io.dicom_out.anatomy import anatomy_of
from segpaint.io.dicom_out.images import Export
from segpaint.io.dicom_out.masks import Segments
from segpaint.io.dicom_out.source import Source
from segpaint.io.dicom_out.writers import write_segmentation, write_series

__all__ = ["strict"]
pytestmark = pytest.mark.usefixtures("strict")


def written(tmp_path, segments, provenance=MADE):
    *images, mask = write_series(
        tmp_path / "out", Export(HU, geometry_of(), provenance, modality="CT"), segments
    )
    return highdicom.seg.segread(mask), images


def test_each_label_is_a_segment_with_name_colour_and_codes(tmp_path):
    mask, _ = written(tmp_path, Segments(MASK, LABELS))
    found = [mask.get_segment_description(number) for number in mask.segment_numbers]
    assert [one.segment_label for one in found] == [label.name for label in LABELS]
    assert [one.segmented_property_type.meaning for one in found] == [
        "Left ventricle", "Kidney", "Anatomical Structure",
    ]  # fmt: skip
    side = found[1].SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence[0]
    assert side.CodeMeaning == "Left"
    for one, label in zip(found, LABELS, strict=True):
        color = CIELabColor.from_dicom_value(one.RecommendedDisplayCIELabValue)
        np.testing.assert_allclose(color.to_rgb(), label.rgb, atol=1)
    assert mask.segmentation_type.value == "BINARY"


def test_pixels_of_a_label_within_another_are_its_own_alone(tmp_path):
    mask, images = written(tmp_path, Segments(MASK, LABELS))
    uids = [pydicom.dcmread(path).SOPInstanceUID for path in images]
    planes = mask.get_pixels_by_source_instance(uids)
    np.testing.assert_array_equal(planes, np.stack([label.index == MASK for label in LABELS], axis=-1))


def test_the_mask_refers_to_the_images_in_their_frame_of_reference(tmp_path):
    mask, images = written(tmp_path, Segments(MASK, LABELS), EDITED)
    headers = [pydicom.dcmread(path) for path in images]
    assert {uid for *_, uid in mask.get_source_image_uids()} == {data.SOPInstanceUID for data in headers}
    for name in ("FrameOfReferenceUID", "StudyInstanceUID", "PatientID", "PatientName"):
        assert {str(data[name].value) for data in headers} == {str(mask[name].value)}


@pytest.mark.parametrize(
    ("asked", "algorithm"),
    [
        ({}, "MANUAL"),
        ({"finder": "heart segmenter"}, "SEMIAUTOMATIC"),
        ({"finder": "heart segmenter", "by_hand": False}, "AUTOMATIC"),
    ],
)
def test_who_drew_the_mask_is_in_it(tmp_path, asked, algorithm):
    mask, _ = written(tmp_path, Segments(MASK, LABELS, **asked))
    first = mask.get_segment_description(1)
    assert first.algorithm_type.value == algorithm
    if asked:
        assert first.algorithm_identification.name == "heart segmenter"


def test_free_regions_are_a_segment_of_their_own(tmp_path):
    values = MASK.copy()
    values[1, 2] = FREE
    mask, _ = written(tmp_path, Segments(values, LABELS))
    number = mask.get_segment_numbers(segment_label="free: the model decides")[0]
    voxels = mask.get_volume(segment_numbers=[number], combine_segments=True).array
    assert np.count_nonzero(voxels) == np.count_nonzero(values == FREE)


@pytest.mark.parametrize(
    ("values", "reason"),
    [(np.zeros(SHAPE, np.uint8), "empty"), (MASK + np.uint8(1), "2, 8, which are no labels")],
)
def test_masks_that_cannot_be_written_get_a_sentence(tmp_path, values, reason):
    with pytest.raises(SegPaintError, match=reason):
        written(tmp_path, Segments(values, LABELS))


@pytest.mark.parametrize(
    ("name", "kind", "side"),
    [
        ("brainstem", "Brain Stem", None),
        ("spinal cord", "Spinal cord", None),
        ("parotid, right", "Parotid gland", "Right"),
        ("Left Lung", "Lung", "Left"),
        ("kidney_left", "Kidney", "Left"),
        ("mandible", "Mandible", None),
        ("my own structure", "Anatomical Structure", None),
    ],
)
def test_labels_are_coded_by_their_names(name, kind, side):
    found = anatomy_of(name)
    assert (found.kind.meaning, found.side and found.side.meaning) == (kind, side)


def test_slices_without_a_place_have_a_mask_each(tmp_path):
    flat = Geometry.of(SHAPE, (0, 0, 0), (1, 1, 1), np.eye(3), is_placed=False)
    values = MASK.copy()
    values[2] = 0
    files = write_series(tmp_path / "out", Export(HU, flat, MADE), Segments(values, LABELS))
    images, masks = files[: len(HU)], [highdicom.seg.segread(path) for path in files[len(HU) :]]
    assert len({mask.SeriesInstanceUID for mask in masks}) == 1
    for index, mask in zip((0, 1, 3), masks, strict=True):
        uids = [pydicom.dcmread(images[index]).SOPInstanceUID]
        found = mask.get_pixels_by_source_instance(uids, combine_segments=True)
        np.testing.assert_array_equal(found[0], NUMBERED[index])


# ---- of the patient's own images


@pytest.mark.parametrize(
    "more", [{}, {"PatientSex": "W", "StudyDate": ""}], ids=["as it should", "with odd values"]
)
def test_a_mask_of_the_patients_own_images_is_in_their_study(tmp_path, more):
    volume, source = source_stack(tmp_path / "source", (HU + 1024).astype(np.uint16), **more)
    write_segmentation(tmp_path / "mask.dcm", Segments(MASK, LABELS), source)
    mask = highdicom.seg.segread(tmp_path / "mask.dcm")
    for name in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID", *more):
        assert mask[name].value == source.header(0)[name].value
    assert "SyntheticData" not in mask
    found = mask.get_volume(combine_segments=True)
    np.testing.assert_array_equal(lying_as(volume.geometry, found.array, found.affine), NUMBERED)


def test_images_that_cannot_be_referred_to_get_a_sentence(tmp_path):
    _, source = source_stack(tmp_path / "source", np.zeros(SHAPE, np.uint16), StudyInstanceUID="")
    with pytest.raises(SegPaintError, match="lacks its StudyInstanceUID"):
        write_segmentation(tmp_path / "mask.dcm", Segments(MASK, LABELS), source)
    (tmp_path / "film").mkdir()
    write(tmp_path / "film" / "1.dcm", filled(header(modality="US"), np.zeros(SHAPE, np.uint8)))
    _, film = opened(tmp_path / "film")
    film = Source(tuple(film.frames) * 4)
    with pytest.raises(SegPaintError, match="holds several slices"):
        write_segmentation(tmp_path / "mask.dcm", Segments(MASK, LABELS), film)
