import csv
import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel, model_serializer
from set_files import SEGPAINT, pixels

from segpaint.cli import main
from segpaint.core.labels.labels import FREE
from segpaint.io.nnunet import find_nnunet
from segpaint.io.results import read_request
from segpaint.training.dataset import read_data_set


@pytest.fixture
def specify(tmp_path, tiny_checkpoint, mask_file):
    """Write a specification; keywords change it."""

    def write(name="set.json", **changes):
        content = {"checkpoints": [str(tiny_checkpoint)], "masks": [str(mask_file)], "steps": 1, **changes}
        (tmp_path / name).write_text(json.dumps(content))
        return tmp_path / name

    return write


@pytest.fixture
def make(tmp_path):
    """Make a set with the command, and return its folder."""

    def run(specification, out="out", code=0):
        folder = tmp_path / out
        words = ["generate", "--set", str(specification), "--out", str(folder), "--device", "cpu"]
        assert main([*words, *given(specification)]) == code
        return folder

    return run


def given(specification):
    """Name the checkpoint folders of a specification, as who trusts it does."""
    models = json.loads(specification.read_text())["checkpoints"]
    folders = [specification.parent / model for model in models]
    return [f"--checkpoint={folder}" for folder in folders if folder.is_dir()]


def manifest(folder):
    with (folder / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((folder / "manifest.json").read_text())
    assert [pair["name"] for pair in told["pairs"]] == [row["name"] for row in rows]
    return rows, told


def check_whole(folder, count):
    """So many pairs, none twice, each as the manifest says, and nothing else."""
    rows, told = manifest(folder)
    assert len(rows) == told["planned"] == count
    assert len({row["image"] for row in rows}) == len({row["mask"] for row in rows}) == count
    assert len({row["sha256"] for row in rows}) == count
    for row, pair in zip(rows, told["pairs"], strict=True):
        image = folder / row["image"]
        assert hashlib.sha256(image.read_bytes()).hexdigest() == row["sha256"]
        request = read_request(image)
        assert request.model_dump(mode="json") == pair["request"]
        assert str(request.seed) == row["seed"]
        assert pixels(folder / row["mask"]).shape == pixels(image).shape
    listed = {row[key] for row in rows for key in ("image", "mask")}
    there = {
        path.relative_to(folder).as_posix()
        for place in ("images", "masks")
        for path in folder.glob(f"{place}/**/*.*")
    }
    assert there == listed


def test_a_set_is_read_by_the_training(specify, make, mask_file, tmp_path, table):
    masks = tmp_path / "masks"
    masks.mkdir()
    for number in range(4):
        shifted = np.roll(pixels(mask_file), number, axis=1)
        Image.fromarray(shifted).save(masks / f"moved {number}.png")
    folder = make(
        specify(masks=["masks"], seeds={"count": 2}, subsets=[None, ["body", "heart"]], validation=0.25)
    )
    check_whole(folder, 16)
    data = read_data_set(folder)
    assert (len(data.train), len(data.val)) == (12, 4)
    assert data.table == table
    assert data.modality == "MR"
    assert data.train.names[:2] == ["moved-0_s0.png", "moved-0_s0_without-bone.png"]
    assert data.train.annotated[:2].tolist() == [[True, True, True], [True, True, False]]
    np.testing.assert_array_equal(data.train.masks[1], pixels(mask_file))
    assert not {name.split("_")[0] for name in data.train.names} & {
        name.split("_")[0] for name in data.val.names
    }
    with Image.open(folder / "images" / "train" / "moved-0_s0.png") as image:
        assert image.info["Synthetic"].startswith("YES")
    assert pixels(folder / "contact.png").shape[1] == 6 * 224
    with Image.open(folder / "contact.png") as sheet:
        assert sheet.info["Synthetic"].endswith("shows no patient")


def test_what_a_folder_of_masks_holds_besides_is_reported(specify, make, mask_file, tmp_path, capfd):
    masks = tmp_path / "masks"
    (masks / "more").mkdir(parents=True)
    Image.fromarray(pixels(mask_file)).save(masks / "b.tif")
    make(specify(masks=["masks"]), code=2)
    assert "2 other files or folders are passed over, such as " in capfd.readouterr().err
    shutil.copy(mask_file, masks / "a.png")
    shutil.rmtree(masks / "more")
    folder = make(specify(masks=["masks"]))
    sentence = (
        f"1 other file or folder is passed over, such as {masks / 'b.tif'}; masks are the PNG files of a "
    )
    assert sentence in capfd.readouterr().err
    rows, told = manifest(folder)
    assert len(rows) == 1
    assert told["notes"][0].startswith(sentence)


@pytest.mark.parametrize("name", ["a" * 5000, "a\0.png"], ids=["too long", "with a zero byte"])
@pytest.mark.parametrize("place", ["masks", "between"])
def test_a_name_that_no_file_has_is_a_sentence(specify, make, capfd, place, name):
    value = [name] if place == "masks" else {"first": name, "second": name, "count": 2}
    make(specify(**{"masks": [], place: value}), code=2)
    told = capfd.readouterr().err
    assert "A name is too long for a file: aaa" in told or "There is no mask" in told


def test_a_set_for_nnunet_is_prepared_again_with_what_it_ignores_free(specify, make, tmp_path, mask_file):
    folder = make(specify(layout="nnunet", subsets=[None, ["body", "bone"]], seeds={"count": 2}))
    assert json.loads((folder / "dataset.json").read_text())["labels"]["ignore"] == 4
    out = tmp_path / "prepared"
    assert main(["prepare", str(folder), "--out", str(out), "--size", "32", "--spacing", "1"]) == 0
    data = read_data_set(out)
    assert [label.name for label in data.table] == ["body", "heart", "bone"]
    masks = np.concatenate([data.train.masks, data.val.masks])
    assert (masks == FREE).any()
    drawn = pixels(mask_file)
    whole = np.where(drawn == 4, 3, drawn)
    assert any(np.array_equal(mask, whole) for mask in masks)
    assert (out / "contact.png").is_file()


def test_a_model_of_whole_masks_makes_no_set_with_labels_left_out(specify, make, whole_checkpoint, capfd):
    for changes, told in (
        ({"subsets": [["body"]]}, "leave out heart, bone"),
        ({"guidance": 3}, "use guidance 3"),
    ):
        folder = make(specify(checkpoints=[str(whole_checkpoint)], **changes), code=2)
        assert f"was trained on whole masks alone, so it cannot {told}" in capfd.readouterr().err
        assert not list(folder.glob("images/*/*.png"))


@pytest.mark.parametrize("layout", ["published", "nnunet"])
def test_masks_of_sets_are_plain_values_to_every_reader(specify, make, layout):
    folder = make(specify(layout=layout))
    (row,), _ = manifest(folder)
    with Image.open(folder / row["mask"]) as mask:
        assert mask.mode == "L"
        assert set(mask.convert("L").tobytes()) <= {0, 1, 2, 3, 4}


def test_a_set_of_an_older_version_goes_on(specify, make, table):
    folder = make(specify(seeds={"count": 2}))
    rows, _ = manifest(folder)
    for row in rows:
        with Image.open(folder / row["mask"]) as mask:
            mask.putpalette(table.colors().tobytes())
            mask.save(folder / row["mask"])
    (folder / rows[1]["image"]).unlink()
    kept = (folder / rows[0]["image"]).stat().st_mtime_ns
    make(specify(seeds={"count": 2}))
    check_whole(folder, 2)
    assert (folder / rows[0]["image"]).stat().st_mtime_ns == kept


def test_the_manifest_says_how_each_was_made(specify, make, tiny_engine):
    folder = make(specify(subsets=[["heart"]], sampler="ddim", guidance=2.5, seeds={"first": 8}))
    (row,), told = manifest(folder)
    checkpoint = tiny_engine.checkpoint
    assert row == {
        "name": "drawn_s8_only-heart", "image": "images/train/drawn_s8_only-heart.png",
        "mask": "masks/all/train/drawn_s8_only-heart.png", "split": "train", "checkpoint": "tiny",
        "fingerprint": checkpoint.fingerprint, "seed": "8", "steps": "1", "sampler": "ddim", "guidance": "2.5",
        "used": "heart", "attributes": "", "sha256": row["sha256"],
    }  # fmt: skip
    assert told["pairs"][0]["used"] == ["heart"]


def test_an_image_of_a_set_is_the_one_that_generate_makes(specify, make, tiny_checkpoint, mask_file, tmp_path):
    folder = make(specify(subsets=[["body"]], seeds={"first": 4}))
    words = ["generate", str(mask_file), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "alone")]
    assert main([*words, "--use", "body", "--steps", "1", "--seed", "4", "--device", "cpu"]) == 0
    (image,) = (folder / "images" / "train").iterdir()
    assert image.read_bytes() == (tmp_path / "alone" / "drawn.png").read_bytes()


