import json
import shutil

import nibabel
import numpy as np
import pytest
from PIL import Image

from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.palette import distinct_colors
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.training.dataset import read_data_set
from segpaint.training.preparing.settings import PreparationSettings
from segpaint.training.preparing.slices import kept_slices

SHAPE = (40, 30, 6)


def write_volume(folder, name, *, shift=0, labels=(1, 3), spacing=(1.0, 1.0, 5.0)):
    """A body of 20 x 16 voxels with a bright organ on the patient's right and in front; two bare slices."""
    image = np.full(SHAPE, -1000, np.int16)
    image[10 + shift : 30 + shift, 8:24] = 0
    mask = np.zeros(SHAPE, np.uint8)
    mask[24 + shift : 28 + shift, 18:22, :4] = labels[0]
    mask[12 + shift : 14 + shift, 10:12, 1:3] = labels[1]
    image[mask == labels[0]] = 200
    affine = np.diag([*spacing, 1.0])
    folder.mkdir(exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(image, affine), folder / f"{name}.nii.gz")
    nibabel.save(nibabel.Nifti1Image(mask, affine), folder / f"{name}-labels.nii.gz")


@pytest.fixture
def scans(tmp_path):
    """Four patients."""
    for number in range(4):
        write_volume(tmp_path / "scans", f"p{number}", shift=number)
    return tmp_path / "scans"


@pytest.fixture
def prepare(scans, tmp_path):
    """Prepare the scans with these options and return the folder."""

    def run(*options, source=scans):
        out = tmp_path / "prepared"
        assert main(["prepare", str(source), "--out", str(out), "--size", "32", *options]) == 0
        return out

    return run


@pytest.fixture
def refused(scans, tmp_path, capfd):
    """Prepare in vain: the sentence, when nothing at all was written."""

    def run(*options, source=scans):
        capfd.readouterr()
        before = sorted(tmp_path.iterdir())
        assert (
            main(["prepare", str(source), "--out", str(tmp_path / "prepared"), "--size", "32", *options]) == 2
        )
        assert sorted(tmp_path.iterdir()) == before
        *_, sentence = capfd.readouterr().err.strip().splitlines()
        assert sentence.startswith("segpaint: ")
        return sentence

    return run


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture).copy()


def test_scans_become_a_data_set_that_can_be_read(prepare, capfd):
    folder = prepare()
    data = read_data_set(folder)
    assert data.modality == "CT"  # air has -1000
    assert [(label.index, label.name) for label in data.table] == [(1, "label 1"), (3, "label 3")]
    assert data.train.images.shape == (12, 1, 32, 32)  # 3 patients of 4 labelled slices
    assert len(data.val) == 4
    told = capfd.readouterr().err
    assert "train: 12 slices of 3 cases of 3 patients" in told
    assert "val: 4 slices of 1 case of 1 patient" in told
    assert "label 1 100 %, label 3 50 %" in told
    assert str(folder / "contact.png") in told
    with Image.open(folder / "contact.png") as sheet:
        assert len(set(sheet.convert("L").tobytes())) > 20


def test_masks_of_data_sets_are_plain_values_to_every_reader(prepare):
    folder = prepare()
    data = read_data_set(folder)
    for name, mask in zip(data.train.names, data.train.masks, strict=True):
        with Image.open(folder / "masks/all/train" / name) as picture:
            assert picture.mode == "L"
            assert np.array_equal(picture.convert("L"), mask)


def test_no_patient_is_in_both_splits(scans, prepare):
    for number in range(4):
        write_volume(scans, f"p{number}_later")
    folder = prepare("--patient", "^p[0-9]", "--val-share", "0.5", "--seed", "3")
    parts = [
        {path.name[:2] for path in (folder / "images" / split).glob("*.png")} for split in ("train", "val")
    ]
    assert parts[0] | parts[1] == {"p0", "p1", "p2", "p3"}
    assert not parts[0] & parts[1]


