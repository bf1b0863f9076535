"""Kinds of volumes that other programs write, and that were once taken for something else."""

import json

import nibabel
import numpy as np
import pytest
from PIL import Image

from segpaint.cli import main

SHAPE = (32, 32, 6)
AFFINE = np.diag([2.0, 2.0, 5.0, 1.0])


def scan(seed=0):
    """Grey tissue with noise, and a brighter organ with the label 1."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[10:20, 12:22] = 1
    return np.random.default_rng(seed).normal(300, 50, SHAPE) + 400.0 * labels, labels


def save(path, values, affine=AFFINE):
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values, affine), path)


@pytest.fixture
def prepare(tmp_path, capfd):
    """Prepare the folder `scans`: the exit status and all that was reported."""

    def run(*options, status=0):
        words = ["prepare", str(tmp_path / "scans"), "--out", str(tmp_path / "out"), "--size", "32"]
        assert main([*words, "--crop", "none", *options]) == status
        assert (tmp_path / "out").exists() == (status == 0)
        return " ".join(capfd.readouterr().err.split())

    return run


def slices(tmp_path, name):
    paths = sorted((tmp_path / "out" / "images").glob(f"*/{name}_*.png"))
    return np.stack([np.asarray(Image.open(path)) for path in paths])


@pytest.mark.parametrize("unknown", [np.inf, -np.inf, np.nan, 1e300], ids=str)
def test_infinite_voxels_do_not_change_the_shades_of_the_others(tmp_path, prepare, unknown):
    for name in "abc":
        image, labels = scan()
        save(tmp_path / "scans/images" / f"{name}.nii.gz", image)
        save(tmp_path / "scans/labels" / f"{name}.nii.gz", labels)
    image[:4] = unknown
    save(tmp_path / "scans/images/a.nii.gz", image)
    save(tmp_path / "scans/images/b.nii.gz", image)
    told = prepare("--spacing", "2")
    assert f"12.5% of the voxels of {tmp_path / 'scans/images/a.nii.gz'} are infinite or NaN." in told
    assert "prepared.json lists 1 more of this kind" in told
    damaged, whole = slices(tmp_path, "a"), slices(tmp_path, "c")
    assert (damaged[..., -4:] == 0).all()  # the file's first rows lie on the right
    known = np.s_[..., :-4]
    np.testing.assert_allclose(damaged[known].astype(int), whole[known], atol=6)
    cases = json.loads((tmp_path / "out/prepared.json").read_text())["cases"]
    assert [len(cases[name]["remarks"]) for name in "abc"] == [1, 1, 0]


def test_a_scan_without_any_finite_voxel_is_refused(tmp_path, prepare):
    image, labels = scan()
    save(tmp_path / "scans/images/a.nii.gz", np.full_like(image, np.nan))
    save(tmp_path / "scans/labels/a.nii.gz", labels)
    assert "has no finite voxel" in prepare(status=2)
