"""What looks like labels, has Hounsfield units, is in colour or empty is reported where an image is wanted."""

from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from segpaint.cli import main
from segpaint.core.pictures.oddities import Oddities, oddities_in
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.odd_volumes import oddities_of
from segpaint.io.references import oddities_beside
from segpaint.io.volume_files.opening import find_offers
from segpaint.io.volume_files.volume_writers import write_volume

GEOMETRY = Geometry.of((4, 32, 32), (0, 0, 0), (1.4, 1.4, 6), np.eye(3))


@dataclass(frozen=True)
class Known:
    modality: str = "MR"
    channels: int = 1


def shades(seed=0, shape=(32, 32)):
    return np.random.default_rng(seed).integers(0, 250, shape).astype(np.uint8)


def hounsfield():
    """Air around soft tissue with noise."""
    rows, columns = np.mgrid[:32, :32] - 15.5
    values = np.where(np.hypot(rows, columns) < 10, 40.0, -1000.0)
    noise = np.random.default_rng(1).normal(0, 15, (4, 32, 32))
    return np.rint(values + noise).astype(np.int16)


def test_an_image_is_not_odd():
    assert oddities_in("a.png", [shades()], Known()) == Oddities()
    assert oddities_in("a.nii", [shades().astype(np.int16) * 7], Known()) == Oddities()


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32, bool])
def test_few_whole_numbers_in_areas_look_like_labels(drawn_mask, kind):
    values = drawn_mask.astype(kind)
    found = oddities_in("a.nii", [values], Known())
    count = len(np.unique(values))
    assert found.labels == f"a.nii looks like labels, not like an image: it holds {count} whole numbers alone."


@pytest.mark.parametrize(
    "change",
    [lambda mask: mask - 1.0, lambda mask: mask + 0.5, lambda mask: mask * shades() % 30],
    ids=["negative", "fractions", "no areas"],
)
def test_other_numbers_are_no_labels(drawn_mask, change):
    assert not oddities_in("a.nii", [change(drawn_mask.astype(np.float64))], Known()).labels


@pytest.mark.parametrize(
    ("name", "is_label"),
    [("ct-labels.nii.gz", True), ("ct_seg.nii", True), ("Mask_3.nrrd", True), ("unmasked.nii", False)],
)
def test_a_name_that_promises_labels_allows_more_of_them(name, is_label):
    many = np.arange(64, dtype=np.int16).repeat(16).reshape(32, 32)
    assert bool(oddities_in(name, [many], Known()).labels) is is_label


def test_hounsfield_units_are_strange_to_a_model_of_mr_unless_the_file_states_its_modality():
    values = list(hounsfield())
    assert "holds values as low as -10" in oddities_in("a.nii", values, Known()).doubt
    assert "trained on MR: it will not know" in oddities_in("a.nii", values, Known()).doubt
    assert not oddities_in("a.nii", values, Known(), "MR").doubt
    assert not oddities_in("a.nii", values, Known("CT")).doubt
    phases = np.random.default_rng(2).integers(-4096, 4096, (32, 32)).astype(np.int16)
    assert not oddities_in("a.nii", [phases], Known()).doubt


def test_values_above_0_alone_are_strange_to_a_model_of_ct():
    values = [np.random.default_rng(2).integers(0, 900, (32, 32)).astype(np.int16)]
    assert "holds no value below 0" in oddities_in("a.nii", values, Known("CT")).doubt
    assert not oddities_in("a.png", [shades()], Known("CT")).doubt  # shades, windowed already