def test_a_set_with_free_regions_is_read_by_the_training(specify, make, drawn_mask, tmp_path):
    Image.fromarray(np.where(drawn_mask == 4, FREE, drawn_mask).astype(np.uint8)).save(tmp_path / "free.png")
    data = read_data_set(make(specify(masks=["free.png"])))
    assert (data.train.masks == FREE).any()


def test_nnunet_gets_grey_masks_whose_labels_count_up(specify, make, drawn_mask, capfd):
    folder = make(specify(layout="nnunet", seeds={"count": 3}))
    source = find_nnunet(folder)
    assert source.labels == {1: "body", 2: "heart", 3: "bone"}
    assert source.modality == "MR"
    assert [case.name for case in source.cases] == ["drawn_s0", "drawn_s1", "drawn_s2"]
    with Image.open(source.cases[0].labels) as mask:
        assert mask.mode == "L"
        np.testing.assert_array_equal(np.asarray(mask), np.where(drawn_mask == 4, 3, drawn_mask))
    assert "bone 3" in capfd.readouterr().err
    assert json.loads((folder / "dataset.json").read_text())["numTraining"] == 3


def test_nnunet_ignores_what_is_not_known(specify, make, drawn_mask, tmp_path):
    Image.fromarray(np.where(drawn_mask == 4, FREE, drawn_mask).astype(np.uint8)).save(tmp_path / "free.png")
    folder = make(specify(masks=["free.png"], layout="nnunet", subsets=[["body", "bone"], ["heart"]]))
    assert json.loads((folder / "dataset.json").read_text())["labels"]["ignore"] == 4
    masks = [pixels(folder / "labelsTr" / f"free_s0_{name}.png") for name in ("without-heart", "only-heart")]
    # The heart may be anywhere in the body; body and bone may be anywhere.
    np.testing.assert_array_equal(masks[0], np.select([drawn_mask == 0], [0], 4))
    np.testing.assert_array_equal(masks[1], np.select([drawn_mask == 2], [2], 4))


