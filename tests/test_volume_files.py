"""Volumes go out and come in at the same places of the patient, bit for bit."""

import itertools

import nibabel
import numpy as np
import pytest
import SimpleITK
from scipy.spatial.transform import Rotation

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import Label
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import Stored
from segpaint.io.volume_files.itk_files import Segment, read_itk, read_segments
from segpaint.io.volume_files.nifti_files import read_nifti
from segpaint.io.volume_files.volume_writers import ENDINGS, write_volume

SHAPE = 4, 5, 6
MASK = np.random.default_rng(2).integers(0, 4, SHAPE).astype(np.uint8)
AXIS_LAYOUTS = [
    np.eye(3)[list(order)] * signs
    for order in itertools.permutations(range(3))
    for signs in itertools.product((1, -1), repeat=3)
]
OBLIQUE = Rotation.from_euler("xyz", (10, 20, 30), degrees=True).as_matrix()
HEAD = b"NRRD0004\ntype: short\ndimension: 3\nendian: little\n"
LABELS = [
    Label(index=1, name="LV cavity", color="#ff0033"),
    Label(index=3, name="heart, outer: wall", color="#0066cc"),
]


def geometry_of(direction=OBLIQUE):
    return Geometry.of(SHAPE, (-100.5, 20.25, 7), (0.7, 0.9, 5.0), direction)


def places(image):
    """The corners of a volume in the patient, as ITK has them."""
    corners = itertools.product(*((0, length - 1) for length in image.GetSize()))
    return [image.TransformContinuousIndexToPhysicalPoint(corner) for corner in corners]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "direction", [*AXIS_LAYOUTS, OBLIQUE], ids=lambda matrix: str(np.round(matrix, 1).tolist())
)
def test_masks_come_back_at_the_same_places(tmp_path, direction, ending):
    path, geometry = tmp_path / f"mask{ending}", geometry_of(direction)
    write_volume(path, MASK, geometry, labels=LABELS)
    image = SimpleITK.ReadImage(str(path))
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), MASK)
    corners = np.array(list(itertools.product(*((0, length - 1) for length in SHAPE[::-1]))))
    np.testing.assert_allclose(places(image), geometry.world(corners[:, ::-1]), atol=1e-3)


@pytest.mark.parametrize("ending", [".nrrd", ".mha"])
@pytest.mark.parametrize("kind", [np.int16, np.uint16, np.float32])
def test_values_come_back_bit_for_bit(tmp_path, kind, ending):
    values = np.random.default_rng(0).normal(1000, 200, SHAPE).astype(kind)
    write_volume(tmp_path / f"a{ending}", values, geometry_of())
    volume = read_itk(tmp_path / f"a{ending}")
    np.testing.assert_array_equal(volume.voxels.whole(0), values)
    assert volume.stored.kind == np.dtype(kind).name
    assert volume.geometry.agrees(geometry_of(), 1e-4)


@pytest.mark.parametrize("ending", [".nii", ".nrrd"])
def test_an_edited_scan_of_whole_numbers_stays_one(tmp_path, ending):
    values = np.random.default_rng(0).normal(1000, 200, SHAPE).astype(np.float32)  # as an edit leaves them
    write_volume(tmp_path / f"a{ending}", values, geometry_of(np.eye(3)), stored=Stored("int16", 1, -1024))
    image = SimpleITK.ReadImage(str(tmp_path / f"a{ending}"))
    assert image.GetPixelID() == SimpleITK.sitkInt16
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), np.rint(values))


@pytest.mark.parametrize("kind", ["int64", "uint64"])
@pytest.mark.parametrize(
    ("highest", "slope", "written"),
    [(300, 1, "int16"), (70_000, 1, "int32"), (2**40, 1, "float64"), (300, 0.25, "int16")],
)
def test_whole_numbers_of_eight_bytes_go_into_nifti_in_a_type_that_others_read(
    tmp_path, kind, highest, slope, written
):
    numbers = MASK.astype(kind)
    numbers[0, 0, 0] = highest
    source = nibabel.Nifti1Image(numbers.T, np.eye(4), dtype=kind)
    source.header.set_slope_inter(slope, 0)
    nibabel.save(source, tmp_path / "a.nii")
    volume = read_nifti(tmp_path / "a.nii")
    values = volume.voxels.whole(0)
    for edited in (values, values.astype(np.float64)):
        write_volume(tmp_path / "b.nii", edited, volume.geometry, stored=volume.stored)
        assert nibabel.load(tmp_path / "b.nii").get_data_dtype() == written
        np.testing.assert_array_equal(read_nifti(tmp_path / "b.nii").voxels.whole(0), values)


