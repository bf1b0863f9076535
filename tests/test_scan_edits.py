"""Scans are edited and segmented on the command line, in their own geometry."""

import json
import re

import nibabel
import numpy as np
import pydicom
import pytest
import SimpleITK
from dicom_files import write_stack

from segpaint.api import OpenCheckpoint
from segpaint.cli import main
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import Stored
from segpaint.io.volume_files.opening import find_offers
from segpaint.io.volume_files.volume_writers import write_volume
from segpaint.scans.opening import open_chosen, parse_mapping, read_labels

SHAPE = 5, 60, 70
TURNED = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@pytest.fixture
def heart():
    """A mask of a scan: a body with a heart in it, in every slice."""
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]]
    far = np.hypot(rows - 30, columns - 36)
    return np.repeat(np.where(far < 8, 2, np.where(far < 20, 1, 0))[None], SHAPE[0], axis=0).astype(np.uint8)


@pytest.fixture
def scan(tmp_path, heart):
    """Files of an oblong scan and its mask, in a turned geometry, with noise as values."""
    geometry = Geometry.of(SHAPE, (-20, 30, 7), (1.5, 1.5, 6), TURNED)
    rng = np.random.default_rng(3)
    values = (rng.integers(0, 400, SHAPE) + 300 * (heart > 0) + 500 * (heart == 2)).astype(np.int16)
    paths = {}
    for ending, mask in ((".nii.gz", ".nii.gz"), (".nrrd", ".seg.nrrd")):
        paths[ending] = tmp_path / f"scan{ending}", tmp_path / f"labels{mask}"
        write_volume(paths[ending][0], values, geometry)
        write_volume(paths[ending][1], heart, geometry)
    return paths, values


def read(path):
    image = SimpleITK.ReadImage(str(path))
    places = image.GetOrigin(), image.GetSpacing(), image.GetDirection()
    return SimpleITK.GetArrayFromImage(image), np.concatenate(places)


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd"])
@pytest.mark.parametrize("plane", ["acquired", "coronal"])
def test_an_edit_changes_its_slices_and_leaves_every_other_value(
    tiny_checkpoint, tmp_path, scan, ending, plane, capsys
):
    paths, values = scan
    image, labels = paths[ending]
    # The turned scan runs against the patient's axes, so that slices are counted from its end.
    slices, chosen = ("2-3", [3, 2]) if plane == "acquired" else ("30,31", [])
    words = [
        "edit", str(image), "--mask", str(labels), "--gesture", "grow:heart:3mm", "--slices", slices, "--plane",
        plane, "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "out"), "--steps", "4",
    ]  # fmt: skip
    assert main(words) == 0
    report = capsys.readouterr().err
    mask_ending = ending if ending == ".nii.gz" else ".seg.nrrd"
    edited, places = read(tmp_path / "out" / f"scan-edited{ending}")
    mask, mask_places = read(tmp_path / "out" / f"scan-edited-mask{mask_ending}")
    before, own_places = read(labels)
    assert places == pytest.approx(own_places, abs=1e-4)
    assert mask_places == pytest.approx(own_places, abs=1e-4)
    assert edited.dtype == np.int16
    changed = edited != values
    assert changed.any()
    if chosen:
        assert not np.delete(changed, chosen, axis=0).any()
        assert not np.delete(mask != before, chosen, axis=0).any()
    assert ((mask == 2) >= (before == 2)).all()
    record = json.loads((tmp_path / "out" / "scan-edited.json").read_text())
    assert record["kind"] == "edited"
    assert record["patient_pixels"] == np.count_nonzero(~changed)
    assert len(record["slices"]) == 2
    assert all(request["origin"]["kind"] == "withheld" for request in record["slices"].values())
    assert "Neighbouring slices differ by" in report
    # The reported areas are those of the masks that were written.
    areas = [float(text.replace(",", "")) for text in re.findall(r"heart [\d,]+ → ([\d,]+) mm²", report)]
    assert len(areas) == 2
    if chosen:
        assert areas == pytest.approx([np.count_nonzero(mask[index] == 2) * 2.25 for index in chosen], abs=0.51)
    if ending == ".nii.gz":
        assert b"PARTLY" in nibabel.load(tmp_path / "out" / "scan-edited.nii.gz").header["descrip"].item()