def test_nnunet_is_told_what_to_validate_with(specify, make, mask_file, drawn_mask, tmp_path):
    Image.fromarray(drawn_mask.T.copy()).save(tmp_path / "turned.png")
    folder = make(specify(masks=[str(mask_file), "turned.png"], layout="nnunet", validation=0.5))
    (fold,) = json.loads((folder / "splits_final.json").read_text())
    assert {key: len(names) for key, names in fold.items()} == {"train": 1, "val": 1}


def test_each_checkpoint_has_a_folder_with_its_own_labels(specify, make, tiny_checkpoint, other_checkpoint):
    folder = make(specify(checkpoints=[str(tiny_checkpoint), str(other_checkpoint)], seeds={"count": 2}))
    rows, _ = manifest(folder)
    assert [row["image"].split("/")[0] for row in rows] == ["tiny", "tiny", "other", "other"]
    assert read_data_set(folder / "tiny").train.names == read_data_set(folder / "other").train.names
    assert read_data_set(folder / "other").modality == "CT"
    assert (folder / "other" / "contact.png").is_file()


def test_masks_between_two_are_among_those_made(specify, make, mask_file, drawn_mask, tmp_path):
    Image.fromarray(np.roll(drawn_mask, 3, axis=0)).save(tmp_path / "lower.png")
    folder = make(specify(masks=[], between={"first": str(mask_file), "second": "lower.png", "count": 3}))
    names = [f"drawn-to-lower-{number}_s0" for number in (1, 2, 3)]
    assert [row["name"] for row in manifest(folder)[0]] == names
    masks = [pixels(folder / "masks" / "all" / "train" / f"{name}.png") for name in names]
    np.testing.assert_array_equal(masks[0], drawn_mask)
    np.testing.assert_array_equal(masks[2], np.roll(drawn_mask, 3, axis=0))
    assert not np.array_equal(masks[0], masks[1])


