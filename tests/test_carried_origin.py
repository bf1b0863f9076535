"""What a file states of its origin is carried along by all that takes it as a reference."""

import json
import shutil

import nibabel
import numpy as np
import pytest
from PIL import Image

from segpaint import open_checkpoint, read_request
from segpaint.cli import main
from segpaint.core.requests.kinds import Kind
from segpaint.core.volumes.geometry import Geometry
from segpaint.io.results import maker_of
from segpaint.io.volume_files.opening import find_offers
from segpaint.io.volume_files.volume_writers import write_volume

MADE = "YES: made by the diffusion model tiny from a mask"


@pytest.fixture(scope="session")
def model(tiny_checkpoint):
    return open_checkpoint(tiny_checkpoint, "cpu")


@pytest.fixture
def painted(drawn_mask):
    painted = drawn_mask.copy()
    painted[4:7, 24:27] = 4
    return painted


@pytest.fixture
def made(model, drawn_mask, tmp_path):
    """The file of an image made from a mask."""
    return model.generate(drawn_mask, steps=3).save(tmp_path / "made.png")[0]


@pytest.fixture
def patients(tmp_path):
    path = tmp_path / "patient.png"
    Image.fromarray(np.random.default_rng(4).integers(30, 220, (32, 32), np.uint8)).save(path)
    return path


def marks(path):
    with Image.open(path) as image:
        return dict(image.info)


def edit(checkpoint, image, mask, out, *more):
    words = ["edit", str(image), "--mask", str(mask), "--gesture", "grow:heart:2px", "--out", str(out)]
    return main([*words, "--checkpoint", str(checkpoint), "--steps", "3", "--device", "cpu", *more])


def test_the_command_edits_a_made_picture_into_one_that_shows_no_patient(
    tiny_checkpoint, made, mask_file, tmp_path, capsys
):
    image = made
    for number in range(2):  # the second is an edit of an edit
        out = tmp_path / f"out {number}"
        assert edit(tiny_checkpoint, image, mask_file, out) == 0
        said = capsys.readouterr().err
        assert "shows no patient still" in said
        assert "the patient's" not in said
        image = out / f"{image.stem}-edited.png"
        told = marks(image)
        assert (told["Kind"], told["Synthetic"]) == ("made", f"{MADE} and an earlier image")
        assert "Patient pixels" not in told
        record = json.loads(image.with_suffix(".json").read_text())
        assert (record["kind"], record["patient_pixels"]) == ("made", 0)


@pytest.mark.parametrize("kind", ["unknown", "edited", "edited, then renamed as made"])
def test_the_command_takes_every_other_picture_for_a_patients(
    tiny_checkpoint, model, patients, drawn_mask, painted, mask_file, tmp_path, kind, capsys
):
    image = patients
    if kind != "unknown":
        reference = model.read_reference(patients)
        image = model.edit(reference, drawn_mask, painted, steps=3).save(tmp_path / "made-up.png")[0]
    assert edit(tiny_checkpoint, image, mask_file, tmp_path / "out") == 0
    assert "equal the patient's" in capsys.readouterr().err
    told = marks(tmp_path / "out" / f"{image.stem}-edited.png")
    assert told["Kind"] == "edited"
    assert told["Synthetic"].startswith("PARTLY: a patient's image")


def test_a_mark_and_a_request_that_contradict_each_other_leave_it_a_patients(
    model, made, patients, drawn_mask, painted, tmp_path
):
    from PIL import PngImagePlugin

    edited = model.edit(model.read_reference(patients), drawn_mask, painted, steps=3).save(tmp_path / "e.png")[
        0
    ]
    for own, other in ((edited, made), (made, edited)):
        notes = PngImagePlugin.PngInfo()
        for key, text in {**marks(own), "SegPaint request": marks(other)["SegPaint request"]}.items():
            notes.add_text(key, text)
        path = tmp_path / "mixed.png"
        Image.open(own).save(path, pnginfo=notes)
        assert maker_of(path) == ""
    assert maker_of(made) == "tiny"


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd", ".dcm"])
def test_a_made_volume_stays_one_in_every_format(tiny_checkpoint, drawn_mask, tmp_path, ending, capsys):
    labels = tmp_path / ("heart.nii.gz" if ending == ".dcm" else f"heart{ending}")
    geometry = Geometry.of((2, 32, 32), (0, 0, 0), (1.5, 1.5, 6), np.eye(3))
    write_volume(labels, np.stack([drawn_mask, drawn_mask]), geometry)
    words = ["--checkpoint", str(tiny_checkpoint), "--steps", "2", "--device", "cpu"]
    assert main(["generate", str(labels), "--out", str(tmp_path / "made"), *words]) == 0
    image = tmp_path / "made" / labels.name.replace("heart", "heart-made")
    if ending == ".dcm":  # what is edited of a made volume is written as DICOM
        assert edit(tiny_checkpoint, image, labels, tmp_path / "made", "--format", "dicom") == 0
        image = tmp_path / "made" / "heart-made-edited"
    volume = find_offers(image).offers[0].open()
    assert volume.made_by == "tiny"
    capsys.readouterr()
    assert edit(tiny_checkpoint, image, labels, tmp_path / "out") == 0
    said = capsys.readouterr().err
    assert "shows no patient still" in said
    [record] = (tmp_path / "out").glob("*.json")
    assert json.loads(record.read_text())["synthetic"] == f"{MADE} and an earlier image"


