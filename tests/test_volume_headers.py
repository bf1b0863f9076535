"""Headers of volumes whose units, sides, or slices are not what one would guess."""

import nibabel
import numpy as np
import pytest
from PIL import Image
from scans import AFFINE, SHAPE, prepare, record, save, save_pair, scan

from segpaint.core.errors import SegPaintError
from segpaint.io.cases import Case
from segpaint.io.volume_headers import open_volume
from segpaint.io.volumes import check_case, read_stack

MICROMETRES, METRES = 3, 1


def scaled(factor):
    return np.diag([factor, factor, factor, 1.0]) @ AFFINE


def oblique_affine(degrees, sizes=(1.4, 1.4, 8.0)):
    """A stack tilted about two axes: its slices' normal leads to the left, the front, and the feet."""
    turn, tilt = np.radians(degrees), np.radians(degrees * 0.8)
    across = np.array([np.cos(turn), np.sin(turn), 0.0])
    through = np.array([-np.sin(turn) * np.cos(tilt), np.cos(turn) * np.cos(tilt), -np.sin(tilt)])
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([across, np.cross(through, across), through]) * sizes
    return affine


# ---- units


@pytest.mark.parametrize(("unit", "factor"), [(0, 1), (2, 1), (MICROMETRES, 1000), (METRES, 0.001)], ids=str)
def test_units_of_length_are_honoured(tmp_path, capfd, unit, factor):
    save_pair(tmp_path / "scans", "a", affine=scaled(factor), xyzt_units=unit)
    told = prepare(tmp_path, capfd)
    assert record(tmp_path)["pixel_spacing"] == pytest.approx(64 / 30, abs=1e-3)
    assert ("Its voxels are taken as 2 x 2 x 5 mm." in told) == (factor != 1)
    assert len(record(tmp_path)["cases"]["a"]["remarks"]) == (factor != 1)


@pytest.mark.parametrize(("unit", "factor"), [(0, 1000), (0, 1), (2, 1), (MICROMETRES, 1000)], ids=str)
def test_labels_may_be_in_another_unit_or_lack_it(tmp_path, unit, factor):
    image, labels = scan()
    case = Case("a", (tmp_path / "a.nii.gz",), tmp_path / "b.nii.gz")
    save(case.images[0], image, scaled(1000), xyzt_units=MICROMETRES)
    save(case.labels, labels, scaled(factor), xyzt_units=unit)
    check_case(case)
    moved = scaled(factor)
    moved[2, 3] = 5 * factor
    save(case.labels, labels, moved, xyzt_units=unit)
    with pytest.raises(SegPaintError, match="their affines differ"):
        check_case(case)


# ---- sides


def save_forms(path, sform, qform, codes=(1, 1)):
    image = nibabel.Nifti1Image(scan()[0], AFFINE)
    image.set_sform(sform, codes[0])
    image.set_qform(qform, codes[1])
    path.parent.mkdir(exist_ok=True)
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize(
    ("qform", "is_told"),
    [(AFFINE, False), (np.diag([2.0, -2.0, 5.0, 1.0]), True), (np.diag([2.0, 2.0, 6.0, 1.0]), True)],
    ids=["same", "mirrored", "thicker"],
)
def test_sform_and_qform_that_contradict_are_reported(tmp_path, qform, is_told):
    volume = open_volume(save_forms(tmp_path / "a.nii.gz", AFFINE, qform))
    np.testing.assert_allclose(volume.affine, AFFINE)
    assert ("The sform is used." in volume.remarks.get("forms", "")) == is_told
    assert bool(volume.remarks) == is_told


@pytest.mark.parametrize("codes", [(0, 1), (1, 0)])
def test_a_form_that_is_not_in_force_contradicts_nothing(tmp_path, codes):
    volume = open_volume(save_forms(tmp_path / "a.nii.gz", AFFINE, AFFINE, codes))
    assert not volume.remarks


def test_sides_that_no_header_holds_are_assumed_and_reported(tmp_path, capfd):
    save_pair(tmp_path / "scans", "a", affine=None)
    save_pair(tmp_path / "scans", "b", affine=None)
    told = prepare(tmp_path, capfd)
    assert "No sides are in the header of" in told
    assert "they are assumed" in told
    assert "prepared.json lists 1 more of this kind" in told


@pytest.mark.parametrize("affine", [np.diag([2.0, 0.0, 5.0, 1.0]), np.ones((4, 4))], ids=["flat", "parallel"])
def test_an_affine_that_is_singular_is_refused(tmp_path, affine):
    save(tmp_path / "a.nii.gz", scan()[0])
    raw = nibabel.load(tmp_path / "a.nii.gz")
    for row, name in enumerate(("srow_x", "srow_y", "srow_z")):
        raw.header[name] = affine[row]
    with (tmp_path / "b.nii").open("wb") as file:
        raw.header.write_to(file)
        file.write(bytes(4) + np.zeros(SHAPE).tobytes())
    with pytest.raises(SegPaintError, match=r"b\.nii has voxels without a size: .* singular affine"):
        open_volume(tmp_path / "b.nii")


@pytest.mark.parametrize("factor", [1e-30, 1e-6, 1500, 1e30])
def test_sizes_that_no_scan_has_are_refused(tmp_path, capfd, factor):
    save_pair(tmp_path / "scans", "a", affine=scaled(factor))
    assert "mm, which no scan has. Correct the sizes or the unit" in prepare(tmp_path, capfd, status=2)


