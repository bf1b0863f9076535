"""File > New made-up patient: an image of no mask, and the mask that is found in it."""

import numpy as np
import pytest

from segpaint import open_checkpoint
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


def test_the_image_goes_with_the_mask_until_that_is_changed(window, make_up, hand):
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


def test_while_painting_live_the_image_of_the_patient_stays(window, make_up, qtbot):
    window.studio.live.set_on(True)
    make_up()
    assert window.studio.runs.branches.current.found is not None
    assert window.studio.runs.trajectory.result is not None


def test_a_model_opened_meanwhile_gets_no_patient_of_another(window, tiny_checkpoint, qtbot):
    from segpaint.core.requests.checkpoint import read_checkpoint

    studio = window.studio
    studio.made_up.start()
    assert studio.made_up.is_busy
    studio.open_checkpoint(read_checkpoint(tiny_checkpoint))
    assert not studio.made_up.is_busy
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    assert studio.document.strokes.stack.count() == 0


def test_what_is_missing_is_given_as_the_reason(loaded, open_studio, whole_checkpoint, judged_checkpoint):
    assert why_not(loaded) == "The model has no segmenter to find labels"
    unloaded = open_studio(judged_checkpoint)
    assert why_not(unloaded) == "The model is not loaded yet"
