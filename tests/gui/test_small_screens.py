"""The first window fits the screen that there is, and everything in it can be reached."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QToolButton

from segpaint.core.requests.kinds import about
from segpaint.core.runs.series import Entry
from segpaint.gui.commands.key_editor import KeyEditor
from segpaint.gui.files.offers_dialog import OffersDialog
from segpaint.gui.files.references import open_image
from segpaint.gui.looking.measures_window import MeasuresWindow
from segpaint.gui.making.deck_window import DeckWindow
from segpaint.gui.making.figure_commands import panels_of
from segpaint.gui.making.figure_dialog import FigureDialog
from segpaint.gui.making.match_dialog import MatchDialog
from segpaint.gui.making.paired_dialog import PairedDialog
from segpaint.gui.making.series_dialog import SeriesDialog
from segpaint.gui.making.starred_dialog import StarredDialog
from segpaint.gui.making.sweep_dialog import SweepDialog
from segpaint.gui.models.card_dialog import CardDialog
from segpaint.gui.parts.fitting_label import FittingLabel
from segpaint.gui.parts.pane_heading import PaneHeading
from segpaint.gui.parts.screens import FRAME
from segpaint.gui.stage.scenes_window import ScenesWindow
from segpaint.gui.style.theme import SPACE
from segpaint.gui.window.guide_window import GuideWindow
from segpaint.gui.window.main_window import USUAL
from segpaint.paired.matched import MatchedPair, Side
from segpaint.studio.document.settings import Purpose

SCREENS = [QSize(800, 600), QSize(1024, 600), QSize(1366, 768), QSize(1920, 1080)]


def card_of(studio, window):
    return CardDialog(studio.document.checkpoint, window)


def guide_of(_studio, window):
    return GuideWindow(window)


def keys_of(_studio, window):
    return KeyEditor(window.keys.keymap, window)


def match_of(studio, window):
    request = studio.document.draft("float32")
    side = Side(request.mask, request.mask, request.used, about(request, request.mask), request)
    panels = tuple(panels_of(studio))
    return MatchDialog(studio, MatchedPair(side, side, studio.document.table), panels, window)


def offers_of(studio, window):
    return OffersDialog("a folder", (), studio.background, window)


def scenes_of(studio, window):
    return ScenesWindow(studio, window.shell, window)


def series_of(studio, window):
    entries = [Entry(f"seed {seed}", studio.document.draft("float32")) for seed in range(20)]
    return SeriesDialog(studio, "Variation", entries, columns=5, sums_up=True, parent=window)


def figure_of(studio, window):
    return FigureDialog(studio, panels_of(studio), (), 1.0, window)


LARGE = (
    DeckWindow, PairedDialog, MeasuresWindow, StarredDialog, SweepDialog, card_of, figure_of, guide_of, keys_of,
    match_of, offers_of, scenes_of, series_of,
)  # fmt: skip


@pytest.fixture(params=SCREENS, ids=lambda size: f"{size.width()}x{size.height()}")
def screen(request, monkeypatch):
    size = request.param
    there = SimpleNamespace(availableSize=lambda: size, availableGeometry=lambda: QRect(QPoint(), size))
    monkeypatch.setattr(QGuiApplication, "screenAt", lambda _point: there)
    return size


def test_the_first_window_lies_within_the_screen(screen, open_window):
    window = open_window(size=None)
    wanted = USUAL.boundedTo(screen - FRAME)
    assert window.size() == wanted
    assert window.minimumSizeHint().boundedTo(wanted) == window.minimumSizeHint()


def test_generate_and_all_fields_can_be_reached(screen, open_window):
    window = open_window(size=None)
    generate = window.transport.generate
    corner = generate.mapTo(window, QPoint(generate.width(), generate.height()))
    assert corner.x() <= window.width()
    assert corner.y() <= window.height()
    for field in (window.request.steps, window.request.guidance, window.request.seed):
        around = field.parentWidget()
        while around is not window and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        place = field.mapTo(around, QPoint(field.width(), 0))
        assert place.x() <= around.width()  # what lies below is scrolled to


@pytest.fixture
def narrow(screen, open_window, tiny_data, settings_of, qtbot):
    """A window with a reference, on each of the screens."""
    window = open_window(size=None)
    open_image(window.studio, window.shell, tiny_data / "images" / "val" / "val_0.png")
    settings_of(window, steps=2, edit_steps=4)
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    return window


@pytest.fixture
def settings_of():
    def change(window, **changes):
        document = window.studio.document
        document.change_settings(replace(document.settings, **changes))

    return change


@pytest.mark.parametrize("layout", ["compare_off", "side_by_side"])
def test_the_kind_of_image_is_never_cut_off(narrow, settings_of, qtbot, finish, layout):
    window, title, runs = narrow, narrow.image_title, narrow.studio.runs
    window.commands[layout].trigger()
    seen = set()
    for changes in (
        {"purpose": Purpose.NEW},
        {"purpose": Purpose.NEAR, "share": 0.5},
        {"purpose": Purpose.NEAR, "share": 1.0, "level": 0.0},
        {"purpose": Purpose.EDIT},
    ):
        settings_of(window, **changes)
        runs.generate()
        for is_pinned in (False, True):
            qtbot.wait(20)
            assert QLabel.text(title) == title.text()
            assert title.visibleRegion().boundingRect() == title.rect()
            assert title.width() >= title.fontMetrics().horizontalAdvance(title.text())
            seen.add(title.sentence)
            finish(window)
            if window.studio.view.comparison.is_pinned is not is_pinned:
                window.commands["pin"].trigger()
    assert {"Synthetic image", "Near a patient's image"} <= seen
    assert len(seen) > 2


@pytest.fixture
def heading(dressed, qtbot):
    """A heading by itself: a title in two wordings, a line that comes after it, a pin, and two buttons."""
    title, line = FittingLabel(), FittingLabel()
    title.say("Near a patient's image", "Near a patient")
    line.say("Finished")
    pin, *others = [QToolButton(text=text) for text in ("pin", "one", "two")]
    heading = PaneHeading([title, line, pin, *others], [*others, pin, line], title)
    qtbot.addWidget(heading)
    heading.show()
    return SimpleNamespace(bar=heading, title=title, line=line, pin=pin, others=others)


def test_secondary_parts_go_before_the_title_is_shortened(heading):
    gone, least = [], heading.title.minimumSizeHint().width() + 2 * SPACE
    for width in range(500, least, -2):
        heading.bar.resize(width, 40)
        QApplication.sendPostedEvents()
        assert QLabel.text(heading.title) == heading.title.text()
        for part in (*heading.others, heading.pin, heading.line):
            if part.isHidden() and part not in gone:
                gone.append(part)
        if heading.title.text() != heading.title.sentence and heading.title not in gone:
            gone.append(heading.title)
    assert gone == [*heading.others, heading.pin, heading.title, heading.line]


def test_what_is_not_wanted_takes_no_room(heading):
    heading.bar.resize(500, 40)
    heading.bar.want(heading.pin, False)
    assert heading.pin.isHidden()
    heading.bar.resize(90, 40)
    heading.bar.want(heading.pin, True)
    assert heading.pin.isHidden()
    heading.bar.resize(500, 40)
    assert heading.pin.isVisible()


@pytest.mark.parametrize("tool", ["brush", "threshold"])
def test_no_icon_is_squeezed_in_three_panes(narrow, qtbot, tool):
    narrow.commands["side_by_side"].trigger()
    narrow.commands[tool].trigger()
    qtbot.wait(20)
    spare = QSize(3, 3)  # what the style adds around an icon
    for button in narrow.findChildren(QToolButton):
        if button.isVisible():
            needed = button.sizeHint() - spare
            assert button.size().expandedTo(needed) == button.size(), button.toolTip()


def test_every_large_dialog_fits_on_the_screen(screen, open_window):
    window = open_window(size=None)
    for build in LARGE:
        dialog = build(window.studio, window)
        dialog.show()
        assert dialog.size().boundedTo(screen - FRAME) == dialog.size(), build.__name__
        assert dialog.minimumSizeHint().boundedTo(screen - FRAME) == dialog.minimumSizeHint(), build.__name__
        dialog.close()


def test_captions_of_a_figure_can_be_read_on_the_smallest_screen(open_window, monkeypatch):
    size = QSize(400, 400)
    there = SimpleNamespace(availableSize=lambda: size, availableGeometry=lambda: QRect(QPoint(), size))
    monkeypatch.setattr(QGuiApplication, "screenAt", lambda _point: there)
    window = open_window(size=None)
    dialog = figure_of(window.studio, window)
    dialog.show()
    assert dialog.size().boundedTo(size - FRAME) == dialog.size()
    assert dialog.minimumSizeHint().boundedTo(size - FRAME) == dialog.minimumSizeHint()
    for caption in dialog.captions:
        assert caption.width() > caption.fontMetrics().horizontalAdvance("Reference") + 2 * SPACE
        assert caption.visibleRegion().boundingRect().width() == caption.width()
    dialog.close()