def test_a_given_mask_is_what_is_written(tiny_checkpoint, tmp_path, scan, heart):
    (image, labels), _ = scan[0][".nii.gz"], scan[1]
    wanted = heart.copy()
    wanted[2, 20:40, 40:46] = 2
    geometry = Geometry.of(SHAPE, (-20, 30, 7), (1.5, 1.5, 6), TURNED)
    write_volume(tmp_path / "wanted.nii.gz", wanted, geometry)
    words = [
        "edit", str(image), "--mask", str(labels), "--edited", str(tmp_path / "wanted.nii.gz"), "--steps", "4",
        "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    assert main(words) == 0
    np.testing.assert_array_equal(read(tmp_path / "out" / "scan-edited-mask.nii.gz")[0], wanted)
    assert list(json.loads((tmp_path / "out" / "scan-edited.json").read_text())["slices"]) == ["3"]


def test_values_with_a_slope_come_back_within_half_a_step(tmp_path):
    values = np.random.default_rng(1).normal(0, 90, (3, 6, 5)).astype(np.float32)
    geometry = Geometry.of((3, 6, 5), (0, 0, 0), (1, 1, 1), np.eye(3))
    write_volume(tmp_path / "a.nii.gz", values, geometry, stored=Stored("int16", 0.25, -3))
    image = nibabel.load(tmp_path / "a.nii.gz")
    assert image.get_data_dtype() == np.int16
    assert np.abs(image.get_fdata().swapaxes(0, 2) - values).max() <= 0.125 + 1e-4


def test_labels_are_found_in_the_geometry_of_the_scan(judged_checkpoint, tmp_path, scan, capsys):
    image, labels = scan[0][".nrrd"]
    words = ["segment", str(image), "--checkpoint", str(judged_checkpoint), "--out", str(tmp_path / "out")]
    assert main([*words, "--slices", "1-2"]) == 0
    mask, places = read(tmp_path / "out" / "scan-mask.seg.nrrd")
    assert places == pytest.approx(read(labels)[1], abs=1e-4)
    assert not mask[:3].any()
    assert "a model's opinion" in capsys.readouterr().err
    assert main([*words, "--slices", "1-2"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_scan_of_another_modality_is_doubted(judged_checkpoint, tmp_path, heart, capsys):
    place = write_stack(tmp_path / "ct", (heart * 90).astype(np.int16), modality="CT")
    words = ["segment", str(place), "--checkpoint", str(judged_checkpoint), "--out", str(tmp_path / "out")]
    assert main(words) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "This is CT, and the model was trained on MR" in said


def test_damaged_slices_are_passed_over_and_named(judged_checkpoint, tmp_path, heart, capsys):
    folder = write_stack(tmp_path / "scan", heart.astype(np.int16) * 300)
    damaged = folder / "0919.dcm"  # the second one
    damaged.write_bytes(damaged.read_bytes()[:-200])
    write_volume(tmp_path / "labels.nii.gz", heart, find_offers(folder).offers[0].open().geometry)
    common = [str(folder), "--checkpoint", str(judged_checkpoint), "--format", "nifti"]
    assert main(["segment", *common, "--out", str(tmp_path / "found")]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert said.count(str(damaged)) == 1
    assert "of 4 slices" in said
    words = [
        "edit",
        *common,
        "--mask",
        str(tmp_path / "labels.nii.gz"),
        "--gesture",
        "shrink:2:2px",
        "--steps",
        "2",
    ]
    assert main([*words, "--slices", "1-2", "--out", str(tmp_path / "out")]) == 0
    (record,) = (tmp_path / "out").glob("*.json")
    assert list(json.loads(record.read_text())["slices"]) == ["1"]
    capsys.readouterr()
    assert main([*words, "--slices", "2", "--out", str(tmp_path / "none")]) == 2
    assert "None of the chosen slices" in capsys.readouterr().err


def test_a_slice_that_the_source_lacks_is_never_passed_off_as_the_patients(judged_checkpoint, tmp_path, heart):
    """A damaged slice and a missing one are as dark as air, named in what is written, and not counted."""
    folder = write_stack(tmp_path / "scan", heart.astype(np.int16) * 300 - 1000, modality="CT")
    files = sorted(folder.iterdir(), key=lambda path: pydicom.dcmread(path).ImagePositionPatient[2])
    files[1].write_bytes(files[1].read_bytes()[:-200])
    files[3].unlink()
    volume = find_offers(folder).offers[0].open()
    values = volume.voxels.whole(0)
    assert (values[[1, 3]] == -1000).all()
    write_volume(tmp_path / "labels.nii.gz", heart, volume.geometry)
    words = [
        "edit", str(folder), "--checkpoint", str(judged_checkpoint), "--mask", str(tmp_path / "labels.nii.gz"),
        "--gesture", "shrink:2:2px", "--steps", "2", "--slices", "1",
    ]  # fmt: skip
    note = "Slices 2, 4 are blank: missing or damaged in the source"
    for kind in ("dicom", "nrrd"):
        assert main([*words, "--format", kind, "--out", str(tmp_path / kind)]) == 0
        record = json.loads((tmp_path / kind / "scan-edited.json").read_text())
        assert record["blank slices"].startswith(note)
        assert record["patient_pixels"] <= 3 * heart[0].size
    written = [pydicom.dcmread(path) for path in sorted((tmp_path / "dicom" / "scan-edited").glob("0*.dcm"))]
    assert [one.InstanceNumber for one in written] == [1, 2, 3, 5]
    for one in written:
        assert ("THIS SLICE IS BLANK" in one.ImageComments) is (one.InstanceNumber == 2)
        assert note in one.ImageComments
        assert note in one.DerivationDescription
    assert (
        SimpleITK.ReadImage(str(tmp_path / "nrrd" / "scan-edited.nrrd"))
        .GetMetaData("Blank slices")
        .startswith(note)
    )


def test_a_picture_without_a_spacing_is_edited_in_pixels(judged_checkpoint, tmp_path, heart, capsys):
    from PIL import Image

    image = tmp_path / "photo.png"
    Image.fromarray((heart[0] * 90 + 20).astype(np.uint8)).save(image)
    Image.fromarray(heart[0]).save(tmp_path / "mask.png")
    words = [
        "edit", str(image), "--mask", str(tmp_path / "mask.png"), "--checkpoint", str(judged_checkpoint),
        "--out", str(tmp_path / "out"), "--steps", "4",
    ]  # fmt: skip
    assert main([*words, "--gesture", "grow:heart:3mm"]) == 2
    assert "give 3 px in place of mm" in capsys.readouterr().err
    assert main([*words, "--gesture", "grow:heart:3px"]) == 0
    assert " px." in capsys.readouterr().err
    made, before = (np.array(Image.open(path)) for path in (tmp_path / "out" / "photo-edited.png", image))
    assert made.dtype == np.uint8
    assert (made != before).any()
    mask = np.array(Image.open(tmp_path / "out" / "photo-edited_mask.png"))
    assert (mask == 2).sum() > (heart[0] == 2).sum()
    assert json.loads((tmp_path / "out" / "photo-edited.json").read_text())["kind"] == "edited"
    wide = [*words, "--format", "nifti", "--overwrite", "--gesture", "grow:heart:3mm", "--width"]
    assert main([*wide, str(heart.shape[2] * 1.5)]) == 0
    assert " mm²." in capsys.readouterr().err
    written = SimpleITK.ReadImage(str(tmp_path / "out" / "photo-edited.nii.gz"))
    assert written.GetSpacing()[:2] == pytest.approx((1.5, 1.5))
    for width in ("0", "nan", "9000"):
        assert main([*wide, width]) == 2
        assert "give 1 to 3000 mm" in capsys.readouterr().err
    assert main(["edit", str(tmp_path / "out" / "photo-edited.nii.gz"), *wide[2:], "60"]) == 2
    assert "leave out --width" in capsys.readouterr().err


def test_a_png_holds_one_slice(judged_checkpoint, tmp_path, scan, heart, capsys):
    from PIL import Image

    image, labels = scan[0][".nii.gz"]
    common = ["--checkpoint", str(judged_checkpoint), "--out", str(tmp_path / "out"), "--format", "png"]
    edit = ["edit", str(image), "--mask", str(labels), "--gesture", "grow:heart:3mm", "--steps", "4", *common]
    told = ""
    for words in (edit, ["segment", str(image), *common]):
        assert main(words) == 2
        assert "choose one with --slices" in capsys.readouterr().err
        assert main([*words, "--slices", "3"]) == 0
        told += capsys.readouterr().err
    about = json.loads((tmp_path / "out" / "scan-edited.json").read_text())
    assert about["pixels"] == heart[0].size
    assert about["synthetic"].removeprefix("PARTLY: ") in told  # of the slice, not of the whole scan
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["scan-edited.json", "scan-edited.png", "scan-edited_mask.png", "scan-mask.png"]
    with Image.open(tmp_path / "out" / "scan-mask.png") as mask:
        assert mask.size == heart.shape[:0:-1]


def test_an_interrupted_range_of_slices_goes_on_where_it_ended(
    tiny_checkpoint, tmp_path, scan, monkeypatch, capsys
):
    image, labels = scan[0][".nii.gz"]
    words = [
        "edit", str(image), "--mask", str(labels), "--gesture", "grow:heart:3mm", "--slices", "1-3", "--steps",
        "2", "--checkpoint", str(tiny_checkpoint),
    ]  # fmt: skip
    assert main([*words, "--out", str(tmp_path / "at-once")]) == 0
    usual, made = OpenCheckpoint.previews, []

    def previews(checkpoint, request):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(request)
        return usual(checkpoint, request)

    with monkeypatch.context() as patched:
        patched.setattr(OpenCheckpoint, "previews", previews)
        capsys.readouterr()
        assert main([*words, "--out", str(tmp_path / "out")]) == 130
    assert "2 finished slices kept" in capsys.readouterr().err
    (folder,) = (tmp_path / "out").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    damaged = min(folder.iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-9])
    made.clear()
    monkeypatch.setattr(OpenCheckpoint, "previews", lambda *words: made.append(words) or usual(*words))
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    assert len(made) == 2  # the damaged slice and the one that was interrupted
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "at-once").iterdir()}


@pytest.mark.parametrize("is_known", [True, False])
def test_the_frame_does_not_depend_on_which_slices_are_edited(judged_checkpoint, tmp_path, heart, is_known):
    drifting = np.stack([np.roll(mask, 3 * number, axis=(0, 1)) for number, mask in enumerate(heart)])
    geometry = Geometry.of(SHAPE, (0, 0, 0), (1.5, 1.5, 6), np.eye(3))
    write_volume(tmp_path / "scan.nii.gz", drifting.astype(np.int16) * 300, geometry)
    write_volume(tmp_path / "labels.nii.gz", drifting, geometry)
    words = ["edit", str(tmp_path / "scan.nii.gz"), "--checkpoint", str(judged_checkpoint), "--steps", "2"]
    change = ["--mask", str(tmp_path / "labels.nii.gz")] if is_known else []
    frames = []
    for slices in ("2", "2-4", "4"):
        out = tmp_path / f"out{slices}"
        more = (
            ["--edited", str(tmp_path / "labels.nii.gz")] if not is_known else ["--gesture", "shrink:heart:2px"]
        )
        assert main([*words, *change, *more, "--slices", slices, "--out", str(out)]) == 0
        frames.append(json.loads((out / "scan-edited.json").read_text())["frame"])
    assert frames[0] == frames[1] == frames[2]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--gesture", "grow:heart:3mm", "--slices", "9"], "slices 1 to 5"),
        (["--gesture", "grow:heart:3mm", "--slices", "some"], "such as 3-5,8"),
        (["--gesture", "grow:heart:3mm", "--time", "2"], "has no time 2"),
        (["--gesture", "grow:heart:3mm", "--series", "other"], "choose one with --series"),
        (["--gesture", "grow:heart:0px"], "changes no mask"),
        (["--gesture", "grow:heart:0.1mm"], "A pixel of what the model sees is"),
        (["--gesture", "grow:bone:3px"], "bone is in none of the chosen slices"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(tiny_checkpoint, tmp_path, scan, more, words, capsys):
    image, labels = scan[0][".nii.gz"]
    arguments = ["edit", str(image), "--mask", str(labels), "--checkpoint", str(tiny_checkpoint)]
    assert main([*arguments, "--out", str(tmp_path / "out"), *more]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_mask_of_other_labels_is_refused(tiny_checkpoint, tmp_path, scan, heart, capsys):
    image, _ = scan[0][".nii.gz"]
    geometry = Geometry.of(SHAPE, (-20, 30, 7), (1.5, 1.5, 6), TURNED)
    write_volume(tmp_path / "other.nii.gz", heart * np.uint8(50), geometry)
    arguments = ["edit", str(image), "--mask", str(tmp_path / "other.nii.gz"), "--gesture", "grow:heart:3mm"]
    assert main([*arguments, "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "out")]) == 2
    assert "none of the model's labels (1 body, 2 heart, 4 bone), but 50, 100" in capsys.readouterr().err


def test_numbers_beside_foreign_numbers_are_not_the_models(tiny_checkpoint, tmp_path, scan, heart, capsys):
    image, labels = scan[0][".nii.gz"]
    foreign = np.array([0, 2, 1, 77], np.uint8)[heart]
    foreign[0, :5, :5] = 77
    write_volume(labels, foreign, Geometry.of(SHAPE, (-20, 30, 7), (1.5, 1.5, 6), TURNED))
    model = ["--checkpoint", str(tiny_checkpoint), "--steps", "4"]
    edit = ["edit", str(image), "--mask", str(labels), "--gesture", "grow:heart:3mm", "--slices", "3", *model]
    generate = ["generate", str(labels), *model]
    for number, words in enumerate((edit, generate)):
        out = tmp_path / f"out{number}"
        assert main([*words, "--out", str(out)]) == 2
        assert "values that the model lacks: 77." in capsys.readouterr().err.replace("\n", " ")
        assert not out.exists()
        assert main([*words, "--out", str(out), "--map", "2=1", "--map", "1=Heart"]) == 0
        assert "left out: 77" in capsys.readouterr().err.replace("\n", " ")
        mask, _ = read(next(out.glob("*-mask.nii.gz")))
        np.testing.assert_array_equal(mask[0], heart[0])


@pytest.mark.parametrize(
    ("pair", "words"), [("7", "give VALUE=LABEL"), ("7=liver", "There is no label 'liver'")]
)
def test_a_meaning_that_makes_no_sense_is_a_sentence(tiny_checkpoint, tmp_path, scan, pair, words, capsys):
    labels = scan[0][".nii.gz"][1]
    command = ["generate", str(labels), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "out")]
    assert main([*command, "--map", pair]) == 2
    assert words in capsys.readouterr().err


def test_a_name_in_a_file_is_given_a_meaning(tmp_path, scan, table, capsys):
    image, labels = scan[0][".nrrd"]
    mask = SimpleITK.ReadImage(str(labels))
    for number, name in enumerate(("Leber", "Milz")):
        mask.SetMetaData(f"Segment{number}_LabelValue", str(number + 1))
        mask.SetMetaData(f"Segment{number}_Name", name)
        mask.SetMetaData(f"Segment{number}_Layer", "0")
    SimpleITK.WriteImage(mask, str(labels))
    said = []
    volume = open_chosen(image, None, said.append)
    read_in = read_labels(labels, volume, table, said.append, parse_mapping(["milz=1"], table))
    assert set(np.unique(read_in)) == {0, 1}
    assert any("left out: 1 Leber" in line for line in said)


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd"])
def test_a_mask_that_is_a_volume_becomes_a_scan_of_its_geometry(
    tiny_checkpoint, tmp_path, scan, heart, ending, capsys
):
    _, labels = scan[0][ending]
    words = [
        "generate",
        str(labels),
        "--checkpoint",
        str(tiny_checkpoint),
        "--out",
        str(tmp_path / "out"),
        "--steps",
        "2",
    ]
    assert main(words) == 0
    made, places = read(tmp_path / "out" / f"labels-made{ending}")
    mask_ending = ending if ending == ".nii.gz" else ".seg.nrrd"
    mask, mask_places = read(tmp_path / "out" / f"labels-made-mask{mask_ending}")
    assert places == pytest.approx(read(labels)[1], abs=1e-4)
    assert mask_places == pytest.approx(places)
    np.testing.assert_array_equal(mask, heart)
    assert made.dtype == np.uint8
    assert made.any(axis=(1, 2)).all()
    record = json.loads((tmp_path / "out" / "labels-made.json").read_text())
    assert (record["kind"], len(record["slices"])) == ("made", SHAPE[0])
    assert {request["seed"] for request in record["slices"].values()} == {0}
    assert main([*words, "--per-mask", "3"]) == 2
    assert "--per-mask is fixed by a mask that is a volume" in capsys.readouterr().err


def test_slices_without_labels_stay_black(tiny_checkpoint, tmp_path, heart, capsys):
    geometry = Geometry.of(SHAPE, (0, 0, 0), (1.5, 1.5, 6), np.eye(3))
    some = heart.copy()
    some[[0, 3]] = 0
    write_volume(tmp_path / "some.nii.gz", some, geometry)
    write_volume(tmp_path / "none.nii.gz", some * 0, geometry)
    words = ["--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "out"), "--steps", "2"]
    assert main(["generate", str(tmp_path / "some.nii.gz"), *words]) == 0
    made, _ = read(tmp_path / "out" / "some-made.nii.gz")
    assert made.any(axis=(1, 2)).tolist() == [False, True, True, False, True]
    assert main(["generate", str(tmp_path / "none.nii.gz"), *words]) == 2
    assert "No slice of the mask has a label" in capsys.readouterr().err


def test_dicom_that_nothing_can_refer_to_is_segmented_into_nifti(judged_checkpoint, tmp_path, heart, capsys):
    stack = write_stack(tmp_path / "heart", heart * 300.0, StudyInstanceUID="")
    words = ["segment", str(stack), "--checkpoint", str(judged_checkpoint), "--out", str(tmp_path / "out")]
    assert main(words) == 0
    assert "lacks its StudyInstanceUID" in capsys.readouterr().err
    assert read(tmp_path / "out" / "heart-mask.nii.gz")[0].shape == SHAPE
    write_stack(tmp_path / "whole", heart * 300.0)
    words[1] = str(tmp_path / "whole")
    assert main(words) == 0
    assert (tmp_path / "out" / "whole-mask.dcm").is_file()
    (tmp_path / "out" / "whole-edited").mkdir()
    (tmp_path / "out" / "whole-edited" / "note.txt").touch()
    edit = ["edit", *words[1:], "--gesture", "grow:heart:3mm", "--overwrite"]
    assert main(edit) == 2
    assert "is a folder with files in it" in capsys.readouterr().err
