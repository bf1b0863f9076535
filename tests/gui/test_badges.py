"""Notes on a pane: none is cut off, none covers another, and they lie above a fitted image if they can."""

import pytest
from PySide6.QtWidgets import QWidget

from segpaint.gui.parts.badge import Badge

LONG = ("Patient data: 77.6 % of the pixels are the patient's own", "Patient data: 77.6 %", "Patient data")


@pytest.fixture
def pane(dressed, qtbot):
    pane = QWidget()
    qtbot.addWidget(pane)
    pane.resize(500, 400)
    pane.show()
    return pane


@pytest.fixture
def badges(pane):
    """Three, made in another order than they stand in."""
    made = [Badge(pane, place) for place in (2, 0, 1)]
    for badge, words in zip(
        made, (("W 120   L 90",), LONG, ("Made from an earlier mask", "Earlier mask")), strict=True
    ):
        badge.say(*words)
        badge.show()
    return sorted(made, key=lambda badge: badge.place)


@pytest.mark.parametrize("width", [500, 326, 160])
def test_no_badge_is_cut_off_nor_covers_another(pane, badges, width):
    pane.resize(width, 400)
    shown = [badge.geometry() for badge in badges]
    for number, place in enumerate(shown):
        assert pane.rect().contains(place)
        assert not any(place.intersects(other) for other in shown[number + 1 :])
    assert [(place.top(), place.left()) for place in shown] == sorted(
        (place.top(), place.left()) for place in shown
    )


def test_a_badge_says_as_much_as_there_is_room_for(pane, badges):
    patient = badges[0]
    pane.resize(500, 400)
    assert patient.text() == LONG[0]
    pane.resize(326, 400)
    assert patient.text() == LONG[1]
    pane.resize(500, 400)
    assert patient.text() == LONG[0]


def test_what_is_hidden_takes_no_room(pane, badges):
    first = badges[0].pos()
    badges[0].hide()
    assert badges[1].pos() == first
    badges[0].show()
    assert badges[0].pos() == first
    assert badges[1].pos() != first


def test_a_single_row_lies_above_a_fitted_image(window):
    window.resize(1024, 568)
    badge, pane = window.patient_badge, window.image
    badge.say(*LONG)
    badge.show()
    view = pane.viewpoint
    top = pane.height() / 2 - view.centre.y() * view.zoom
    assert badge.geometry().bottom() < top
    assert pane.rect().contains(badge.geometry())


@pytest.mark.parametrize("width", [700, 200, 160])
def test_what_a_dimmed_pane_says_lies_in_the_pane(panes, width):
    pane = panes.image
    pane.resize(width, 300)
    pane.veil("Leading the reference back to noise, 12 of 50")
    place = pane.veiled.geometry()
    assert pane.rect().contains(place)
    assert place.height() >= pane.veiled.heightForWidth(place.width())
    assert abs(place.center().x() - pane.rect().center().x()) <= 1
