import gzip
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.io.cases import Case
from segpaint.io.volumes import check_case, read_stack

SPACING = (1.0, 2.0, 3.0)  # towards the right, the front and the head
SHAPE = (12, 10, 8)


@pytest.fixture
def voxels():
    """Grey everywhere, brighter at the patient's right, in front, and at the head: each its own value."""
    image = np.full(SHAPE, 100, np.int16)
    image[-1] += 1
    image[:, -1] += 10
    image[:, :, -1] += 100
    return image


@pytest.fixture
def save(tmp_path):
    """Write a volume, whose axes may be stored in any order and direction."""

    def write(values, name="scan.nii.gz", stored="RAS", origin=(-5.0, 7.0, 20.0), spacing=SPACING):
        affine = np.diag([*spacing, 1.0])
        affine[:3, 3] = origin
        image = nibabel.Nifti1Image(values, affine)
        turn = nibabel.orientations.ornt_transform(
            nibabel.orientations.axcodes2ornt("RAS"), nibabel.orientations.axcodes2ornt(stored)
        )
        nibabel.save(image.as_reoriented(turn), tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def case(save, voxels):
    labels = np.zeros(SHAPE, np.uint8)
    labels[-3:, -4:, -2:] = 7
    return Case("scan", (save(voxels),), save(labels, "labels.nii.gz"))


def complaint(case):
    with pytest.raises(SegPaintError) as caught:
        read_stack(case, "axial")
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith((".", "?"))
    return message


def test_axial_slices_have_the_front_on_top_and_the_right_side_on_the_left(case):
    stack = read_stack(case, "axial")
    assert stack.images.shape == (8, 10, 12, 1)
    first, last = stack.images[0, ..., 0], stack.images[-1, ..., 0]
    assert (first[0, 3], first[5, 0], first[5, 3], first[0, 0]) == (110, 101, 100, 111)
    assert last[5, 3] == 200  # counted from the feet to the head
    assert stack.spacing == (2.0, 1.0)


def test_coronal_slices_have_the_head_on_top_and_the_right_side_on_the_left(case):
    stack = read_stack(case, "coronal")
    assert stack.images.shape == (10, 8, 12, 1)
    first, last = stack.images[0, ..., 0], stack.images[-1, ..., 0]
    assert (first[0, 3], first[5, 0], first[5, 3]) == (200, 101, 100)
    assert last[5, 3] == 110  # counted from the back to the front
    assert stack.spacing == (3.0, 1.0)


def test_sagittal_slices_have_the_head_on_top_and_the_front_on_the_left(case):
    stack = read_stack(case, "sagittal")
    assert stack.images.shape == (12, 8, 10, 1)
    first, last = stack.images[0, ..., 0], stack.images[-1, ..., 0]
    assert (first[0, 3], first[5, 0], first[5, 3]) == (200, 110, 100)
    assert last[5, 3] == 101  # counted from the left side to the right
    assert stack.spacing == (3.0, 2.0)


@pytest.mark.parametrize("stored", ["LPS", "PIR", "SAL", "RSP"])
@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal"])
def test_the_order_in_which_voxels_are_stored_does_not_matter(case, save, voxels, stored, axis):
    expected = read_stack(case, axis)
    labels = np.zeros(SHAPE, np.uint8)
    labels[-3:, -4:, -2:] = 7
    other = Case("other", (save(voxels, "a.nii", stored),), save(labels, "b.nii", stored))
    stack = read_stack(other, axis)
    np.testing.assert_array_equal(stack.images, expected.images)
    np.testing.assert_array_equal(stack.labels, expected.labels)
    assert stack.spacing == pytest.approx(expected.spacing)


def test_labels_lie_where_the_image_has_them(case):
    stack = read_stack(case, "axial")
    assert stack.labels.shape == (8, 10, 12)
    assert (stack.labels[-2:, :4, :3] == 7).all()
    assert (stack.labels == 7).sum() == 2 * 4 * 3


def test_labels_stored_as_whole_floats_are_read(case, save):
    values = np.zeros(SHAPE, np.float32)
    values[3] = 254
    stack = read_stack(replace(case, labels=save(values, "float.nii.gz")), "axial")
    assert set(np.unique(stack.labels)) == {0, 254}


def test_a_fourth_axis_of_length_one_does_no_harm(case, save, voxels):
    image = nibabel.Nifti1Image(voxels[..., None], nibabel.load(case.images[0]).affine)
    nibabel.save(image, case.images[0])
    assert read_stack(case, "axial").images.shape == (8, 10, 12, 1)


@pytest.mark.parametrize(
    ("value", "reason"), [(255, "holds the label 255"), (-1, "the label -1"), (0.5, "no whole numbers")]
)
def test_labels_out_of_range_are_named_with_their_file(case, save, value, reason):
    path = save(np.full(SHAPE, value, np.float32), "wrong.nii.gz")
    message = complaint(replace(case, labels=path))
    assert reason in message
    assert str(path) in message


def test_labels_of_another_shape_are_refused(case, save):
    path = save(np.zeros((12, 10, 9), np.uint8), "wrong.nii.gz")
    message = complaint(replace(case, labels=path))
    assert f"{path} has 12 x 10 x 9 voxels" in message
    with pytest.raises(SegPaintError, match="12 x 10 x 9"):
        check_case(replace(case, labels=path))


@pytest.mark.parametrize("change", [{"origin": (-5.0, 7.0, 21.0)}, {"spacing": (1.0, 2.0, 3.1)}], ids=str)
def test_labels_that_lie_elsewhere_are_refused(case, save, change):
    path = save(np.zeros(SHAPE, np.uint8), "wrong.nii.gz", **change)
    with pytest.raises(SegPaintError, match="their affines differ"):
        check_case(replace(case, labels=path))


def test_a_hair_between_the_affines_does_no_harm(case, save):
    path = save(np.zeros(SHAPE, np.uint8), "near.nii.gz", origin=(-5.0, 7.0, 20.0001))
    check_case(replace(case, labels=path))


@pytest.mark.parametrize("content", [b"", b"no volume", gzip.compress(b"no volume", mtime=0)])
def test_a_file_that_is_no_volume_is_named(case, content):
    case.images[0].write_bytes(content)
    assert complaint(case).startswith(f"{case.images[0]} cannot be read")


def test_a_truncated_file_is_named(case):
    whole = case.images[0].read_bytes()
    case.images[0].write_bytes(whole[: len(whole) * 3 // 4])
    assert complaint(case).startswith(f"{case.images[0]} cannot be read")


def test_a_missing_file_and_a_series_are_named(case, save):
    missing = case.images[0].with_name("nowhere.nii")
    assert str(missing) in complaint(replace(case, images=(missing,)))
    nibabel.save(nibabel.Nifti1Image(np.zeros((*SHAPE, 3), np.int16), np.eye(4)), case.images[0])
    assert "12 x 10 x 8 x 3" in complaint(case)


def test_colours_of_a_picture_may_lie_in_three_files(tmp_path):
    paths = []
    for number in range(3):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(np.full((4, 6), 50 * number, np.uint8)).save(paths[-1])
    Image.fromarray(np.ones((4, 6), np.uint8)).save(tmp_path / "labels.png")
    stack = read_stack(Case("picture", tuple(paths), tmp_path / "labels.png"), "axial")
    assert stack.images.shape == (1, 4, 6, 3)
    assert stack.images[0, 0, 0].tolist() == [0, 50, 100]
    assert (stack.labels == 1).all()
    Image.fromarray(np.ones((5, 6), np.uint8)).save(tmp_path / "labels.png")
    with pytest.raises(SegPaintError, match="is 6 x 5 pixels"):
        read_stack(Case("picture", tuple(paths), tmp_path / "labels.png"), "axial")


@pytest.mark.parametrize("stored", ["RAS", "LPS", "PIR", "SAL"])
@pytest.mark.parametrize(
    ("axis", "sides"), [("axial", ("R", "A")), ("coronal", ("R", "S")), ("sagittal", ("A", "S"))]
)
def test_the_sides_at_the_left_and_at_the_top_are_known(save, voxels, stored, axis, sides):
    labels = np.zeros(SHAPE, np.uint8)
    case = Case("scan", (save(voxels, "a.nii", stored),), save(labels, "b.nii", stored))
    assert read_stack(case, axis).sides == sides
