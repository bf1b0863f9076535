"""CT that looks like MR by its lowest value, and the other way round."""

import json

import nibabel
import numpy as np
import pytest
from PIL import Image
from scans import SHAPE, prepare, record, save_pair, scan

from segpaint.training.preparing.modality import measure_intensities


def hounsfield(seed=0):
    """Air, a ring of fat, soft tissue, and bone, with noise, in whole numbers as scanners write them."""
    rng = np.random.default_rng(seed)
    x, y = np.mgrid[:32, :32] - 15.5
    radius = np.repeat(np.hypot(x, y)[..., None], SHAPE[2], axis=2)
    values = np.select([radius < 3, radius < 10, radius < 13], [600.0, 50.0, -100.0], -1000.0)
    return np.rint(values + rng.normal(0, 12, SHAPE)).clip(-1024).astype(np.int16)


def mr(seed=0):
    """Shades that overlap: dark noise around a body that a coil shows ever darker to one side."""
    rng = np.random.default_rng(seed)
    body = scan()[1] * 500.0 + 500.0
    return np.abs(body * np.linspace(0.4, 1.4, 32)[:, None, None] + rng.normal(0, 60, SHAPE)).astype(np.int16)


@pytest.fixture
def modality(tmp_path):
    """The modality that stands in the data set that was made."""
    return lambda: json.loads((tmp_path / "out/labels.json").read_text())["modality"]


CLIPPED, SHIFTED = np.maximum(hounsfield(), -200), hounsfield() + 1024


@pytest.mark.parametrize(
    ("image", "reason"),
    [(CLIPPED, "% of its voxels have exactly its lowest value, -200"), (SHIFTED, "stored with 1024 added")],
    ids=["clipped", "shifted"],
)
def test_a_ct_without_its_air_is_asked_about_before_anything_is_written(tmp_path, capfd, image, reason):
    save_pair(tmp_path / "scans", "a", image)
    save_pair(tmp_path / "scans", "b", image)
    told = prepare(tmp_path, capfd, status=2)
    assert f"{tmp_path / 'scans/images/a.nii.gz'} looks like a CT" in told
    assert reason in told
    assert "So do others: 1. Name what it is: --modality CT or --modality MR." in told


@pytest.mark.parametrize("lowest", [-400, -160, -100, -50, -20])
def test_a_ct_is_asked_about_wherever_it_was_clipped(tmp_path, capfd, lowest):
    save_pair(tmp_path / "scans", "a", np.maximum(hounsfield(), lowest))
    assert f"exactly its lowest value, {lowest}" in prepare(tmp_path, capfd, status=2)


def one_dark_voxel():
    image = mr()
    image[0, 0, 0] = -1000
    return image


PHASES = np.random.default_rng(0).integers(-4096, 4096, SHAPE).astype(np.int16)


@pytest.mark.parametrize("image", [one_dark_voxel(), PHASES], ids=["one dark voxel", "phases of an MR"])
def test_low_values_alone_make_no_ct(tmp_path, capfd, image):
    save_pair(tmp_path / "scans", "a", image)
    told = prepare(tmp_path, capfd, status=2)
    assert "as a CT does, but too few of its voxels" in told
    assert "--modality MR" in told


def test_a_ct_of_an_arm_in_a_wide_field_is_ct(tmp_path, capfd, modality):
    image = np.full(SHAPE, -1000, np.int16)
    image[14:18, 14:18] = 40
    save_pair(tmp_path / "scans", "a", image)
    prepare(tmp_path, capfd)
    assert modality() == "CT"


@pytest.mark.parametrize("image", [CLIPPED, SHIFTED], ids=["clipped", "shifted"])
@pytest.mark.parametrize("named", ["CT", "MR", "ct"])
def test_a_modality_that_is_named_is_obeyed(tmp_path, capfd, modality, image, named):
    save_pair(tmp_path / "scans", "a", image)
    assert f"The modality is {named.upper()}, because --modality names it." in prepare(
        tmp_path, capfd, "--modality", named
    )
    assert modality() == named.upper()


@pytest.mark.parametrize("window", [[], ["--window", "ct-bone"]], ids=["default", "named"])
def test_a_shifted_ct_has_the_shades_of_one_that_is_not(tmp_path, capfd, window):
    save_pair(tmp_path / "scans", "a", hounsfield())
    save_pair(tmp_path / "scans", "b", SHIFTED)
    told = prepare(tmp_path, capfd, "--modality", "CT", *window)
    assert "Its window is shifted as far." in told
    straight, shifted = (
        np.stack([np.asarray(Image.open(path)) for path in sorted(tmp_path.glob(f"out/images/*/{name}_*.png"))])
        for name in "ab"
    )
    np.testing.assert_array_equal(shifted, straight)