def test_a_finished_set_is_left_as_it_is_and_can_be_made_again_from_its_own_folder(specify, make, tmp_path):
    folder = make(specify(seeds={"count": 3}))
    before = {path: path.stat().st_mtime_ns for path in folder.glob("images/train/*")}
    make(folder / "specification.json")
    assert before == {path: path.stat().st_mtime_ns for path in folder.glob("images/train/*")}
    (tmp_path / "set.json").unlink()
    again = make(folder / "specification.json", out="again")
    for path in before:
        assert path.read_bytes() == (again / path.relative_to(folder)).read_bytes()
    check_whole(again, 3)


@pytest.mark.parametrize("harm", ["cut", "empty", "lost", "mask lost", "mask cut", "mask of another"])
def test_what_is_damaged_is_made_again(specify, make, harm):
    folder = make(specify(seeds={"count": 2}))
    rows, _ = manifest(folder)
    image, mask = folder / rows[1]["image"], folder / rows[1]["mask"]
    whole = {path: path.read_bytes() for path in (image, mask)}
    target = mask if "mask" in harm else image
    if "lost" in harm:
        target.unlink()
    elif "another" in harm:
        Image.fromarray(np.zeros((32, 32), np.uint8)).save(target)
    else:
        target.write_bytes(whole[target][: len(whole[target]) // 2] if "cut" in harm else b"")
    make(folder / "specification.json")
    assert {path: path.read_bytes() for path in whole} == whole
    check_whole(folder, 2)


def test_a_folder_with_anything_else_is_refused(specify, make, tmp_path, capfd):
    (tmp_path / "out" / "images").mkdir(parents=True)
    make(specify(), code=2)
    assert "holds other files, such as images" in capfd.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["images"]


@pytest.mark.parametrize(
    "change", [{"seeds": {"count": 3}}, {"subsets": [["heart"]]}, {"masks": ["other.png"]}]
)
def test_a_folder_with_another_set_is_refused(specify, make, mask_file, change, tmp_path, capfd):
    shutil.copy(mask_file, tmp_path / "other.png")
    make(specify())
    capfd.readouterr()
    make(specify(**change), code=2)
    assert "holds another set" in capfd.readouterr().err


def test_a_mask_that_was_painted_over_since_makes_another_set(specify, make, mask_file, tmp_path, capfd):
    shutil.copy(mask_file, tmp_path / "mine.png")
    make(specify(masks=["mine.png"]))
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(tmp_path / "mine.png")
    make(specify(masks=["mine.png"]), code=2)
    assert "holds another set" in capfd.readouterr().err


def test_a_checkpoint_that_was_trained_on_since_is_told(specify, make, tiny_checkpoint, tmp_path, capfd):
    changed = shutil.copytree(tiny_checkpoint, tmp_path / "changed")
    path = specify(checkpoints=["changed"])
    make(path)
    config = changed / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text().replace("}", " }"))
    make(path, code=2)
    assert "the checkpoint has changed since" in capfd.readouterr().err


def test_two_at_once_do_not_work_on_one_folder(specify, make, capfd):
    from filelock import FileLock

    folder = make(specify())
    with FileLock(folder / ".segpaint.lock"):
        make(folder / "specification.json", code=2)
    assert "is working on" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--seed", "3"], "--seed is fixed by --set"),
        (["--overwrite"], "--overwrite is fixed by --set"),
        (["--request", "a.json"], "Give masks, one --request, one --set, or --made-up"),
    ],
)
def test_what_the_specification_settles_is_no_option(specify, tmp_path, capfd, options, problem):
    words = ["generate", "--set", str(specify()), "--out", str(tmp_path / "out"), *options]
    assert main(words) == 2
    assert problem in capfd.readouterr().err


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"masks": ["nothing.png"]}, "There is no mask"),
        ({"masks": ["empty"]}, "holds no masks"),
        ({"subsets": [["lung"]]}, "There is no label 'lung'"),
        ({"checkpoints": ["nobody"]}, "the checkpoint 'nobody', which is not among those known"),
    ],
)
def test_what_cannot_be_carried_out_is_told(specify, make, tmp_path, capfd, change, problem):
    (tmp_path / "empty").mkdir()
    make(specify(**change), code=2)
    assert problem in capfd.readouterr().err


def test_a_corrected_specification_is_not_taken_for_another(specify, make, capfd):
    folder = make(specify(subsets=[["hart"]]), code=2)
    assert [path for path in folder.iterdir() if not path.name.startswith(".")] == []
    check_whole(make(specify(subsets=[["heart"]])), 1)


