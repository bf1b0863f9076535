"""Faithfulness on the spot: the segmenter's opinion beside each label, and on the image."""

import numpy as np
import pytest

from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.looking.view_commands import outline_findings


@pytest.fixture
def judged(open_window, judged_checkpoint, drawn_mask, qtbot):
    """A window whose model has a segmenter, with a mask."""
    window = open_window(judged_checkpoint)
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    window.studio.document.strokes.replace(drawn_mask, "open")
    return window


@pytest.fixture
def judged_studio(open_studio, judged_checkpoint, drawn_mask, qtbot):
    """The same without a window."""
    studio = open_studio(judged_checkpoint)
    studio.document.strokes.replace(drawn_mask, "open")
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    return studio


@pytest.fixture
def finished(qtbot):
    """Wait for a run of a studio to end well."""
    return lambda studio: qtbot.waitUntil(lambda: studio.runs.state is RunState.FINISHED, timeout=30_000)


@pytest.fixture
def expected(judged_checkpoint):
    """What the segmenter says of a window's image, found out without the window."""
    import torch

    from segpaint.core.diffusion.engine import Engine

    engine = Engine(read_checkpoint(judged_checkpoint), torch.device("cpu"))
    return lambda session: engine.judge(session.trajectory.result.noisy, session.request)


def scores(window):
    return {value: row.score.text() for value, row in window.labels.rows.items() if row.score.text()}


def test_scores_are_marked_while_the_mask_is_another_one(judged, finish, hand, qtbot):
    judged.commands["generate"].trigger()
    finish(judged)
    qtbot.waitUntil(lambda: bool(scores(judged)))
    before = scores(judged)
    hand(judged, (10, 10), (20, 20))
    earlier = {value: f"({score})" for value, score in before.items()}
    qtbot.waitUntil(lambda: scores(judged) == earlier)
    assert "has changed since" in judged.labels.rows[1].score.toolTip()
    judged.commands["undo"].trigger()
    qtbot.waitUntil(lambda: scores(judged) == before)


def test_a_finished_image_is_judged_label_by_label(judged, finish, expected, qtbot):
    judged.commands["generate"].trigger()
    assert scores(judged) == {}
    finish(judged)
    qtbot.waitUntil(lambda: bool(scores(judged)))
    judgement = expected(judged.studio.runs)
    assert scores(judged) == {value: f"{dice:.2f}" for value, dice in judgement.dice.items()}
    assert "0.90" in judged.labels.rows[1].score.toolTip()
    assert "too little to judge by" in judged.labels.rows[2].score.toolTip()
    assert "model's opinion" in judged.labels.rows[4].score.toolTip()
    judged.studio.runs.scrub(1)
    assert scores(judged) == {}  # an estimate on the way is not what was judged
    judged.studio.runs.look_at_newest()
    assert scores(judged)


def test_an_ablated_label_has_no_score(judged, finish, qtbot):
    judged.labels.rows[1].switches["used"].click()
    judged.commands["generate"].trigger()
    finish(judged)
    qtbot.waitUntil(lambda: bool(scores(judged)))
    assert 1 not in scores(judged)


def test_what_was_found_is_outlined_when_asked_for(judged, finish, expected, qtbot):
    judged.commands["generate"].trigger()
    finish(judged)
    qtbot.waitUntil(lambda: bool(scores(judged)))
    assert judged.findings.disagreement.path().isEmpty()
    judged.commands["findings"].trigger()
    assert expected(judged.studio.runs).disagrees.any()
    area = judged.findings.disagreement.path().boundingRect()
    rows, columns = np.nonzero(expected(judged.studio.runs).disagrees)
    assert (area.left(), area.top()) == (columns.min(), rows.min())
    assert (area.right(), area.bottom()) == (columns.max() + 1, rows.max() + 1)
    judged.commands["findings"].trigger()
    assert judged.findings.disagreement.path().isEmpty()


def test_drafts_are_judged_only_if_asked_for(judged_studio, finished, qtbot):
    judging = judged_studio.judging
    judged_studio.live.set_on(True)
    finished(judged_studio)
    qtbot.wait(200)
    assert judging.judgement is None
    judging.set_judges_drafts(True)
    qtbot.waitUntil(lambda: judging.judgement is not None)


def test_off_nothing_is_judged_and_on_again_the_image_shown_is(judged_studio, finished, qtbot):
    judging = judged_studio.judging
    judging.set_on(False)
    judged_studio.runs.generate()
    finished(judged_studio)
    qtbot.wait(200)
    assert judging.judgement is None
    judging.set_on(True)
    qtbot.waitUntil(lambda: judging.judgement is not None)


def test_a_model_without_a_segmenter_says_nothing(window, finish, qtbot):
    window.commands["generate"].trigger()
    finish(window)
    qtbot.wait(200)
    assert scores(window) == {}
    assert window.messages.isHidden()


def test_why_nothing_is_outlined_is_said(judged_studio, shell, drawn_mask, finished, qtbot):
    studio = judged_studio

    def said():
        outline_findings(studio, shell, True)
        return shell.said[-1]

    assert "finished images" in said()
    studio.live.set_on(True)
    studio.document.strokes.replace(np.flipud(drawn_mask), "flip")
    finished(studio)
    assert "drafts are not judged" in said()
    studio.judging.set_judges_drafts(True)
    assert said() == ""
    studio.judging.set_on(False)
    assert "Judge each image is off" in said()


def test_a_model_without_a_segmenter_says_so(studio, shell):
    outline_findings(studio, shell, True)
    assert "no segmenter" in shell.said[-1]
