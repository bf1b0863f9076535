"""Masks of other programs lie on a scan where those programs drew them."""

import itertools

import nibabel
import numpy as np
import pytest
import SimpleITK
from dicom_files import filled, header, write, write_stack
from mask_files import write_segmentation, write_structures
from PIL import Image
from scipy.spatial.transform import Rotation

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import Label
from segpaint.core.volumes.geometry import Geometry
from segpaint.io.volume_files.masks import read_mask_volume
from segpaint.io.volume_files.opening import find_offers
from segpaint.io.volume_files.volume_writers import write_volume

SHAPE = 6, 30, 40
OBLIQUE = Rotation.from_euler("xyz", (10, 20, 30), degrees=True).as_matrix()
AXIS_LAYOUTS = [
    np.eye(3)[list(order)] * signs
    for order in itertools.permutations(range(3))
    for signs in itertools.product((1, -1), repeat=3)
]
SPACING, ORIGIN = (0.8, 0.9, 5.0), (-20, -30, 40)
LABELS = [Label(index=1, name="LV cavity", color="#ff0033"), Label(index=2, name="wall", color="#0066cc")]


def geometry_of(direction=None, origin=ORIGIN, spacing=SPACING, shape=SHAPE):
    return Geometry.of(shape, origin, spacing, np.eye(3) if direction is None else direction)


def ring(slices=(1, 2, 3)):
    """A cavity inside a wall, in some of the slices."""
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]]
    away = np.hypot(rows - 14, columns - 17)
    values = np.zeros(SHAPE, np.uint8)
    for number in slices:
        values[number][away < 9 + number] = 2
        values[number][away < 5] = 1
    return values


def scan(folder, direction=None):
    """Write a series; return its geometry."""
    write_stack(folder, np.zeros(SHAPE), direction=direction, spacing=SPACING, origin=ORIGIN)
    (offer,) = find_offers(folder).offers
    return offer.open().geometry


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd", ".seg.nrrd", ".mha"])
@pytest.mark.parametrize(
    "direction", [*AXIS_LAYOUTS, OBLIQUE], ids=lambda matrix: str(np.round(matrix, 1).tolist())
)
def test_masks_of_the_same_geometry_come_back_bit_for_bit(tmp_path, ending, direction):
    path, onto = tmp_path / f"a{ending}", geometry_of(direction)
    write_volume(path, ring(), onto, labels=LABELS)
    mask = read_mask_volume(path, onto)
    np.testing.assert_array_equal(mask.values, ring())
    assert mask.remarks == ()
    assert mask.overlap == 1
    if ending == ".seg.nrrd":
        assert mask.names == {1: "LV cavity", 2: "wall"}
        assert mask.colors == {1: "#ff0033", 2: "#0066cc"}


@pytest.mark.parametrize("direction", [None, OBLIQUE], ids=["straight", "oblique"])
@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
@pytest.mark.parametrize("slices", [(1, 2, 3), (2,), (0, 3)], ids=str)
def test_a_dicom_segmentation_lies_on_its_slices(tmp_path, direction, kind, slices):
    onto = scan(tmp_path / "scan", direction)
    values = ring(slices)
    given = values if kind == "LABELMAP" else np.stack([values == 1, values == 2], -1)
    if kind == "FRACTIONAL":
        given = np.where(given, 0.8, np.where(values[..., None] > 0, 0.3, 0))
    mask = read_mask_volume(write_segmentation(tmp_path / "a", tmp_path / "scan", given, kind=kind), onto)
    np.testing.assert_array_equal(mask.values, values)
    assert mask.names == {1: "LV cavity", 2: "wall"}
    assert mask.colors[2].startswith("#c8")
    assert ("probabilities" in " ".join(mask.remarks)) == (kind == "FRACTIONAL")


def test_segments_that_overlap_are_reported(tmp_path):
    onto = scan(tmp_path / "scan")
    given = np.stack([ring() > 0, ring() == 2], -1)
    mask = read_mask_volume(write_segmentation(tmp_path / "a.dcm", tmp_path / "scan", given), onto)
    np.testing.assert_array_equal(mask.values, ring())
    assert f"overlap in {np.count_nonzero(ring() == 2):,} voxels" in mask.remarks[0]


def test_a_segmentation_of_coarser_slices_fills_the_finer_ones(tmp_path):
    scan(tmp_path / "scan")
    given = np.stack([ring() == 1, ring() == 2], -1)
    path = write_segmentation(tmp_path / "a.dcm", tmp_path / "scan", given)
    mask = read_mask_volume(path, geometry_of(spacing=(0.8, 0.9, 1.0), shape=(26, *SHAPE[1:])))
    used = np.unique(np.nonzero(mask.values)[0])
    assert (used.min(), used.max()) == (3, 17)
    np.testing.assert_array_equal(mask.values[11], ring()[2])