def test_colour_is_strange_to_a_grey_model_alone():
    tinted = np.stack([shades(), shades() // 2, shades()], axis=-1)
    assert oddities_in("a.png", [tinted], Known()).others[0].startswith("a.png is in colour")
    assert oddities_in("a.png", [tinted], Known(channels=3)) == Oddities()
    assert oddities_in("a.png", [np.stack([shades()] * 3, axis=-1)], Known()) == Oddities()


@pytest.mark.parametrize("value", [0, 137])
def test_an_empty_image_is_reported_with_its_value(tmp_path, value):
    Image.fromarray(np.full((32, 32), value, np.uint8)).save(tmp_path / "a.png")
    assert oddities_beside(tmp_path / "a.png", Known()).others == (f"a.png is empty: every pixel is {value}.",)


def test_a_volume_is_empty_only_if_all_of_its_slices_are(tmp_path, drawn_mask):
    values = np.zeros((40, 32, 32), np.int16)
    geometry = Geometry.of(values.shape, (0, 0, 0), (1, 1, 1), np.eye(3))

    def look():
        write_volume(tmp_path / "a.nii.gz", values, geometry)
        return oddities_of(find_offers(tmp_path / "a.nii.gz").offers[0].open(), Known())

    assert look().others
    values[3] = drawn_mask  # not where is looked first
    assert not look().others
    assert look().labels


def test_a_volume_in_colour_is_strange_to_a_grey_model(tmp_path):
    values = np.random.default_rng(0).integers(0, 250, (9, 32, 32, 3)).astype(np.uint8)
    write_volume(tmp_path / "a.nrrd", values, Geometry.of((9, 32, 32), (0, 0, 0), (1, 1, 1), np.eye(3)))
    volume = find_offers(tmp_path / "a.nrrd").offers[0].open()
    assert oddities_of(volume, Known()).others[0].startswith("a.nrrd is in colour")


@pytest.mark.parametrize("mode", ["palette", "grey", "bits"])
def test_masks_of_every_kind_of_png_look_like_labels(tmp_path, mask_file, drawn_mask, mode):
    path = tmp_path / "a.png"
    if mode == "palette":
        path = mask_file
    elif mode == "grey":
        Image.fromarray(drawn_mask).save(path)
    else:
        Image.fromarray(drawn_mask > 0).save(path)
    assert "looks like labels" in oddities_beside(path, Known()).labels


@pytest.mark.parametrize("verb", ["segment", "edit"])
def test_the_commands_report_what_is_odd(judged_checkpoint, drawn_mask, tmp_path, verb, capsys):
    more = ["--gesture", "grow:heart:2px"] if verb == "edit" else []

    def report(name, values, *mask):
        write_volume(tmp_path / name, values, GEOMETRY)
        words = [
            verb,
            str(tmp_path / name),
            *more,
            *mask,
            "--checkpoint",
            str(judged_checkpoint),
            "--overwrite",
        ]
        main([*words, "--slices", "2", "--out", str(tmp_path / "out"), "--device", "cpu"])
        return capsys.readouterr().err

    said = report("labels.nii.gz", np.stack([drawn_mask] * 4))
    assert "labels.nii.gz looks like labels" in said
    assert f"give its scan here, and this file {'with --mask' if verb == 'edit' else 'as a mask'}." in said
    said = report("ct.nii.gz", hounsfield())
    assert (
        "as CT does, and the model was trained on MR: it will not know what it sees. Another one can be" in said
    )
    assert "The model is" not in said  # it was chosen


@pytest.mark.parametrize("verb", ["segment", "edit", "sweep"])
def test_the_commands_name_the_model_that_nobody_chose(tmp_path, judged_checkpoint, verb, capsys, monkeypatch):
    import segpaint.paths

    monkeypatch.setattr(segpaint.paths, "DEFAULT_CHECKPOINT", str(judged_checkpoint))
    Image.fromarray(shades()).save(tmp_path / "a.png")
    gesture = {"edit": ["--gesture", "grow:heart:2px"], "sweep": ["--gesture", "grow:heart"]}
    words = [verb, str(tmp_path / "a.png"), *gesture.get(verb, ()), "--out", str(tmp_path / "out")]
    main([*words, "--device", "cpu"])
    said = capsys.readouterr().err
    assert "The model is Tiny, for MR; another one can be given with --checkpoint." in said


def test_a_sweep_of_a_mask_reports_that_it_is_one(judged_checkpoint, mask_file, tmp_path, capsys):
    words = ["sweep", str(mask_file), "--gesture", "grow:heart", "--out", str(tmp_path / "out")]
    main([*words, "--checkpoint", str(judged_checkpoint), "--device", "cpu"])
    said = capsys.readouterr().err
    assert f"{mask_file.name} looks like labels, not like an image" in said
    assert "give its image here, and this file with --mask." in said


def test_an_edit_takes_the_mask_beside_a_picture_and_names_it(tiny_checkpoint, mask_file, tmp_path, capsys):
    Image.fromarray(shades()).save(tmp_path / "a.png")
    (tmp_path / "a_mask.png").write_bytes(mask_file.read_bytes())
    words = ["edit", str(tmp_path / "a.png"), "--gesture", "grow:body:3px", "--steps", "2"]
    words += ["--checkpoint", str(tiny_checkpoint), "--device", "cpu"]  # which has no segmenter
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    assert f"The labels are those of {tmp_path / 'a_mask.png'}." in capsys.readouterr().err
    mask = ["--mask", str(mask_file)]
    assert main([*words, *mask, "--out", str(tmp_path / "given")]) == 0
    assert "The labels are those of" not in capsys.readouterr().err
    names = ("a-edited.png", "a-edited_mask.png")
    assert [(tmp_path / "out" / name).read_bytes() for name in names] == [
        (tmp_path / "given" / name).read_bytes() for name in names
    ]