def test_the_square_is_centred_on_the_body_and_has_the_right_side_on_the_left(prepare):
    folder = prepare("--spacing", "1")
    for path in folder.glob("images/*/*.png"):  # wherever the body lies in the volume
        image, mask = pixels(path), pixels(folder / "masks/all" / path.parent.name / path.name)
        rows, columns = np.nonzero(image)
        assert (rows.min(), rows.max(), columns.min(), columns.max()) == (8, 23, 6, 25)
        assert (mask[10:14, 8:12] == 1).all()  # in front, on the right
        assert (mask == 1).sum() == 16
        assert (image[mask == 1] == 230).all()  # 200 HU, of -160 to 240
        assert image[20, 20] == 102  # 0 HU


def test_image_and_mask_stay_together_at_another_spacing(scans, prepare):
    for path in scans.iterdir():
        path.unlink()
    write_volume(scans, "fine", spacing=(0.5, 1.0, 5.0))
    folder = prepare("--spacing", "0.25", "--crop", "none", "--window", "0", "200")
    image, mask = (
        pixels(folder / "images/train/fine_0001.png"),
        pixels(folder / "masks/all/train/fine_0001.png"),
    )
    assert set(np.unique(mask)) <= {0, 1, 3}
    inside, outside = image[mask == 1], image[mask != 1]
    assert inside.min() >= 115  # borders are mixed linearly; corners, of four pixels, a little more
    assert outside.max() <= 128


def test_by_default_everything_fits(scans, prepare):
    write_volume(scans, "large", spacing=(4.0, 4.0, 5.0))
    folder = prepare()
    record = json.loads((folder / "prepared.json").read_text())
    assert record["pixel_spacing"] == pytest.approx(80 / 30, abs=1e-3)
    split = record["cases"]["large"]["split"]
    image = pixels(folder / "images" / split / "large_0002.png")
    assert image[:, [0, -1]].max() < 25  # nothing but the smoothing of the border
    assert (image > 50).any(axis=0).sum() == 30


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], [0, 1, 2, 3]), (["--empty-share", "1"], [0, 1, 2, 3, 4, 5]), (["--every", "2"], [0, 2])],
    ids=str,
)
def test_slices_without_labels_are_few_unless_asked_for(prepare, options, expected):
    folder = prepare(*options)
    assert sorted(int(path.stem[-4:]) for path in folder.glob("images/*/p1_*.png")) == expected


def test_empty_slices_are_spread_evenly_and_kept_to_their_share():
    has_label = np.zeros(100, np.bool_)
    has_label[40:49] = True
    kept = kept_slices(has_label, PreparationSettings(empty_share=0.25))
    assert len(kept) == 12
    assert {0, 99} <= set(kept)


def test_a_single_patient_is_trained_on_and_not_split(scans, prepare, capfd):
    for path in scans.iterdir():
        if not path.name.startswith("p0"):
            path.unlink()
    data = read_data_set(prepare())
    assert (len(data.train), len(data.val)) == (4, 0)
    assert "val stays empty" in capfd.readouterr().err


def test_labels_are_named_by_a_table_of_another_program(prepare, tmp_path):
    table = tmp_path / "table.ctbl"
    table.write_text("# Color table file\n0 Background 0 0 0 0\n1 left_lobe 1 2 3 255\n3 mass 4 5 6 255\n")
    data = read_data_set(prepare("--labels", str(table)))
    assert [label.name for label in data.table] == ["left lobe", "mass"]
    assert data.modality == "CT"  # which the table does not tell, but the values do


def test_labels_are_named_by_a_table(prepare, tmp_path):
    table = tmp_path / "table.json"
    labels = [
        {"index": 1, "name": "liver", "color": "#aa5500"},
        {"index": 2, "name": "spleen", "color": "#00aa55"},
        {"index": 3, "name": "kidney", "color": "#5500aa", "parent": 2},
        {"index": 9, "name": "heart", "color": "#ff0000"},
    ]
    table.write_text(json.dumps({"modality": "PT", "labels": labels}))
    data = read_data_set(prepare("--labels", str(table)))
    assert data.modality == "PT"
    assert [label.name for label in data.table] == ["liver", "spleen", "kidney"]  # a heart is never shown
    assert data.table[1].color == "#aa5500"