@pytest.mark.parametrize(("zero", "is_refused"), [(1, True), (3, False)], ids=["columns", "a single slice"])
def test_sizes_of_zero_are_not_taken_for_a_millimetre(tmp_path, caplog, zero, is_refused):
    image = nibabel.Nifti1Image(scan()[0][..., :1], None)
    image.header["pixdim"][zero] = 0
    with (tmp_path / "a.nii").open("wb") as file:
        image.header.write_to(file)
        file.write(bytes(4) + np.zeros((*SHAPE[:2], 1)).tobytes())
    if is_refused:
        with pytest.raises(SegPaintError, match=r"a\.nii has voxels without a size: its header holds zeros"):
            open_volume(tmp_path / "a.nii")
    else:
        assert open_volume(tmp_path / "a.nii").sizes.tolist() == [1, 1, 1]
    assert not caplog.records


# ---- oblique stacks


def short_axis(folder, name, degrees, stored=(0, 1, 2)):
    """Slices of one shade each, and so a bar wherever one is cut across."""
    image = np.empty(SHAPE, np.int16)
    image[:] = 100 + 50 * np.arange(SHAPE[2])
    image[:4, :4] = 900  # a mark that shows how slices are laid out
    affine = oblique_affine(degrees)[:, [*stored, 3]]
    save_pair(folder, name, image.transpose(stored), scan()[1].transpose(stored), affine)


def slices(tmp_path, name):
    paths = sorted((tmp_path / "out" / "images").glob(f"*/{name}_*.png"))
    return np.stack([np.asarray(Image.open(path)) for path in paths])


@pytest.mark.parametrize("options", [[], ["--axis", "acquired"]], ids=["default", "asked for"])
@pytest.mark.parametrize("degrees", [10, 35, 44, 46, 50, 60])
def test_oblique_stacks_are_cut_into_the_slices_that_were_acquired(tmp_path, capfd, degrees, options):
    short_axis(tmp_path / "scans", "a", degrees)
    short_axis(tmp_path / "scans", "b", 40, stored=(2, 0, 1))
    told = prepare(tmp_path, capfd, "--spacing", "1.4", *options)
    assert ("oblique by" in told) == (not options)
    assert {one["axis"] for one in record(tmp_path)["cases"].values()} == {"acquired"}
    assert record(tmp_path)["pixel_spacing"] == 1.4
    for name in "ab":
        cut = slices(tmp_path, name)
        assert len(cut) == SHAPE[2]
        assert [len(np.unique(plane[8:, :24])) for plane in cut] == [1] * SHAPE[2]  # no bars
        assert (np.diff([np.median(plane) for plane in cut]) > 0).all()  # in the file's order
        # The file's first axis leads to the right and the front, its second to the feet.
        assert {plane[0, 31].item() for plane in cut} == {255}


def test_an_oblique_stack_cut_along_another_axis_is_reported(tmp_path, capfd):
    short_axis(tmp_path / "scans", "a", 50)
    told = prepare(tmp_path, capfd, "--axis", "axial")
    assert "is oblique by" in told
    assert "--axis acquired avoids it" in told
    assert record(tmp_path)["cases"]["a"]["axis"] == "axial"


def test_volumes_that_lie_straight_or_have_no_thick_slices_are_axial(tmp_path, capfd):
    save_pair(tmp_path / "scans", "straight")
    assert "oblique" not in prepare(tmp_path, capfd)
    save_pair(tmp_path / "scans", "fine", affine=oblique_affine(30, (2.0, 2.0, 2.0)))
    (tmp_path / "out").rename(tmp_path / "before")
    assert "fine.nii.gz is oblique by" in prepare(tmp_path, capfd)
    assert {one["axis"] for one in record(tmp_path)["cases"].values()} == {"axial"}


@pytest.mark.parametrize(
    ("sizes", "told", "axis"),
    [((3, 1, 1), None, 0), ((1, 4, 1), 0, 1), ((1, 1, 1), 0, 0), ((1, 1, 1), None, 2), ((1, 1, 1.05), 1, 1)],
    ids=str,
)
def test_the_acquired_axis_is_the_coarsest_or_that_of_the_header_or_the_third(tmp_path, sizes, told, axis):
    image = nibabel.Nifti1Image(scan()[0], np.diag([*sizes, 1.0]))
    image.header.set_dim_info(slice=told)
    nibabel.save(image, tmp_path / "a.nii.gz")
    assert open_volume(tmp_path / "a.nii.gz").acquired == axis


@pytest.mark.parametrize("degrees", range(5, 75, 5))
def test_similar_oblique_slices_are_laid_out_alike(tmp_path, degrees):
    image, labels = scan()
    case = Case("a", (tmp_path / "a.nii.gz",), tmp_path / "b.nii.gz")
    for path, values in ((case.images[0], image), (case.labels, labels)):
        save(path, values, oblique_affine(degrees))
    stack = read_stack(case, "acquired")
    expected = image.transpose(2, 1, 0)[..., ::-1].astype(np.float32)
    np.testing.assert_array_equal(stack.images[..., 0], expected)


@pytest.mark.parametrize(("plane", "rows"), [("sagittal", [2, 0, 1]), ("coronal", [0, 2, 1])])
def test_thick_slices_that_are_not_axial_are_not_cut_across(tmp_path, capfd, plane, rows):
    affine = AFFINE[[*rows, 3]]  # the third axis, of thick slices, leads to the left or the front
    save_pair(tmp_path / "scans", "spine", affine=affine)
    told = prepare(tmp_path, capfd)
    assert "spine.nii.gz has thick slices, not axial ones" in told
    assert record(tmp_path)["cases"]["spine"]["axis"] == "acquired"
    for given, is_across in (("axial", True), (plane, False), ("acquired", False)):
        (tmp_path / "out").rename(tmp_path / f"before {given}")
        assert ("cuts across, into bars" in prepare(tmp_path, capfd, "--axis", given)) == is_across