def by_itk(values, own, onto):
    """Resample with ITK, to the nearest voxel."""

    def image_of(geometry, pixels):
        image = SimpleITK.GetImageFromArray(pixels)
        image.SetOrigin(geometry.affine[:3, 3].tolist())
        image.SetSpacing(geometry.spacing[::-1])
        image.SetDirection(geometry.direction[:, ::-1].ravel().tolist())
        return image

    moved = SimpleITK.Resample(
        image_of(own, values), image_of(onto, np.zeros(onto.shape, np.uint8)), SimpleITK.Transform(),
        SimpleITK.sitkNearestNeighbor,
    )  # fmt: skip
    return SimpleITK.GetArrayFromImage(moved)


@pytest.mark.parametrize(
    "onto",
    [
        geometry_of(spacing=(1.1, 0.7, 2.5), origin=(-18.03, -27.02, 41.01), shape=(12, 25, 33)),
        geometry_of(OBLIQUE, spacing=(1.1, 0.7, 2.5), shape=(12, 25, 33)),
        geometry_of(np.eye(3)[:, [2, 0, 1]], spacing=(2.03, 0.7, 0.6), shape=(20, 25, 33)),
    ],
    ids=["other spacing", "oblique", "other plane"],
)
def test_masks_of_another_geometry_are_resampled_as_itk_does(tmp_path, onto):
    write_volume(tmp_path / "a.nrrd", ring(), geometry_of())
    mask = read_mask_volume(tmp_path / "a.nrrd", onto)
    wanted = by_itk(ring(), geometry_of(), onto)
    assert wanted.any()
    assert np.count_nonzero(mask.values != wanted) <= 0.002 * wanted.size  # ITK has no value half outside
    assert "another geometry" in mask.remarks[0]


def test_the_share_that_lies_inside_is_reported(tmp_path):
    write_volume(tmp_path / "a.mha", ring(), geometry_of())
    half = geometry_of(origin=(-20, -30, 50), shape=(4, *SHAPE[1:]))
    mask = read_mask_volume(tmp_path / "a.mha", half)
    share = np.count_nonzero(ring()[2:]) / np.count_nonzero(ring())
    assert mask.overlap == pytest.approx(share)
    assert f"{100 * share:.1f} %" in mask.remarks[0]
    np.testing.assert_array_equal(mask.values, ring()[2:])


def test_a_mask_of_another_place_is_refused(tmp_path):
    write_volume(tmp_path / "a.nii", ring(), geometry_of(origin=(500, 0, 0)))
    with pytest.raises(SegPaintError, match="lies elsewhere"):
        read_mask_volume(tmp_path / "a.nii", geometry_of())


