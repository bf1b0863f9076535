"""In the window: images in one to eight long steps, where the checkpoint was distilled."""

from dataclasses import replace

import pytest

from segpaint.core.masks.paint import brush
from segpaint.core.requests.origins import Revision
from segpaint.core.requests.sampling import DISTILLED, FEW_STEPS, SAMPLERS
from segpaint.core.runs.run_state import RunState


@pytest.fixture
def window(open_window, distilled_checkpoint):
    return open_window(distilled_checkpoint)


def offered(window):
    box = window.request.sampler
    return [box.itemText(place) for place in range(box.count())]


def choose(window, sampler):
    box = window.request.sampler
    box.setCurrentIndex(box.findData(sampler))


def stroke(studio):
    studio.document.strokes.begin()
    studio.document.paint(brush((8, 8), (20, 24), 5, (32, 32)))
    studio.document.strokes.end("brush")


def test_it_is_offered_where_the_checkpoint_has_it(window, open_window):
    plain = [sampler.title for sampler in SAMPLERS.values()]
    distilled = [sampler.title for sampler in DISTILLED.values()]
    assert offered(window) == [*distilled, *plain]
    assert offered(open_window()) == plain


def test_a_request_for_it_is_shown_where_the_checkpoint_lacks_it(open_window, qtbot):
    window = open_window()
    document, runs = window.studio.document, window.studio.runs
    document.change_settings(replace(document.settings, sampler="few", steps=2))
    assert window.request.sampler.currentText() == FEW_STEPS.title
    with qtbot.waitSignal(runs.failed, timeout=20_000) as failed:
        qtbot.waitUntil(lambda: runs.is_ready, timeout=20_000)
        runs.generate()
    assert "has no network for few steps" in str(failed.args[0])


def test_steps_go_from_one_number_that_it_takes_to_the_next(window):
    request, settings = window.request, window.studio.document.settings
    choose(window, "few")
    seen = [request.steps.value()]
    for move in (1, 1, -1, -1, -1, -1):
        request.steps.stepBy(move)
        seen.append(request.steps.value())
    assert seen == [4, 8, 8, 4, 2, 1, 1]
    choose(window, "dpm++")
    assert window.studio.document.settings.steps == 20
    assert settings.steps == 4  # of the tiny checkpoint, which recommends as many


def test_guidance_is_one_that_it_takes(window):
    window.request.guidance.setValue(7)
    choose(window, "few")
    assert window.request.guidance.value() == 3
    window.request.guidance.setValue(0.5)
    assert window.request.guidance.value() == 1


def test_an_image_is_made_in_one_step(window, finish):
    choose(window, "few")
    window.request.steps.setValue(1)
    window.studio.runs.generate()
    finish(window)
    runs = window.studio.runs
    assert (runs.request.sampler, runs.request.steps, runs.trajectory.taken) == ("few", 1, 1)
    assert runs.request.few_steps == window.studio.document.checkpoint.few_steps != ""


def test_drafts_take_few_steps_and_revise_the_image_of_another_sampler(window, finish, qtbot):
    studio, runs = window.studio, window.studio.runs
    studio.runs.generate()
    finish(window)
    assert runs.request.sampler == "dpm++"
    studio.live.set_on(True)
    stroke(studio)
    qtbot.waitUntil(lambda: runs.request.sampler == "few" and runs.state is RunState.FINISHED, timeout=20_000)
    assert runs.request.steps in FEW_STEPS.counts
    assert isinstance(runs.request.origin, Revision)
    assert not runs.branches.current.is_still_noise


def test_a_draft_of_one_step_is_shown(window, finish, qtbot):
    studio, runs = window.studio, window.studio.runs
    studio.document.change_settings(replace(studio.document.settings, sampler="few", steps=1))
    studio.live.set_on(True)
    qtbot.waitUntil(lambda: runs.request is not None and runs.state is RunState.FINISHED, timeout=20_000)
    assert runs.request.steps == 1
    assert not runs.branches.current.is_still_noise


def test_with_a_guidance_that_it_does_not_take_drafts_are_made_as_before(window, qtbot):
    studio, runs = window.studio, window.studio.runs
    studio.document.change_settings(replace(studio.document.settings, guidance=5.0))
    studio.live.set_on(True)
    qtbot.waitUntil(lambda: runs.request is not None and runs.state is RunState.FINISHED, timeout=20_000)
    assert runs.request.sampler == "dpm++"