def test_a_window_in_numbers_counts_as_stored(tmp_path, capfd):
    save_pair(tmp_path / "scans", "b", SHIFTED)
    told = prepare(tmp_path, capfd, "--modality", "CT", "--window", "900", "1200")
    assert "The numbers of --window are taken as stored." in told
    assert record(tmp_path)["cases"]["b"]["window"] == [900, 1200]


@pytest.mark.parametrize(("image", "expected"), [(hounsfield(), "CT"), (mr(), "MR")], ids=["CT", "MR"])
def test_the_modality_and_the_reason_are_reported(tmp_path, capfd, modality, image, expected):
    save_pair(tmp_path / "scans", "a", image)
    assert f"The modality is {expected}, because " in prepare(tmp_path, capfd)
    assert modality() == expected


def test_one_clipped_volume_among_others_that_are_surely_ct_is_not_asked_about(tmp_path, capfd, modality):
    save_pair(tmp_path / "scans", "a", CLIPPED)
    save_pair(tmp_path / "scans", "b", hounsfield())
    prepare(tmp_path, capfd)
    assert modality() == "CT"


def test_mr_whose_brightest_organ_has_the_values_of_soft_tissue_is_mr(tmp_path, capfd, modality):
    drawn = scan()[1]
    drawn[4:28, 4:28] += 1
    shades = np.array([20, 300, 900])[drawn]
    save_pair(tmp_path / "scans", "a", shades + np.random.default_rng(0).normal(0, 9, SHAPE))
    prepare(tmp_path, capfd)
    assert modality() == "MR"


@pytest.mark.parametrize("name", ["anatomical.nii", "example4d.nii.gz", "functional.nii"])
def test_real_mr_is_not_taken_for_ct_at_any_scale(name):
    path = nibabel.__path__[0] + "/tests/data/" + name
    image = np.asarray(nibabel.load(path).dataobj, np.float32)
    image = image.reshape(*image.shape[:3], -1)[..., :1]
    for highest in range(300, 6000, 100):
        seen = measure_intensities(image / image.max() * highest)
        assert not seen.is_shifted
        assert not seen.is_clipped


RESCALED, CLIPPED_AT_0 = (hounsfield() + 1000) / 2000.0, np.maximum(hounsfield(), 0)
PET = np.maximum(scan()[1] * 8.0 + np.random.default_rng(1).normal(1, 0.3, SHAPE), 0)
WEAK = pytest.mark.parametrize(
    "image", [RESCALED, CLIPPED_AT_0, PET, mr()], ids=["CT from 0 to 1", "CT from 0", "PET", "MR"]
)


@WEAK
def test_a_guess_is_called_so_and_the_modality_is_asked_for(tmp_path, capfd, image):
    save_pair(tmp_path / "scans", "a", image)
    told = prepare(tmp_path, capfd)
    assert "The modality is MR, because no intensity is as low as a CT's air" in told
    assert "Caution: this is a guess, for nothing names it. Give --modality" in told


@WEAK
@pytest.mark.parametrize(("name", "expected"), [("p1_PET", "PT"), ("mri-7", "MR"), ("a.T2w", "MR")])
def test_names_of_files_tell_what_intensities_do_not(tmp_path, capfd, modality, image, name, expected):
    save_pair(tmp_path / "scans", name, image)
    assert "because the names of the files hold it." in prepare(tmp_path, capfd)
    assert modality() == expected


@pytest.mark.parametrize("names", [("a_ct", "b_mr"), ("pet-ct",), ("ct_1", "2"), ("actor", "primrose")])
def test_names_that_differ_or_hold_no_modality_count_for_nothing(tmp_path, capfd, names):
    for name in names:
        save_pair(tmp_path / "scans", name, mr())
    assert "Caution: this is a guess" in prepare(tmp_path, capfd)


def test_the_intensities_of_a_ct_count_more_than_a_name(tmp_path, capfd, modality):
    save_pair(tmp_path / "scans", "a_mr", hounsfield())
    prepare(tmp_path, capfd)
    assert modality() == "CT"


def test_a_name_settles_what_would_be_asked(tmp_path, capfd, modality):
    save_pair(tmp_path / "scans", "a_ct", CLIPPED)
    prepare(tmp_path, capfd)
    assert modality() == "CT"
