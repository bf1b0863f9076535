"""The guide in its window: searched while one types."""

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtTest import QTest

from segpaint.gui.window.guide_window import GuideWindow


@pytest.fixture
def guide(window, qtbot):
    window.commands["guide"].trigger()
    guide = window.findChild(GuideWindow)
    qtbot.waitUntil(guide.isVisible)
    return guide


def listed(guide):
    return [guide.list.item(row).text() for row in range(guide.list.count())]


def test_it_opens_on_the_first_page_with_all_pages_listed(guide):
    assert listed(guide)[0] == "SegPaint guide"
    assert len(listed(guide)) > 10
    assert "turns a painted anatomical mask" in guide.browser.toPlainText()


def test_the_best_page_is_shown_while_one_types(guide):
    for letter in "thicken":
        QTest.keyClicks(guide.search, letter)
    assert guide.search.text() == "thicken"
    assert listed(guide)[0] == "Change anatomy"
    assert guide.list.currentRow() == 0
    assert guide.browser.toPlainText().startswith("Change anatomy")
    assert guide.browser.textCursor().selectedText().casefold() == "thicken"


def test_a_heading_counts_more_than_many_words(guide):
    guide.search.setText("save")
    assert listed(guide)[0] == "SegPaint guide"


def test_words_that_no_page_has_leave_the_page(guide):
    guide.search.setText("zebra")
    assert listed(guide) == ["No page has these words"]
    assert guide.browser.toPlainText().startswith("SegPaint guide")
    guide.search.clear()
    assert len(listed(guide)) > 10


def test_back_returns_to_the_page_before_a_link(guide):
    guide.browser.anchorClicked.emit(QUrl("paint.md"))
    assert guide.browser.toPlainText().startswith("Paint")
    guide.back.click()
    assert guide.browser.toPlainText().startswith("SegPaint guide")
