"""Starred results become a paired set like any other."""

import json
from contextlib import closing

import numpy as np
import pytest
from set_files import pixels, rows

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.request import Stage
from segpaint.io.history_files import HistoryFolder
from segpaint.paired.chosen import ChosenSet
from segpaint.paired.specification import Specification, read_specification
from segpaint.paired.starred import read_starred, take_starred
from segpaint.paired.store import PairedSet
from segpaint.training.dataset import read_data_set

PIXELS = np.arange(32 * 32, dtype=np.uint8).reshape(32, 32)


@pytest.fixture
def history(tmp_path):
    return HistoryFolder(tmp_path / "history")


@pytest.fixture
def star(history, tiny_checkpoint):
    """Keep results of requests in the history, star them, and read what is starred."""

    def keep(*requests):
        paths = [history.add(PIXELS + number, request) for number, request in enumerate(requests)]
        history.star(paths, on=True)
        return read_starred(history.starred, [tiny_checkpoint])

    return keep


def test_starred_images_are_pairs_as_they_were_made(star, history, make_request, drawn_mask, tmp_path):
    changed = np.flipud(drawn_mask)
    branch = make_request(seed=7, changes=(Stage(step=2, used=(1, 2), mask=changed),))
    history.add(PIXELS, make_request(seed=9))  # not starred
    found = star(make_request(seed=3), branch)
    assert found.notes == ()
    folder = tmp_path / "set"
    assert take_starred(folder, found.made).new == 2
    made = rows(folder)
    assert [row["name"] for row in made] == ["starred-1_s3", "starred-1_s7"]
    assert [row["used"] for row in made] == ["body;heart;bone", "body;heart"]
    assert all(row["chosen_at"] for row in made)
    np.testing.assert_array_equal(pixels(folder / made[1]["image"]), PIXELS + 1)
    np.testing.assert_array_equal(pixels(folder / made[1]["mask"]), changed)  # what the branch ended with
    told = json.loads((folder / "manifest.json").read_text())
    assert [pair["request"]["seed"] for pair in told["pairs"]] == [3, 7]
    assert len(read_data_set(folder).train) == 2
    assert (folder / "contact.png").exists()


def test_more_stars_are_added_and_nothing_is_overwritten(star, make_request, tmp_path):
    folder = tmp_path / "set"
    take_starred(folder, star(make_request(seed=3)).made)
    before = {path: path.read_bytes() for path in (folder / "images").rglob("*.png")}
    found = star(make_request(seed=3, steps=3))
    taken = take_starred(folder, found.made)
    assert (taken.new, taken.before) == (1, 1)
    assert [row["name"] for row in rows(folder)] == ["starred-1_s3", "starred-2_s3"]
    assert {path: path.read_bytes() for path in before} == before
    taken = take_starred(folder, found.made)
    assert (taken.new, taken.before) == (0, 2)


def test_the_set_is_gone_on_with_in_the_deck(star, make_request, tiny_checkpoint, tmp_path):
    folder = tmp_path / "set"
    take_starred(folder, star(make_request(seed=3), make_request(seed=4)).made)
    specification = read_specification(folder / "specification.json")
    with closing(ChosenSet(folder, specification, "float32", checkpoints=[tiny_checkpoint])) as chosen:
        assert len(chosen.deck) == 0
        assert not chosen.missing
        chosen.undo(chosen.pairs[0])
        assert list(chosen.deck) == []  # of the time when it was opened
        chosen.sum_up()
    assert [row["name"] for row in rows(folder)] == ["starred-1_s4"]
    image = folder / "images" / "train" / "starred-1_s3.png"
    assert not image.exists()


def test_a_pair_that_was_lost_when_the_program_was_killed_is_taken_again(star, make_request, tmp_path):
    folder, found = tmp_path / "set", star(make_request(seed=3))
    take_starred(folder, found.made)
    (folder / "images" / "train" / "starred-1_s3.png").unlink()
    assert take_starred(folder, found.made).new == 1
    np.testing.assert_array_equal(pixels(folder / "images" / "train" / "starred-1_s3.png"), PIXELS)
    assert len(rows(folder)) == 1


def test_what_shows_a_patient_or_has_no_model_is_left_out_and_named(star, history, make_request, drawn_mask):
    origin = Counterfactual(image=PIXELS, mask=drawn_mask, used=(1,), way="warp")
    found = star(
        make_request(seed=1),
        make_request(origin=origin),
        make_request(checkpoint="lost"),
        make_request(used=(1, 9)),
    )
    assert [one.request.seed for one in found.made] == [1]
    assert found.notes[0].startswith("1 starred image shows a patient, edited or near, and is left out")
    assert found.notes[1:] == (
        "1 image is left out: there is no model lost with its labels.",
        "1 image is left out: there is no model tiny with its labels.",
    )
    history.starred[0].write_bytes(b"")
    assert "1 image cannot be read" in read_starred(history.starred, []).notes[-1]


def test_other_folders_are_refused(star, make_request, tiny_checkpoint, other_checkpoint, mask_file, tmp_path):
    found = star(make_request(seed=3))
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "scan.png").touch()
    with pytest.raises(SegPaintError, match=r"holds other files, such as scan\.png"):
        take_starred(tmp_path / "scans", found.made)
    made = Specification(checkpoints=(str(tiny_checkpoint),), masks=(mask_file,), steps=1)
    with closing(PairedSet(tmp_path / "made", made, "float32", checkpoints=[tiny_checkpoint])) as planned:
        folder = planned.folder
    with pytest.raises(SegPaintError, match="all made, not chosen"):
        take_starred(folder, found.made)
    other = Specification(checkpoints=(str(other_checkpoint),), choosing={"wanted": 4})
    ChosenSet(tmp_path / "other", other, "float32", checkpoints=[other_checkpoint]).close()
    with pytest.raises(SegPaintError, match="has no images of tiny"):
        take_starred(tmp_path / "other", found.made, checkpoints=[other_checkpoint])
    with pytest.raises(SegPaintError, match="star some made images first"):
        take_starred(tmp_path / "none", ())
    assert not (tmp_path / "none").exists()


def test_a_set_that_is_made_still_needs_masks(tiny_checkpoint):
    with pytest.raises(ValueError, match="names no masks"):
        Specification(checkpoints=(str(tiny_checkpoint),))