def test_a_header_that_was_copied_onto_other_values_makes_no_patient_synthetic(
    tiny_checkpoint, drawn_mask, tmp_path
):
    labels, geometry = tmp_path / "heart.nii.gz", Geometry.of((1, 32, 32), (0, 0, 0), (1, 1, 6), np.eye(3))
    write_volume(labels, drawn_mask[None], geometry)
    words = ["--checkpoint", str(tiny_checkpoint), "--steps", "2", "--device", "cpu", "--out", str(tmp_path)]
    assert main(["generate", str(labels), *words]) == 0
    template = nibabel.load(tmp_path / "heart-made.nii.gz")
    values = np.random.default_rng(1).normal(size=template.shape).astype(np.float32)
    copied = nibabel.Nifti1Image(values, template.affine, template.header)
    copied.header.set_data_dtype(np.float32)
    nibabel.save(copied, tmp_path / "patient.nii.gz")
    assert b"YES" in copied.header["descrip"].item()
    assert find_offers(tmp_path / "patient.nii.gz").offers[0].open().made_by == ""


def test_python_carries_it_along_from_a_file_and_from_a_result(model, made, drawn_mask, painted, tmp_path):
    result = model.read_result(made)
    for reference in (model.read_reference(made), result):
        edited = model.edit(reference, drawn_mask, painted, steps=3)
        near = model.approach(reference, drawn_mask, steps=3)
        for one in (edited, near):
            assert one.about.kind is Kind.MADE
            image, _, request = one.save(tmp_path / f"{one.request.origin.kind}.png", overwrite=True)
            for file in (image, request):  # complete, since nothing of a patient had to be left out
                assert np.array_equal(model.make(read_request(file)).pixels, one.pixels)
    again = model.edit(model.read_result(tmp_path / "counterfactual.png"), painted, drawn_mask, steps=3)
    assert again.about.answer == "YES"


def test_python_takes_pixels_alone_and_edited_results_for_a_patients(
    model, made, patients, drawn_mask, painted
):
    unknown = open_checkpoint(model._checkpoint.folder, "cpu")  # which has read no file
    pixels = np.asarray(Image.open(made))
    assert unknown.edit(pixels, drawn_mask, painted, steps=3).about.kind is Kind.EDITED
    reference = model.read_reference(patients)
    edited = model.edit(reference, drawn_mask, painted, steps=3)
    assert edited.about.kind is Kind.EDITED
    assert model.edit(edited, painted, drawn_mask, steps=3).about.kind is Kind.EDITED
    assert model.approach(edited, painted, steps=3).about.kind is Kind.NEAR


def test_a_sweep_with_a_mask_of_ones_own_of_a_made_image_shows_no_patient(
    tiny_checkpoint, made, mask_file, tmp_path, capsys
):
    words = [
        "sweep",
        str(made),
        "--mask",
        str(mask_file),
        "--gesture",
        "grow:body",
        "--out",
        str(tmp_path / "s"),
    ]
    more = ["--amounts", "2", "--steps", "2", "--checkpoint", str(tiny_checkpoint), "--device", "cpu"]
    for _ in range(2):  # the second time, it is read from the folder
        assert main([*words, *more]) == 0
        assert "PATIENT DATA" not in capsys.readouterr().err
    kinds = {marks(path)["Kind"] for path in (tmp_path / "s").rglob("*.png") if "Kind" in marks(path)}
    assert kinds == {"made"}
    assert not list((tmp_path / "s" / "sweeps").glob("*.png"))


def test_a_picture_that_the_model_made_is_as_wide_as_all_of_its_images(
    tiny_checkpoint, drawn_mask, tmp_path, capsys
):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "measured")
    description = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps({**description, "pixel_spacing": 1.5}))
    made = open_checkpoint(folder, "cpu").generate(drawn_mask, steps=2).save(tmp_path / "made.png")
    assert edit(folder, *made[:2], tmp_path / "out") == 0
    said = capsys.readouterr().err
    assert "does not give the size" not in said
    assert "mm²" in said
    record = json.loads((tmp_path / "out" / "made-edited.json").read_text())
    assert record["frame"] == {"centre": [15.5, 15.5], "side": 32, "step": [1.0, 1.0]}
