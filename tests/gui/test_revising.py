"""What is painted on a made image changes it there: when that is so, and when another image is made."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.requests.origins import MARGIN
from segpaint.core.runs.run_state import RunState
from segpaint.studio.document.document import Reference


def far(mask, other):
    """Find the pixels that are beyond two margins from where two masks differ."""
    return distance_transform_edt(mask == other) > 2 * MARGIN


@pytest.fixture
def made(loaded, settings, finish):
    """A studio with a finished image."""
    settings(steps=6)
    loaded.runs.generate()
    finish(loaded)
    return loaded


@pytest.fixture
def again(made, finish):
    """Generate once more, and get the request and the image."""

    def generate():
        made.runs.generate()
        finish(made)
        return made.runs.request, made.runs.trajectory.result.noisy

    return generate


@pytest.fixture
def dab(paint):
    """Paint the current label at the top."""
    return lambda: paint((3, 6), (3, 12))


def test_what_was_not_painted_stays_bit_for_bit(made, again, dab, tiny_engine):
    before, blank = made.runs.trajectory.result.noisy, made.document.mask.snapshot()
    dab()
    request, image = again()
    kept = far(request.mask, blank)
    assert kept.sum() > 100
    np.testing.assert_array_equal(image[kept], before[kept])
    assert not np.array_equal(image, before)
    np.testing.assert_array_equal(request.origin.image, before)
    *_, last = tiny_engine.run(request)
    np.testing.assert_array_equal(to_pixels(last.sample), image)
    made.document.paint_value = 0
    dab()
    second, other = again()
    np.testing.assert_array_equal(second.origin.image, image)
    np.testing.assert_array_equal(second.origin.mask, request.mask)
    np.testing.assert_array_equal(other[kept], before[kept])


def test_generating_again_without_a_change_makes_the_same_request(made, again, dab):
    first = made.runs.request
    assert again()[0] is first
    dab()
    revision, image = again()
    same, other = again()
    assert same is revision
    np.testing.assert_array_equal(image, other)


@pytest.mark.parametrize(
    "change",
    [
        lambda studio, settings: settings(seed=7),
        lambda studio, settings: settings(steps=7),
        lambda studio, settings: settings(guidance=3.0),
        lambda studio, settings: settings(sampler="ddim"),
        lambda studio, settings: studio.document.set_label(2, used=False),
        lambda studio, settings: setattr(studio.document, "keeps_seed", False),
        lambda studio, settings: studio.document.strokes.replace(
            np.full((32, 32), 2, np.uint8), "Open another mask"
        ),
        lambda studio, settings: studio.runs.revising.let_everything_change(True),
    ],
    ids=["seed", "steps", "guidance", "sampler", "label left out", "new seed", "another mask", "switch"],
)
def test_whoever_asks_for_another_image_gets_one_from_noise(made, again, dab, settings, change):
    dab()
    change(made, settings)
    request, _ = again()
    assert request.origin is None


def test_once_a_replaced_mask_is_back_the_image_is_revised_again(made, again, dab):
    made.document.strokes.replace(np.full((32, 32), 2, np.uint8), "Open another mask")
    made.document.strokes.undo()
    dab()
    assert again()[0].origin.kind == "revision"


def test_an_edit_during_the_run_is_followed_in_the_revision(made, again, dab, paint, finish):
    before, blank = made.runs.trajectory.result.noisy, made.document.mask.snapshot()
    dab()
    made.runs.begin_paused()
    paint((4, 6), (4, 12))
    made.runs.go_on()
    finish(made)
    np.testing.assert_array_equal(made.runs.request.final.mask, made.document.mask.values)
    kept = far(made.document.mask.values, blank)
    assert kept.sum() > 100
    np.testing.assert_array_equal(made.runs.trajectory.result.noisy[kept], before[kept])


def test_an_image_taken_up_is_the_one_that_is_revised(made, again, dab):
    first, image = made.runs.request, made.runs.trajectory.result.noisy
    dab()
    again()
    made.taken_up.take(first, "Take up", image, "the history")
    assert made.runs.state is RunState.FINISHED
    dab()
    request, _ = again()
    np.testing.assert_array_equal(request.origin.image, image)


def test_a_made_up_patient_is_revised_under_the_mask_that_was_found(made, again, dab):
    blank = made.runs.request.model_copy(update={"used": (), "seed": 5, "guidance": 1.0})
    found, image = made.document.mask.values.copy(), made.runs.trajectory.result.noisy
    found[28:, 28:] = 4
    made.taken_up.take_found(blank, found, "New made-up patient", image, "a made-up patient")
    np.testing.assert_array_equal(again()[1], image)
    dab()
    request, revised = again()
    np.testing.assert_array_equal(request.origin.image, image)
    np.testing.assert_array_equal(request.origin.mask, found)
    kept = far(request.mask, found)
    assert kept.sum() > 100
    np.testing.assert_array_equal(revised[kept], image[kept])


def test_over_a_reference_it_is_the_reference_that_is_edited(made, again, dab):
    mask = made.document.mask.snapshot()
    made.reference.take(Reference("a slice", np.zeros((32, 32), np.uint8), mask, (1, 2, 4)))
    dab()
    assert again()[0].origin.kind == "counterfactual"
    made.document.set_reference(None)
    assert again()[0].origin is None  # what is shown is a patient's, and what was made before is not in view


def test_another_document_is_not_mixed_up_with_it(made, again, dab, tiny_checkpoint, qtbot, finish):
    from segpaint.core.requests.checkpoint import read_checkpoint

    made.open_checkpoint(read_checkpoint(tiny_checkpoint))
    qtbot.waitUntil(lambda: made.runs.is_ready)
    dab()
    assert again()[0].origin is None


def test_the_window_has_a_switch_and_shows_what_it_did(window, hand, finish, settings):
    settings(steps=4)
    window.commands["generate"].trigger()
    finish(window.studio)
    hand(window, (4, 4), (4, 10))
    window.commands["generate"].trigger()
    finish(window.studio)
    assert window.run_label.sentence.startswith("Changed where the mask was")
    assert window.image_title.toolTip().startswith("Synthetic? YES")
    window.commands["everything"].trigger()
    hand(window, (4, 14), (4, 20))
    window.commands["generate"].trigger()
    finish(window.studio)
    assert window.studio.runs.request.origin is None
    assert window.run_label.sentence.startswith("Finished in")
