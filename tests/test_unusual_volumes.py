"""Kinds of volumes that other programs write, and that were once taken for something else."""

import numpy as np
import pytest
from PIL import Image
from scans import AFFINE, prepare, record, save, save_pair, scan

from segpaint.training.dataset import read_data_set


def slices(tmp_path, name):
    paths = sorted((tmp_path / "out" / "images").glob(f"*/{name}_*.png"))
    return np.stack([np.asarray(Image.open(path)) for path in paths])


@pytest.mark.parametrize("unknown", [np.inf, -np.inf, np.nan, 1e300], ids=str)
def test_infinite_voxels_do_not_change_the_shades_of_the_others(tmp_path, capfd, unknown):
    for name in "abc":
        save_pair(tmp_path / "scans", name)
    image, _ = scan()
    image[:4] = unknown
    save(tmp_path / "scans/images/a.nii.gz", image)
    save(tmp_path / "scans/images/b.nii.gz", image)
    told = prepare(tmp_path, capfd, "--spacing", "2")
    assert f"12 % of the voxels of {tmp_path / 'scans/images/a.nii.gz'} are infinite or NaN." in told
    assert "prepared.json lists 1 more of this kind" in told
    damaged, whole = slices(tmp_path, "a"), slices(tmp_path, "c")
    assert (damaged[..., -4:] == 0).all()  # the file's first rows lie on the right
    known = np.s_[..., :-4]
    np.testing.assert_allclose(damaged[known].astype(int), whole[known], atol=6)
    cases = record(tmp_path)["cases"]
    assert [len(cases[name]["remarks"]) for name in "abc"] == [1, 1, 0]


def test_a_scan_without_any_finite_voxel_is_refused(tmp_path, capfd):
    image, _ = scan()
    save_pair(tmp_path / "scans", "a", np.full_like(image, np.nan))
    assert "has no finite voxel" in prepare(tmp_path, capfd, status=2)


@pytest.mark.parametrize("apart", [1e-5, -1e-5, 9e-4])
def test_labels_whole_but_for_rounding_are_rounded(tmp_path, capfd, apart):
    save_pair(tmp_path / "scans", "a", labels=scan()[1] + apart)
    prepare(tmp_path, capfd)
    assert [label.index for label in read_data_set(tmp_path / "out").table] == [1]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0.9, "values that are no whole numbers"),
        (np.inf, "is infinite or NaN in voxels: 1. Labels are whole"),
        (-np.inf, "is infinite or NaN in voxels: 1."),
        (np.nan, "is infinite or NaN in voxels: 1."),
        (1e300, "holds the label 1000000000"),
    ],
    ids=str,
)
def test_labels_that_are_no_whole_numbers_get_a_sentence(tmp_path, capfd, value, reason):
    labels = scan()[1].astype(np.float64)
    labels[3, 3, 3] = value
    save_pair(tmp_path / "scans", "a", labels=labels)
    assert reason in prepare(tmp_path, capfd, status=2)


def test_volumes_of_nearly_one_shade_are_reported_before_anything_is_written(tmp_path, capfd):
    image, labels = scan()
    save_pair(tmp_path / "scans", "a", image)
    save_pair(tmp_path / "scans", "b", np.full_like(image, 7.0))
    assert "b.nii.gz is of a single shade, 7." in prepare(tmp_path, capfd)
    (tmp_path / "out").rename(tmp_path / "before")
    save(tmp_path / "scans/images/b.nii.gz", labels)
    told = prepare(tmp_path, capfd, "--modality", "CT")
    assert "b.nii.gz will have fewer than 8 shades: its values are 0 to 1, and -160 to 240 are shown" in told
    save(tmp_path / "scans/images/a.nii.gz", labels)
    (tmp_path / "out").rename(tmp_path / "before that")
    assert "All are so: there is nothing to learn from" in prepare(
        tmp_path, capfd, "--modality", "CT", status=2
    )


def test_a_spacing_at_which_a_slice_would_fill_the_memory_or_show_nothing_is_refused(tmp_path, capfd):
    save_pair(tmp_path / "scans", "a")
    assert "would have 640,000 x 640,000 pixels" in prepare(tmp_path, capfd, "--spacing", "1e-4", status=2)
    assert "would have 0 x 0 pixels" in prepare(tmp_path, capfd, "--spacing", "1e9", status=2)
    save_pair(tmp_path / "scans", "large", affine=np.diag([150.0, 150.0, 150.0, 1.0]) @ AFFINE)
    told = prepare(tmp_path, capfd, status=2)
    assert "a.nii.gz would have 0 x 0 pixels" in told
    assert "large.nii.gz 300 mm; correct their headers" in told