def test_segments_in_layers_are_told_apart(tmp_path):
    layers = np.stack([ring() > 0, ring() == 1], -1).astype(np.uint8)
    image = SimpleITK.GetImageFromArray(layers, isVector=True)
    for number, name in enumerate(["whole", "cavity"]):
        for key, text in {"ID": name, "Name": name, "LabelValue": "1", "Layer": str(number)}.items():
            image.SetMetaData(f"Segment{number}_{key}", text)
    SimpleITK.WriteImage(image, str(tmp_path / "a.seg.nrrd"))
    mask = read_mask_volume(tmp_path / "a.seg.nrrd", Geometry.of(SHAPE, (0, 0, 0), (1, 1, 1), np.eye(3)))
    np.testing.assert_array_equal(mask.values, np.where(ring() == 1, 2, ring() // 2))
    assert mask.names == {1: "whole", 2: "cavity"}
    assert "overlap" in mask.remarks[0]


# ---- structure sets


def circle(radius, height, middle=(-6.0, -17.0), points=200):
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    x, y = middle[0] + radius * np.cos(angles), middle[1] + radius * np.sin(angles)
    return np.stack([x, y, np.full(points, height)], 1)


def disc(onto, number, radius, middle=(-6.0, -17.0)):
    rows, columns = np.mgrid[: onto.shape[1], : onto.shape[2]]
    places = onto.world(np.stack([np.full_like(rows, number), rows, columns], -1))
    return np.hypot(places[..., 0] - middle[0], places[..., 1] - middle[1]) < radius


def test_contours_are_filled_and_those_inside_are_holes(tmp_path):
    onto = geometry_of()
    wall = [circle(8, 45), circle(4, 45), circle(8, 50)]
    path = write_structures(
        tmp_path / "a.dcm", {"wall": wall, "cavity": [circle(4, 45)], "isocentre": [[(0, 0, 0)]]}
    )
    mask = read_mask_volume(path, onto)
    np.testing.assert_array_equal(mask.values[1] == 1, disc(onto, 1, 8) & ~disc(onto, 1, 4))
    np.testing.assert_array_equal(mask.values[1] == 2, disc(onto, 1, 4))
    np.testing.assert_array_equal(mask.values[2] == 1, disc(onto, 2, 8))
    assert not mask.values[[0, 3, 4, 5]].any()
    assert mask.names == {1: "wall", 2: "cavity", 3: "isocentre"}
    assert mask.colors[1] == "#ff0b00"
    assert "without an inside are left out: 1" in mask.remarks[0]


def test_slices_between_contours_take_the_nearest(tmp_path):
    onto = geometry_of(spacing=(0.8, 0.9, 2.0), shape=(13, *SHAPE[1:]))  # slices at 40, 42, ...
    path = write_structures(tmp_path / "a.dcm", {"a": [circle(8, 43.5), circle(5, 48.5)]})
    mask = read_mask_volume(path, onto)
    assert [int(number) for number in np.unique(np.nonzero(mask.values)[0])] == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(mask.values[2] == 1, disc(onto, 2, 8))
    np.testing.assert_array_equal(mask.values[4] == 1, disc(onto, 4, 5))


@pytest.mark.parametrize("direction", [OBLIQUE, np.eye(3)[:, [2, 0, 1]]], ids=["oblique", "other plane"])
def test_contours_across_the_slices_keep_their_volume(tmp_path, direction):
    onto = Geometry.of((50, 60, 70), (0, 0, 0), (1, 1, 1), direction)
    onto = Geometry.of((50, 60, 70), -onto.world((25, 30, 35)), (1, 1, 1), direction)  # its middle is at 0
    contours = [circle(8, height, (0, 0)) for height in np.arange(-9, 9.1, 1.5)]
    mask = read_mask_volume(write_structures(tmp_path / "a.dcm", {"rod": contours}), onto)
    assert np.count_nonzero(mask.values) == pytest.approx(np.pi * 8**2 * 19.5, rel=0.05)
    middle = onto.world(np.argwhere(mask.values)).mean(axis=0)
    np.testing.assert_allclose(middle, 0, atol=0.3)


def test_contours_of_another_place_are_refused(tmp_path):
    path = write_structures(tmp_path / "a.dcm", {"a": [circle(8, 900)]})
    with pytest.raises(SegPaintError, match="lies elsewhere"):
        read_mask_volume(path, geometry_of())


# ---- pictures, and what is no mask


def test_a_picture_is_laid_on_a_picture_of_its_size(tmp_path):
    palette = Image.fromarray(ring()[2])
    palette.putpalette([0, 0, 0, 255, 0, 51, 0, 102, 204])
    palette.save(tmp_path / "a.png")
    onto = Geometry.of((1, *SHAPE[1:]), (0, 0, 0), (1, 1, 1), np.eye(3), is_placed=False, is_measured=False)
    mask = read_mask_volume(tmp_path / "a.png", onto)
    np.testing.assert_array_equal(mask.values[0], ring()[2])
    assert mask.colors == {1: "#ff0033", 2: "#0066cc"}
    palette.convert("RGBA").save(tmp_path / "flat.png")
    flat = read_mask_volume(tmp_path / "flat.png", onto)
    assert {flat.colors[value]: np.count_nonzero(flat.values == value) for value in (1, 2)} == {
        mask.colors[value]: np.count_nonzero(mask.values == value) for value in (1, 2)
    }
    with pytest.raises(SegPaintError, match="1 x 30 x 40 voxels"):
        read_mask_volume(tmp_path / "a.png", geometry_of())


def write_fractions(folder):
    nibabel.save(nibabel.Nifti1Image(np.full((3, 4, 5), 0.4), np.eye(4)), folder / "a.nii")
    return folder / "a.nii"


def write_negative(folder):
    write_volume(folder / "a.nrrd", np.full(SHAPE, -1000, np.int16), geometry_of())
    return folder / "a.nrrd"


def write_shades(folder):
    write_volume(folder / "a.mha", np.arange(7200, dtype=np.uint16).reshape(SHAPE), geometry_of())
    return folder / "a.mha"


def write_photograph(folder):
    Image.fromarray(ring()[2]).save(folder / "a.jpg")
    return folder / "a.jpg"


def write_scan(folder):
    return write(folder / "a.dcm", filled(header(), np.zeros((4, 4), np.uint16)))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (write_fractions, "no whole numbers"),
        (write_negative, "-1000"),
        (write_shades, "a scan and no mask"),
        (write_photograph, "JPEG"),
        (write_scan, "no mask"),
    ],
)
def test_what_is_no_mask_gets_a_sentence_that_names_it(tmp_path, make, reason):
    path = make(tmp_path)
    with pytest.raises(SegPaintError, match=reason) as caught:
        read_mask_volume(path, geometry_of())
    assert path.name in str(caught.value)


def test_an_empty_mask_is_reported(tmp_path):
    write_volume(tmp_path / "a.nii", np.zeros(SHAPE, np.uint8), geometry_of())
    assert "labels nothing" in read_mask_volume(tmp_path / "a.nii", geometry_of()).remarks[0]