@pytest.mark.parametrize("files", [1, 3])
def test_pictures_in_colour_stay_as_they_are(tmp_path, files, prepare):
    source = tmp_path / "nnunet"
    for kind in ("imagesTr", "labelsTr"):
        (source / kind).mkdir(parents=True)
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (3, 32, 32, 3), np.uint8)
    for number, picture in enumerate(pictures):
        if files == 1:
            Image.fromarray(picture).save(source / "imagesTr" / f"c{number}_0000.png")
        else:
            for channel in range(3):
                Image.fromarray(picture[..., channel]).save(source / "imagesTr" / f"c{number}_000{channel}.png")
        Image.fromarray(np.eye(32, dtype=np.uint8)).save(source / "labelsTr" / f"c{number}.png")
    content = {"channel_names": {"0": "R", "1": "G", "2": "B"}, "labels": {"background": 0, "polyp": 1}}
    (source / "dataset.json").write_text(json.dumps({**content, "numTraining": 3, "file_ending": ".png"}))
    folder = prepare("--spacing", "1", source=source)
    data = read_data_set(folder)
    assert data.train.images.shape == (2, 3, 32, 32)
    assert [label.name for label in data.table] == ["polyp"]
    for number, picture in enumerate(pictures):
        (path,) = folder.glob(f"images/*/c{number}.png")
        np.testing.assert_array_equal(pixels(path), picture)
    assert json.loads((folder / "prepared.json").read_text())["pixel_spacing"] is None


