"""Scans of every format are prepared alike: the same slices come of DICOM, NRRD, and MetaImage as of NIfTI."""

import json

import numpy as np
import pytest
from dicom_files import write_stack
from mask_files import write_segmentation
from PIL import Image
from scans import prepare

from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.geometry import Geometry
from segpaint.io.cases import Case, find_volumes
from segpaint.io.nnunet import find_nnunet
from segpaint.io.volume_files.volume_writers import write_volume
from segpaint.io.volumes import read_stack

SHAPE = 6, 30, 32
GEOMETRY = Geometry.of(SHAPE, (-20, -30, 40), (2.0, 2.0, 5.0), np.eye(3))
LABELS = np.zeros(SHAPE, np.uint8)
LABELS[1:5, 8:20, 10:24] = 1
VALUES = np.random.default_rng(0).integers(-100, 200, SHAPE) + 400 * LABELS.astype(int)


def write_scan(folder, name, ending):
    folder.mkdir(parents=True, exist_ok=True)
    if ending == "":
        return write_stack(folder / name, VALUES, spacing=(2.0, 2.0, 5.0))
    write_volume(folder / f"{name}{ending}", VALUES.astype(np.int16), GEOMETRY)
    return folder / f"{name}{ending}"


def write_labels(folder, name, ending, scan):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}{ending}"
    if ending == ".dcm":
        return write_segmentation(path, scan, LABELS[..., None] == 1, names=["organ"])
    write_volume(path, LABELS, GEOMETRY)
    return path


@pytest.mark.parametrize("axis", ["axial", "sagittal", "acquired"])
@pytest.mark.parametrize(
    ("image", "labels"),
    [
        (".nrrd", ".nii.gz"),
        (".mha", ".mha"),
        (".nii", ".seg.nrrd"),
        ("", ".nii.gz"),
        ("", ".dcm"),
        ("", ".nrrd"),
    ],
)
def test_slices_are_those_of_nifti(tmp_path, image, labels, axis):
    wanted = read_stack(
        Case("a", (write_scan(tmp_path, "a", ".nii"),), write_labels(tmp_path, "b", ".nii", None)), axis
    )
    scan = write_scan(tmp_path / "images", "a", image)
    write_labels(tmp_path / "labels", "a", labels, scan)
    (case,) = find_volumes(tmp_path).cases
    assert case.name == "a"
    found = read_stack(case, axis)
    np.testing.assert_array_equal(found.images, wanted.images)
    np.testing.assert_array_equal(found.labels, wanted.labels)
    assert found.spacing == pytest.approx(wanted.spacing)
    assert found.sides == wanted.sides


def test_labels_turned_by_a_converter_lie_on_the_series(tmp_path):
    scan = write_scan(tmp_path, "a", "")
    turned = GEOMETRY.moved((0, 1, 2), (False, True, False))  # as dcm2niix writes it
    write_volume(tmp_path / "a-labels.nii.gz", LABELS[:, ::-1], turned)
    (case,) = find_volumes(tmp_path).cases
    assert case.images == (scan,)
    np.testing.assert_array_equal(read_stack(case, "acquired").labels.sum((1, 2)), LABELS.sum((1, 2)))


def test_a_folder_of_series_is_prepared(tmp_path, capfd):
    for name in ("a", "b", "c"):
        write_scan(tmp_path / "scans" / "images", name, "")
        write_labels(tmp_path / "scans" / "labels", name, ".nii.gz", None)
    prepare(tmp_path, capfd, "--modality", "CT")
    out = tmp_path / "out"
    assert json.loads((out / "labels.json").read_text(encoding="utf-8"))["modality"] == "CT"
    masks = [np.asarray(Image.open(path)) for path in (out / "masks").rglob("*.png")]
    assert len(masks) == 12
    assert all(np.unique(mask).tolist() == [0, 1] for mask in masks)


def test_two_scans_of_one_name_are_refused(tmp_path):
    for ending in (".nrrd", ".nii"):
        write_scan(tmp_path / "images", "a", ending)
    with pytest.raises(SegPaintError, match=r"a\.nii and a\.nrrd; keep one"):
        find_volumes(tmp_path)


def test_films_need_a_number(tmp_path):
    for moment in (0, 40):
        write_stack(tmp_path / "images" / "a" / str(moment), VALUES + moment, TriggerTime=moment)
    write_labels(tmp_path / "labels", "a", ".nii", None)
    case = Case("a", (tmp_path / "images" / "a",), tmp_path / "labels" / "a.nii")
    with pytest.raises(SegPaintError, match="--channel"):
        read_stack(case, "axial")
    second = read_stack(Case(*[case.name, case.images, case.labels], channel=1), "acquired")
    assert second.images.max() == (VALUES + 40).max()
    with pytest.raises(SegPaintError, match="no 2"):
        read_stack(Case(*[case.name, case.images, case.labels], channel=2), "axial")


@pytest.mark.parametrize("ending", [".nrrd", ".mha"])
def test_a_data_set_of_nnunet_may_hold_other_formats(tmp_path, ending):
    for name in ("a", "b"):
        write_scan(tmp_path / "imagesTr", f"{name}_0000", ending)
        write_labels(tmp_path / "labelsTr", name, ending, None)
    told = {"file_ending": ending, "channel_names": {"0": "CT"}, "labels": {"background": 0, "organ": 1}}
    (tmp_path / "dataset.json").write_text(json.dumps(told), encoding="utf-8")
    cases = find_nnunet(tmp_path).cases
    assert [case.name for case in cases] == ["a", "b"]
    np.testing.assert_array_equal(read_stack(cases[0], "acquired").labels.sum((1, 2)), LABELS.sum((1, 2)))


@pytest.fixture
def data_set(tmp_path, capfd):
    """A prepared data set of three scans."""
    for name in ("a", "b", "c"):
        write_scan(tmp_path / "scans" / "images", name, ".nii")
        write_labels(tmp_path / "scans" / "labels", name, ".nii", None)
    prepare(tmp_path, capfd, "--modality", "CT", "--empty-share", "1")
    return tmp_path / "out"


def prepare_like(data_set, scans, out):
    return main(["prepare", str(scans), "--out", str(out), "--like", str(data_set)])


def test_scans_without_labels_are_cut_like_a_prepared_data_set(tmp_path, capfd, data_set):
    write_scan(tmp_path / "others", "d", "")
    write_scan(tmp_path / "others", "e", ".mha")
    assert prepare_like(data_set, tmp_path / "others", tmp_path / "more") == 0
    assert "12 slices" in capfd.readouterr().err
    known = {path.name: np.asarray(Image.open(path)) for path in (data_set / "images").rglob("*.png")}
    for number in range(len(VALUES)):
        for name in ("d", "e"):
            pixels = np.asarray(Image.open(tmp_path / "more" / f"{name}_{number:04d}.png"))
            np.testing.assert_array_equal(pixels, known[f"a_{number:04d}.png"])


def test_a_folder_without_scans_is_named(tmp_path, capfd, data_set):
    (tmp_path / "empty").mkdir()
    assert prepare_like(data_set, tmp_path / "empty", tmp_path / "more") == 2
    assert "holds no scans" in capfd.readouterr().err
    assert not list(tmp_path.glob("*more*"))


def test_an_existing_folder_is_kept(tmp_path, capfd, data_set):
    assert prepare_like(data_set, tmp_path / "scans", tmp_path / "out") == 2
    assert "exists already" in capfd.readouterr().err
    assert (data_set / "labels.json").is_file()