def test_nibabel_finds_a_niftis_voxels_where_they_are(tmp_path):
    write_volume(tmp_path / "a.nii.gz", MASK, geometry_of())
    image = nibabel.load(tmp_path / "a.nii.gz")
    place = image.affine @ (5, 4, 3, 1)
    np.testing.assert_allclose(place[:3], geometry_of().world((3, 4, 5)) * (-1, -1, 1), atol=1e-4)
    assert image.header.get_xyzt_units()[0] == "mm"


def test_names_and_colours_are_in_a_segmentation_of_slicer(tmp_path):
    write_volume(tmp_path / "a.seg.nrrd", MASK, geometry_of(), labels=LABELS)
    assert read_segments(tmp_path / "a.seg.nrrd") == (
        Segment(1, "LV cavity", 0, "#ff0033"),
        Segment(3, "heart, outer: wall", 0, "#0066cc"),
    )


def test_slanted_slices_go_into_nifti_alone(tmp_path):
    affine = geometry_of(np.eye(3)).affine.copy()
    affine[1, 0] = 2.0
    slanted = Geometry(SHAPE, affine)
    with pytest.raises(SegPaintError, match="slanted"):
        write_volume(tmp_path / "a.nrrd", MASK, slanted)
    assert list(tmp_path.iterdir()) == []
    write_volume(tmp_path / "a.nii", MASK, slanted)
    wanted = slanted.world((3, 2, 1)) * (-1, -1, 1)
    np.testing.assert_allclose((nibabel.load(tmp_path / "a.nii").affine @ (1, 2, 3, 1))[:3], wanted, atol=1e-4)


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(SegPaintError, match=r"\.nii\.gz"):
        write_volume(tmp_path / "a.png", MASK, geometry_of())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"NRRD0004\ntype: short\n", "NRRD"),
        (HEAD + b"sizes: 999 999 999\nencoding: gzip\n\nabc", "cut short"),
        (HEAD + b"sizes: 9999 9999 9999\nencoding: raw\n\nabc", "memory"),
        (b"random", "nrrd"),
        (HEAD + b"9" * 2000 + b"\n\n", "too long"),
        (HEAD + b"labels: " + b"9" * 2000 + b"\n\n", "too long"),
    ],
)  # fmt: skip
def test_damaged_files_get_a_sentence(tmp_path, content, reason):
    (tmp_path / "a.nrrd").write_bytes(content)
    with pytest.raises(SegPaintError, match=reason) as caught:
        read_itk(tmp_path / "a.nrrd")
    assert "a.nrrd" in str(caught.value)


@pytest.mark.parametrize("thick", range(3))
@pytest.mark.parametrize("direction", [np.eye(3), OBLIQUE], ids=["straight", "oblique"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_nifti_of_any_orientation_is_read_where_nibabel_has_it(tmp_path, thick, direction, times):
    sizes = np.where(np.arange(3) == thick, 6.0, 1.5)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = direction * sizes, (10, -20, 30)
    values = np.random.default_rng(1).integers(-500, 900, (7, 8, 9, times)).astype(np.int16)
    image = nibabel.Nifti1Image(values if times > 1 else values[..., 0], affine)
    image.header.set_xyzt_units("mm", "sec")
    image.header["pixdim"][4] = 0.04
    nibabel.save(image, tmp_path / "a.nii.gz")
    volume = read_nifti(tmp_path / "a.nii.gz")
    assert volume.geometry.spacing[0] == pytest.approx(6)
    assert volume.moments == pytest.approx([0, 40, 80] if times > 1 else [])
    for time in range(times):
        whole = volume.voxels.whole(time)
        for index in [(0, 0, 0), (1, 2, 3), tuple(length - 1 for length in whole.shape)]:
            place = volume.geometry.world(index) * (-1, -1, 1)
            voxel = np.rint(np.linalg.inv(affine) @ (*place, 1))[:3].astype(int)
            assert whole[index] == values[(*voxel, time)]


def test_values_of_a_scaled_nifti_are_in_its_unit(tmp_path):
    values = np.linspace(-1, 1, 60).reshape(3, 4, 5)
    image = nibabel.Nifti1Image(values, np.eye(4))
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "a.nii")
    volume = read_nifti(tmp_path / "a.nii")
    np.testing.assert_allclose(volume.voxels.whole(0), values.transpose(2, 1, 0), atol=volume.stored.slope)
    assert volume.stored.kind == "int16"
    assert volume.stored.slope < 1e-4


def test_a_nifti_without_sides_reports_it(tmp_path):
    image = nibabel.Nifti1Image(np.zeros((3, 4, 5), np.int16), None)
    nibabel.save(image, tmp_path / "a.nii")
    volume = read_nifti(tmp_path / "a.nii")
    assert not volume.geometry.is_placed
    assert "assumed" in volume.remarks[0]