def test_mr_is_windowed_by_its_own_percentiles(scans, prepare):
    for path in scans.glob("*[0-9].nii.gz"):
        image = nibabel.load(path)
        values = np.asarray(image.dataobj) + 1000
        nibabel.save(nibabel.Nifti1Image(values * (10 if "p1" in path.name else 1), image.affine), path)
    folder = prepare("--spacing", "1", "--modality", "MR")  # three shades alone, as a shifted CT has them
    assert read_data_set(folder).modality == "MR"
    first, scaled = (pixels(next(folder.glob(f"images/*/p{number}_0001.png"))) for number in (0, 1))
    assert first.max() > 250
    np.testing.assert_allclose(first, scaled, atol=1)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--window", "soft"], "--window: "),
        (["--window", "40", "-40"], "the lower one"),
        (["--window", "1", "2", "3"], "give two numbers"),
        (["--every", "0"], "--every: "),
        (["--val-share", "1"], "--val-share: "),
        (["--patient", "("], "no regular expression"),
        (["--patient", "q"], "finds nothing in the name 'p0'"),
        (["--channel", "T1"], "no data set of nnU-Net"),
        (["--labels", "nowhere.json"], "There is no file nowhere.json"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_get_a_sentence(refused, options, reason):
    assert reason in refused(*options)


def test_what_is_wrong_with_a_volume_is_said_before_anything_is_written(refused, scans):
    whole = (scans / "p2.nii.gz").read_bytes()
    (scans / "p2.nii.gz").write_bytes(whole[:-200])
    assert str(scans / "p2.nii.gz") in refused()
    (scans / "p2.nii.gz").write_bytes(whole)
    labels = nibabel.load(scans / "p1-labels.nii.gz")
    moved = nibabel.Nifti1Image(np.asarray(labels.dataobj), np.diag([1.0, 1.0, 5.5, 1.0]))
    for name in ("p1", "p3"):
        nibabel.save(moved, scans / f"{name}-labels.nii.gz")
    sentence = refused()
    assert "p1-labels.nii.gz lies up to 3 mm from" in sentence
    assert sentence.endswith("1 more file is wrong, too.")
    (scans / "p1-labels.nii.gz").unlink()
    assert "p1.nii.gz has no labels" in refused()


def test_a_value_that_the_table_does_not_name_is_told_with_its_file(refused, scans, tmp_path):
    table = tmp_path / "table.json"
    table.write_text(json.dumps({"modality": "CT", "labels": [{"index": 1, "name": "a", "color": "#000000"}]}))
    sentence = refused("--labels", str(table))
    assert f"{scans / 'p0-labels.nii.gz'} holds the value 3, which {table} does not name." in sentence


def test_scans_without_any_label_are_refused(refused, scans):
    for path in scans.glob("*-labels.nii.gz"):
        nibabel.save(nibabel.Nifti1Image(np.zeros(SHAPE, np.uint8), nibabel.load(path).affine), path)
    assert "holds any label" in refused()


def test_a_folder_that_is_there_is_not_touched(prepare, refused):
    folder = prepare()
    before = sorted(folder.rglob("*"))
    assert "exists already" in refused()
    assert sorted(folder.rglob("*")) == before


def test_an_interrupted_preparation_is_not_taken_for_a_finished_one(scans, tmp_path, monkeypatch):
    import segpaint.training.preparing.prepare as module

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "draw_contact_sheet", interrupt)
        assert main(["prepare", str(scans), "--out", str(tmp_path / "out"), "--size", "32"]) == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scans"]
    (tmp_path / ".out.unfinished/images").mkdir(parents=True)  # as a killed one leaves it
    (tmp_path / ".out.unfinished/images/old.png").touch()
    assert main(["prepare", str(scans), "--out", str(tmp_path / "out"), "--size", "32"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "scans"]
    assert not list((tmp_path / "out").rglob("old.png"))


def test_colours_are_distinct_as_far_as_labels_go():
    assert len(set(distinct_colors(508))) == 508


# ---- straight to a training


FEW_STEPS = ["--size", "32", "--widths", "32,32", "--batch-size", "2", "--picture-minutes", "1000"]


def test_a_folder_of_scans_is_trained_on_directly(scans, tmp_path, capfd):
    out = tmp_path / "model"
    words = ["train", str(scans), "--out", str(out), *FEW_STEPS, "--axis", "axial"]
    assert main([*words, "--max-steps", "1"]) == 0
    data = out / "training" / "data"
    assert "contact.png shows it" in " ".join(capfd.readouterr().err.split())
    description = read_checkpoint(out).description
    assert (description.size, description.modality) == (32, "CT")
    assert description.pixel_spacing == json.loads((data / "prepared.json").read_text())["pixel_spacing"]
    assert description.window == (-160, 240)  # HU
    kept = {path: path.stat().st_mtime_ns for path in data.rglob("*.png")}
    assert main([*words, "--max-steps", "2", "--resume"]) == 0
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*.png")} == kept
    assert main([*words, "--max-steps", "3", "--resume", "--every", "2"]) == 2
    assert "with other options" in capfd.readouterr().err


def test_the_window_of_scans_is_an_option_of_a_training(scans, tmp_path):
    out = tmp_path / "model"
    words = ["train", str(scans), "--out", str(out), *FEW_STEPS, "--axis", "axial", "--max-steps", "1"]
    assert main([*words, "--window", "-100", "300"]) == 0
    assert read_checkpoint(out).description.window == (-100, 300)


def test_options_for_scans_are_refused_where_there_are_none(tiny_data, tmp_path, capfd):
    words = ["train", str(tiny_data), "--out", str(tmp_path / "out"), "--max-steps", "1", "--every", "2"]
    assert main(words) == 2
    assert "--every is for a folder of scans" in capfd.readouterr().err


def test_several_processes_do_not_prepare_over_each_other(scans, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert main(["train", str(scans), "--out", str(tmp_path / "out"), *FEW_STEPS]) == 2
    assert "run segpaint prepare first" in capfd.readouterr().err


def test_prepared_data_may_be_moved(prepare, tmp_path):
    folder = shutil.move(prepare(), tmp_path / "elsewhere")
    assert len(read_data_set(folder).train) == 12
    with pytest.raises(SegPaintError):
        read_data_set(tmp_path / "prepared")
