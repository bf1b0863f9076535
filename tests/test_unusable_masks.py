"""Masks that cannot be used are named as the user knows them, all of them, with a way out that is one."""

import json

import numpy as np
import pytest
from PIL import Image

import segpaint
from segpaint import SegPaintError
from segpaint.cli import main


def save(path, values):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(values).save(path)
    return path


@pytest.fixture
def make(tiny_checkpoint, tmp_path, capsys):
    """Make a set of masks by the command; what is reported if it is refused."""

    def run(*masks, **more):
        words = {"checkpoints": [str(tiny_checkpoint)], "masks": [str(mask) for mask in masks], "steps": 2}
        (tmp_path / "set.json").write_text(json.dumps({**words, **more}))
        asked = ["--set", str(tmp_path / "set.json"), "--out", str(tmp_path / "out"), "--device", "cpu"]
        result = main(["generate", *asked, "--checkpoint", str(tiny_checkpoint)])
        shown = capsys.readouterr().err
        return shown if result else ""

    return run


def test_the_way_out_for_a_mask_of_another_size_in_a_set_is_one(make, drawn_mask, tmp_path):
    large = save(tmp_path / "own" / "m256.png", drawn_mask.repeat(2, axis=0).repeat(2, axis=1))
    shown = make(large)
    assert f"{large} has 64 x 64 pixels" in shown
    assert '("resize": true in the specification)' in shown
    assert "--resize" not in shown
    assert "sources" not in shown
    assert not make(large, resize=True)


def test_the_way_out_is_that_of_the_command_and_of_python(tiny_checkpoint, drawn_mask, tmp_path, capsys):
    large = save(tmp_path / "own" / "large.png", drawn_mask.repeat(2, axis=0).repeat(2, axis=1))
    model = segpaint.open_checkpoint(tiny_checkpoint, "cpu")
    for read in (model.read_mask, model.read_reference):
        with pytest.raises(SegPaintError, match=r"\(resize=True\)\.$"):
            read(large)
        read(large, resize=True)
    words = ["generate", str(large), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "out")]
    assert main([*words, "--steps", "2"]) == 2
    assert "(--resize)." in capsys.readouterr().err
    assert main([*words, "--steps", "2", "--resize"]) == 0


def test_all_masks_that_cannot_be_used_are_named_up_to_a_number(make, drawn_mask, tmp_path):
    folder = tmp_path / "own"
    save(folder / "good.png", drawn_mask)
    (folder / "b-damaged.png").parent.mkdir(exist_ok=True)
    (folder / "b-damaged.png").write_bytes(b"no picture")
    save(folder / "a-colours.png", np.zeros((32, 32, 3), np.uint8))
    shown = make(folder)
    assert shown.startswith("segpaint: 2 masks cannot be used. ")
    assert str(folder / "a-colours.png") in shown
    assert str(folder / "b-damaged.png") in shown
    assert "sources" not in shown
    assert "more mask" not in shown
    for number in range(4):
        save(folder / f"c{number}.png", np.full((32, 32), 77, np.uint8))
    shown = make(folder)
    assert shown.startswith("segpaint: 6 masks cannot be used. ")
    assert "c0.png" in shown
    assert "c1.png" not in shown
    assert shown.rstrip().endswith("3 more masks have a problem.")


def test_all_masks_that_are_missing_are_named(make, drawn_mask, tmp_path):
    good = save(tmp_path / "own" / "good.png", drawn_mask)
    shown = make(good, tmp_path / "gone.png", tmp_path / "lost.png")
    assert f"There is no mask {tmp_path / 'gone.png'}. There is no mask {tmp_path / 'lost.png'}." in shown


def test_a_folder_that_is_called_like_a_picture_is_passed_over(make, drawn_mask, tmp_path, tiny_checkpoint):
    save(tmp_path / "own" / "good.png", drawn_mask)
    (tmp_path / "own" / "folder.png").mkdir()
    wanted = {"checkpoints": [str(tiny_checkpoint)], "masks": [str(tmp_path / "own")], "steps": 2}
    notes = segpaint.make_paired_set(wanted, tmp_path / "python", device="cpu")
    assert any(f"passed over, such as {tmp_path / 'own' / 'folder.png'}" in note for note in notes)
    assert not make(tmp_path / "own")
