"""The window shows at a glance what became of an edit."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from segpaint.core.requests.verdict import Outcome, Verdict
from segpaint.gui.files.references import open_image
from segpaint.studio.document.settings import Purpose


@pytest.fixture
def window(open_window, judged_checkpoint, tiny_data, qtbot):
    window = open_window(judged_checkpoint)
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    open_image(window.studio, window.shell, tiny_data / "images" / "val" / "val_0.png")
    document = window.studio.document
    document.change_settings(replace(document.settings, purpose=Purpose.EDIT, edit_steps=4, margin=2.0))
    return window


def edit_and_generate(window, finish, qtbot):
    mask = window.studio.document.mask.values.copy()
    mask[mask == 2] = 1  # the heart goes
    window.studio.document.strokes.replace(mask, "Edit")
    window.studio.runs.generate()
    finish(window)
    qtbot.waitUntil(lambda: window.studio.judging.judgement is not None, timeout=30_000)


def test_an_edited_image_gets_a_verdict_with_reasons(window, finish, qtbot):
    edit_and_generate(window, finish, qtbot)
    verdict, badge = window.studio.judging.judgement.verdict, window.verdict_badge
    assert verdict.outcome in Outcome
    assert "heart" in verdict.sentence
    assert not badge.isHidden()
    assert badge.text()
    assert verdict.sentence in window.image_title.toolTip()


def test_a_made_image_gets_none(window, finish, qtbot):
    edit_and_generate(window, finish, qtbot)
    document = window.studio.document
    document.change_settings(replace(document.settings, purpose=Purpose.NEW, steps=3))
    window.studio.runs.generate()
    finish(window)
    qtbot.waitUntil(lambda: window.studio.judging.judgement is not None, timeout=30_000)
    assert window.studio.judging.judgement.verdict is None
    assert window.verdict_badge.isHidden()


@pytest.mark.parametrize("outcome", Outcome)
def test_what_is_in_doubt_stands_out_with_its_first_reason(window, finish, qtbot, outcome):
    edit_and_generate(window, finish, qtbot)
    branch, badge = window.studio.runs.branches.current, window.verdict_badge
    branch.judgement = replace(branch.judgement, verdict=Verdict(outcome, ("Why.", "And.")))
    window.resize(1600, 900)
    window.studio.judging.changed.emit(branch.judgement)
    is_fine = outcome is Outcome.FOLLOWED
    assert badge.property("tone") == ("calm" if is_fine else "")
    assert ("Why." in badge.text()) is not is_fine
    np.testing.assert_array_less(badge.geometry().right(), window.image.width())


def judge_again(window, **changes):
    branch = window.studio.runs.branches.current
    branch.judgement = replace(branch.judgement, verdict=Verdict(**changes))
    window.studio.judging.changed.emit(branch.judgement)


def test_a_click_on_the_verdict_shows_where(window, finish, qtbot):
    edit_and_generate(window, finish, qtbot)
    where = np.zeros((32, 32), bool)
    where[4:9, 10:14] = True
    judge_again(window, outcome=Outcome.IGNORED, reasons=("Why.",), missed=where)
    badge, mark = window.verdict_badge, window.verdict_badge.missed
    assert not mark.isVisible()
    assert badge.legend.isHidden()
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    assert mark.isVisible()
    assert mark.path().boundingRect().getRect() == (10, 4, 4, 5)
    judge_again(window, outcome=Outcome.FOLLOWED, reasons=("Fine.",))
    assert not mark.isVisible()
    judge_again(window, outcome=Outcome.IGNORED, reasons=("Why.",), missed=where)
    assert mark.isVisible()
    window.commands["doubt"].trigger()
    assert not mark.isVisible()
    assert badge.legend.isHidden()


def test_a_click_on_any_verdict_outlines_or_shows_that_nothing_speaks_against_it(window, finish, qtbot):
    edit_and_generate(window, finish, qtbot)
    where = np.zeros((32, 32), bool)
    where[4:9, 10:14] = True
    badge = window.verdict_badge
    judge_again(window, outcome=Outcome.FOLLOWED, reasons=("61 % is found.",), missed=where)
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    assert badge.missed.isVisible()
    assert badge.legend.text() == "Dashed: edited, and not as asked for"
    judge_again(window, outcome=Outcome.FOLLOWED, reasons=("All is found.",))
    assert not badge.missed.isVisible()
    assert not badge.legend.isHidden()
    assert badge.legend.text() == "Nothing speaks against the edit"
    judge_again(window, outcome=Outcome.UNKNOWN, reasons=("Too thin.",))
    assert badge.legend.text() == "Nothing to outline"
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    assert badge.legend.isHidden()


def test_what_is_damaged_is_told_apart_from_what_was_edited(window, finish, qtbot):
    edit_and_generate(window, finish, qtbot)
    missed, damaged = np.zeros((2, 32, 32), bool)
    missed[4:9, 10:14] = damaged[20:24, 6:9] = True
    window.commands["doubt"].trigger()
    judge_again(window, outcome=Outcome.DAMAGED, reasons=("Why.",), missed=missed, damaged=damaged)
    badge = window.verdict_badge
    pens = [item.pen() for item in (badge.damaged, badge.missed)]
    assert badge.damaged.path().boundingRect().getRect() == (6, 20, 3, 4)
    assert badge.missed.path().boundingRect().getRect() == (10, 4, 4, 5)
    assert [pen.style() for pen in pens] == [Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine]
    assert pens[0].color() != pens[1].color()
    assert badge.legend.text() == "Solid: damaged; dashed: edited, and not as asked for"
    judge_again(window, outcome=Outcome.DAMAGED, reasons=("Why.",), damaged=damaged)
    assert badge.legend.text() == "Solid: damaged"
    assert not badge.missed.isVisible()
