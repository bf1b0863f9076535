"""Faithfulness on the spot: the segmenter's opinion beside each label, and on the image."""

import numpy as np
import pytest

from segpaint.core.requests.checkpoint import read_checkpoint


@pytest.fixture
def judged(open_window, judged_checkpoint, drawn_mask, qtbot):
    """A window whose model has a segmenter, with a mask."""
    window = open_window(judged_checkpoint)
    qtbot.waitUntil(lambda: window.session.is_ready, timeout=30_000)
    window.session.document.replace_mask(drawn_mask, "open")
    return window


@pytest.fixture
def expected(judged_checkpoint):
    """What the segmenter says of a window's image, found out without the window."""
    import torch

    from segpaint.core.diffusion.engine import Engine

    engine = Engine(read_checkpoint(judged_checkpoint), torch.device("cpu"))
    return lambda session: engine.judge(session.trajectory.result.noisy, session.request)


def scores(window):
    return {value: row.score.text() for value, row in window.labels.rows.items() if row.score.text()}


def test_a_finished_image_is_judged_label_by_label(judged, finish, expected, qtbot):
    judged.commands["generate"].trigger()
    assert scores(judged) == {}
    finish(judged)
    qtbot.waitUntil(lambda: bool(scores(judged)))
    judgement = expected(judged.session)
    assert scores(judged) == {value: f"{dice:.2f}" for value, dice in judgement.dice.items()}
    assert "0.90" in judged.labels.rows[1].score.toolTip()
    assert "too little to judge by" in judged.labels.rows[2].score.toolTip()
    assert "model's opinion" in judged.labels.rows[4].score.toolTip()
    judged.session.scrub(1)
    assert scores(judged) == {}  # an estimate on the way is not what was judged
    judged.session.look_at_newest()
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
    assert expected(judged.session).disagrees.any()
    area = judged.findings.disagreement.path().boundingRect()
    rows, columns = np.nonzero(expected(judged.session).disagrees)
    assert (area.left(), area.top()) == (columns.min(), rows.min())
    assert (area.right(), area.bottom()) == (columns.max() + 1, rows.max() + 1)
    judged.commands["findings"].trigger()
    assert judged.findings.disagreement.path().isEmpty()


def test_drafts_are_judged_only_if_asked_for(judged, finish, qtbot):
    judged.commands["live"].trigger()
    finish(judged)
    qtbot.wait(200)
    assert scores(judged) == {}
    judged.commands["judge_drafts"].trigger()
    qtbot.waitUntil(lambda: bool(scores(judged)))


def test_off_nothing_is_judged_and_on_again_the_image_shown_is(judged, finish, qtbot):
    judged.commands["judge"].trigger()
    judged.commands["generate"].trigger()
    finish(judged)
    qtbot.wait(200)
    assert scores(judged) == {}
    judged.commands["judge"].trigger()
    qtbot.waitUntil(lambda: bool(scores(judged)))


def test_a_model_without_a_segmenter_says_nothing(window, finish, qtbot):
    window.commands["generate"].trigger()
    finish(window)
    qtbot.wait(200)
    assert scores(window) == {}
    assert window.messages.isHidden()


def test_why_nothing_is_outlined_is_said(judged, hand, finish, qtbot):
    def said():
        judged.commands["findings"].setChecked(False)
        judged.commands["findings"].trigger()
        return judged.statusBar().currentMessage()

    assert "finished images" in said()
    judged.commands["live"].trigger()
    hand(judged, (10, 10), (20, 20))
    qtbot.waitUntil(lambda: judged.session.branches.current is not None)
    finish(judged)
    assert "drafts are not judged" in said()
    judged.commands["judge_drafts"].trigger()
    assert said() == ""
    judged.commands["judge"].trigger()
    assert "Judge each image is off" in said()


def test_a_model_without_a_segmenter_says_so(window):
    window.commands["findings"].trigger()
    assert "no segmenter" in window.statusBar().currentMessage()