def start(specification, folder):
    command = [sys.executable, "-c", SEGPAINT, "generate", "--set", str(specification), "--out", str(folder)]
    command += ["--device", "cpu", *given(specification)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def count_images(folder):
    return len(list(folder.glob("images/train/[!.]*.png")))


def wait_for_images(process, folder, count):
    while count_images(folder) < count:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)  # counting takes the processor from what is counted


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL")
def test_a_set_that_is_killed_three_times_is_whole_in_the_end(specify, tmp_path):
    path, folder = specify(seeds={"count": 100}, subsets=[None, ["body", "bone"]]), tmp_path / "out"
    chance = random.Random()  # no seed: what it hits, a file half written perhaps, is up to the machine anyway
    for goal in (chance.randint(5, 50), chance.randint(60, 110), chance.randint(120, 180)):
        process = start(path, folder)
        wait_for_images(process, folder, goal)
        time.sleep(chance.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stderr.close()
        assert goal <= count_images(folder) < 200
    made = {image: image.stat().st_mtime_ns for image in folder.glob("images/train/[!.]*.png")}
    process = start(path, folder)
    _, said = process.communicate()
    assert process.returncode == 0, said
    check_whole(folder, 200)
    kept = sum(image.stat().st_mtime_ns == written for image, written in made.items())
    assert kept >= len(made) - 1  # at most the one whose mask was under way is made again
    assert not list(folder.glob("**/.*.????????"))
    assert len(read_data_set(folder).train) == 200


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_ctrl_c_leaves_a_folder_to_go_on_with(specify, make, tmp_path):
    path, folder = specify(seeds={"count": 400}), tmp_path / "out"
    process = start(path, folder)
    wait_for_images(process, folder, 3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130, said
    count = count_images(folder)
    assert f"Stopped: {count} of 400 pairs" in " ".join(said.split())
    rows, told = manifest(folder)
    assert len(rows) == count
    assert told["planned"] == 400
    assert len(read_data_set(folder).train) == count


def test_a_specification_names_an_offered_checkpoint_or_one_that_the_user_gave(
    specify, tiny_checkpoint, tmp_path, monkeypatch, capsys
):
    shutil.copytree(tiny_checkpoint, tmp_path / "brought")
    monkeypatch.chdir(tiny_checkpoint.parent)
    out = tmp_path / "out"
    for name in (str(tiny_checkpoint), "tiny", "brought", "../brought"):  # beside the caller, or the file
        words = ["generate", "--set", str(specify(checkpoints=[name])), "--out", str(out), "--device", "cpu"]
        assert main(words) == 2
        assert "is not among those known" in capsys.readouterr().err
        assert not [path for path in out.iterdir() if not path.name.startswith(".")]
    words = ["generate", "--set", str(specify(checkpoints=["tiny"])), "--out", str(out), "--device", "cpu"]
    assert main([*words, "--checkpoint", str(tmp_path / "brought")]) == 2
    assert main([*words, "--checkpoint", str(tmp_path / "brought"), "--checkpoint", "tiny"]) == 0


@pytest.fixture
def hears_ctrl_c():
    """Hear Ctrl+C, to which a shell may have started the tests deaf."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_that_a_library_turns_into_another_error_stops_all_the_same(specify, make, monkeypatch, capfd):
    from segpaint.paired import store

    def interrupted(*_):
        class Interrupted(BaseModel):
            @model_serializer
            def dump(self):
                signal.raise_signal(signal.SIGINT)

        Interrupted().model_dump_json()  # raises an error of pydantic

    path = specify(seeds={"count": 5})
    with monkeypatch.context() as patched:
        patched.setattr(store, "encode_image", interrupted)
        make(path, code=130)
    assert "Stopped: 0 of 5 pairs" in " ".join(capfd.readouterr().err.split())
    check_whole(make(path), 5)


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_that_is_lost_stops_before_the_next_image(specify, make, monkeypatch, capfd):
    from segpaint.paired import store

    encode, lost = store.encode_image, []

    class Interrupting:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    def losing(*words):
        Interrupting()  # is destroyed at once, and Python drops what is raised there
        return encode(*words)

    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    monkeypatch.setattr(store, "encode_image", losing)
    make(specify(seeds={"count": 5}), code=130)
    assert [type(report.exc_value) for report in lost] == [KeyboardInterrupt]
    assert "Stopped: 1 of 5 pairs" in " ".join(capfd.readouterr().err.split())
