"""File > New made-up patient: an image of no mask, and the mask that is found in it."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from scan_volumes import make_volume

from segpaint import open_checkpoint, read_request
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.files.saving import save_to
from segpaint.gui.making.made_up_commands import why_not


@pytest.fixture
def window(open_window, judged_checkpoint, qtbot):
    window = open_window(judged_checkpoint)
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    return window


@pytest.fixture
def make_up(window, qtbot):
    """Run the command, and wait until a patient is made up."""

    def run():
        edits = window.studio.document.strokes.stack.count()
        window.commands["made_up"].trigger()
        qtbot.waitUntil(lambda: window.studio.document.strokes.stack.count() > edits, timeout=30_000)

    return run


def test_a_made_up_patient_is_one_edit_with_its_image_beside_it(window, make_up, judged_checkpoint, drawn_mask):
    studio, document = window.studio, window.studio.document
    document.strokes.replace(drawn_mask, "open")
    make_up()
    assert document.strokes.stack.undoText() == "New made-up patient"
    request, shown = studio.runs.looked_at
    image, mask = open_checkpoint(judged_checkpoint, "cpu").make_up(request.seed)
    assert image.request.model_dump_json() == request.model_dump_json()
    assert np.array_equal(shown.noisy, image.pixels)
    assert np.array_equal(document.mask.values, mask)
    document.strokes.undo()
    assert np.array_equal(document.mask.values, drawn_mask)
    assert studio.runs.looked_at is None
    document.strokes.redo()
    assert np.array_equal(document.mask.values, mask)
    assert studio.runs.looked_at[0] is request


def test_the_image_goes_with_the_mask_until_that_is_changed(window, make_up):
    make_up()
    runs = window.studio.runs
    assert not runs.is_outdated
    window.studio.document.strokes.replace(window.studio.document.mask.values * 0 + 4, "other")
    assert runs.is_outdated
    window.commands["undo"].trigger()
    assert not runs.is_outdated


def test_each_is_another_patient_and_the_settings_stay(window, make_up):
    settings, used = window.studio.document.settings, window.studio.document.used
    make_up()
    first = window.studio.runs.request
    make_up()
    assert window.studio.runs.request.seed != first.seed
    assert (window.studio.document.settings, window.studio.document.used) == (settings, used)


def test_while_painting_live_the_image_of_the_patient_stays(window, make_up):
    window.studio.live.set_on(True)
    make_up()
    assert window.studio.runs.branches.current.found is not None
    assert window.studio.runs.trajectory.result is not None


def test_the_image_is_kept_and_saved_with_the_mask_found_in_it(window, make_up, tmp_path, qtbot):
    studio, kept = window.studio, []
    studio.history.added.connect(kept.append)
    make_up()
    found, request = studio.document.mask.snapshot(), studio.runs.request
    window.studio.document.strokes.replace(found * 0, "blank")
    save_to(studio, window.shell, tmp_path / "saved.png")
    qtbot.waitUntil(lambda: bool(kept) and (tmp_path / "saved.json").exists())
    described = request.model_dump_json()
    assert read_request(kept[0]).model_dump_json() == described
    assert read_request(tmp_path / "saved.png").model_dump_json() == described
    with Image.open(tmp_path / "saved_mask.png") as mask:
        assert np.array_equal(np.asarray(mask), found)


def test_a_segmenter_that_cannot_be_read_leaves_the_mask_and_another_can_be_tried(
    open_studio, judged_checkpoint, drawn_mask, tmp_path, qtbot
):
    folder = shutil.copytree(judged_checkpoint, tmp_path / "damaged")
    (folder / "segmenter" / "config.json").write_text("{")
    studio, told = open_studio(folder), []
    studio.document.strokes.replace(drawn_mask, "open")
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    studio.runs.failed.connect(told.append)
    studio.made_up.start()
    qtbot.waitUntil(lambda: not studio.made_up.is_busy, timeout=30_000)
    assert "segmenter" in str(told[0])
    assert np.array_equal(studio.document.mask.values, drawn_mask)
    assert why_not(studio) == ""


def test_a_model_opened_meanwhile_gets_no_patient_of_another(window, tiny_checkpoint, qtbot):
    studio = window.studio
    studio.made_up.start()
    assert studio.made_up.is_busy
    studio.open_checkpoint(read_checkpoint(tiny_checkpoint))
    assert not studio.made_up.is_busy
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    assert studio.document.strokes.stack.count() == 0


def test_what_is_missing_is_given_as_the_reason(loaded, open_studio, judged_checkpoint, tmp_path):
    assert why_not(loaded) == "The model has no segmenter to find labels"
    assert why_not(open_studio(judged_checkpoint)) == "The model is not loaded yet"
    folder = shutil.copytree(judged_checkpoint, tmp_path / "whole")
    description = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps({**description, "ablation_trained": False}))
    assert why_not(open_studio(folder)) == "The model was trained on whole masks alone"


def test_with_a_scan_open_nobody_is_made_up(open_studio, judged_checkpoint, settle, qtbot):
    studio = open_studio(judged_checkpoint)
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    assert why_not(studio) == ""
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert why_not(studio) == "A scan is open, which shows a patient already"
