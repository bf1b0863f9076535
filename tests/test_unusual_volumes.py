"""Kinds of volumes that other programs write, and that were once taken for something else."""

import numpy as np
import pytest
from PIL import Image
from scans import prepare, record, save, save_pair, scan


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
    assert f"12.5% of the voxels of {tmp_path / 'scans/images/a.nii.gz'} are infinite or NaN." in told
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
