"""The two themes: readable, changed in place, chosen or the system's."""

import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu, QToolButton, QToolTip, QVBoxLayout, QWidget

import segpaint.gui
from segpaint.gui.making.explore_commands import show_seeds
from segpaint.gui.models.card_dialog import CardDialog
from segpaint.gui.style import theme_colors
from segpaint.gui.style.theme import Choice, apply_theme, colors, icon, set_tone, theme
from segpaint.gui.style.theme_colors import DARK, LIGHT
from segpaint.gui.window.about_box import AboutBox
from segpaint.gui.window.main_window import MainWindow

GUI = Path(segpaint.gui.__file__).parent
READ_ON = {
    "surround_text": ["surround"],
    "text": ["window", "base", "raised", "hovered", "pressed", "selected", "story"],
    "faint": ["window", "base", "raised", "selected", "story"],
    "accent": ["window", "base"],
    "primary_text": ["primary", "primary_hovered"],
    "warning": ["warning_surface", "window", "base"],
    "story_text": ["story"],
    "tip_text": ["tip"],
}
"""Every colour of words, and what they are read on."""
PAIRS = [(ink, paper) for ink, papers in READ_ON.items() for paper in papers]
NOT_READ = {"disabled", "line", "primary_line", "handle", "handle_hovered"}
BOTH = pytest.mark.parametrize("table", [DARK, LIGHT], ids=["dark", "light"])


@pytest.fixture
def squeezed(qtbot):
    """A part with a button that may become smaller than the button."""
    apply_theme(QApplication.instance())
    part = QWidget()
    qtbot.addWidget(part)
    layout = QVBoxLayout(part)
    layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(QToolButton(icon=icon(MDI7.brush), iconSize=QSize(18, 18)))
    part.show()
    return part


def luminance(color):
    """Of a "#rrggbb", relative, as WCAG 2.2 has it."""
    shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def picture(widget):
    return widget.grab().toImage()


def brightness(widget):
    """Mean grey level, 0 to 255."""
    return (
        picture(widget).scaled(1, 1, mode=Qt.TransformationMode.SmoothTransformation).pixelColor(0, 0).value()
    )


def holds(image, color):
    wanted = QColor(color).rgb()
    return any(image.pixel(x, y) == wanted for y in range(image.height()) for x in range(image.width()))


@pytest.fixture
def system(dressed):
    """Changes what the system says; undone when the test ends."""
    say = QGuiApplication.styleHints().colorSchemeChanged.emit
    yield say
    theme().choose(Choice.SYSTEM)
    say(Qt.ColorScheme.Unknown)


@pytest.fixture
def end(dressed):
    """Close a window for good."""

    def end_(window):
        window.close()
        window.deleteLater()
        dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    return end_


# ---- the tables


@BOTH
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_all_words_have_the_contrast_that_wcag_aa_asks_for(table, ink, paper):
    assert contrast(getattr(table, ink), getattr(table, paper)) >= 4.5


def test_words_over_images_have_it_too():
    note = "#" + theme_colors.NOTE[-6:]
    for ink, paper in (
        (theme_colors.NOTE_TEXT, note),
        (theme_colors.NOTE_FAINT, note),
        (theme_colors.PICTURE_TEXT, theme_colors.PICTURE),
    ):
        assert contrast(ink, paper) >= 4.5


def test_every_colour_is_either_read_or_read_on_or_known_to_be_neither():
    read_on = {paper for papers in READ_ON.values() for paper in papers}
    assert {field.name for field in fields(DARK)} == {*READ_ON, *read_on, *NOT_READ}


@BOTH
def test_what_surrounds_an_image_is_dark_and_without_colour(table):
    color = QColor(table.surround)
    assert color.saturation() < 40
    assert color.value() < 80


def test_colours_are_written_in_the_tables_alone():
    color = re.compile(r"#[0-9a-fA-F]{6}\b|QColor\([\d\"']|GlobalColor|setStyleSheet")
    written = {
        path.relative_to(GUI).as_posix()
        for path in GUI.rglob("*.py")
        if color.search(path.read_text(encoding="utf-8"))
    }
    assert written <= {"style/theme_colors.py", "style/theme.py"}


def test_a_button_keeps_room_for_its_icon_where_there_is_none(squeezed, qtlog):
    button = squeezed.findChild(QToolButton)
    squeezed.resize(1, 1)
    squeezed.grab()
    assert min(button.width(), button.height()) > 16
    assert qtlog.records == []


# ---- changing in place


def test_every_part_of_an_open_window_follows_and_comes_back_as_it_was(window, hand, finish, settings, qtbot):
    settings(steps=3)
    hand(window, (10, 10), (20, 10))
    window.commands["generate"].trigger()
    finish(window)
    window.commands["history"].setChecked(True)
    window.messages.tell("Something to be told.")
    qtbot.waitUntil(lambda: window.labels.rows[4].hints != ())  # which come when painting pauses
    parts = {
        "menus": window.menuBar(),
        "status": window.statusBar(),
        "timeline": window.transport.timeline,
        "transport": window.transport,
        "history": window.history,
        "labels": window.labels,
        "request": window.request,
        "message": window.messages,
        "canvas": window.canvas,
        "image": window.image,
        "badge": window.badge,
        "preview": window.preview,
    }
    window.preview.show()
    window.badge.show()
    theme().choose(Choice.DARK)
    qtbot.wait(50)
    dark = {name: (brightness(part), picture(part)) for name, part in parts.items()}
    theme().choose(Choice.LIGHT)
    qtbot.wait(50)
    for name, part in parts.items():
        assert brightness(part) > dark[name][0] + 4, name
    theme().choose(Choice.DARK)
    qtbot.wait(50)
    for name, part in parts.items():
        assert picture(part) == dark[name][1], name


@pytest.mark.parametrize("key", ["keys", "card", "about", "animate", "paired_set", "ablation_grid"])
def test_an_open_dialog_follows(window, key, finish, settings, qtbot):
    settings(steps=2)
    window.commands["generate"].trigger()
    finish(window)
    window.commands[key].trigger()
    (dialog,) = (dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())
    if key == "paired_set":  # draws its masks beside the window's thread
        qtbot.waitUntil(lambda: not dialog.form.masks.thumbnails[0].pixmap().isNull())
    theme().choose(Choice.DARK)
    qtbot.wait(50)
    dark, before = brightness(dialog), picture(dialog)
    theme().choose(Choice.LIGHT)
    assert brightness(dialog) > dark + 100
    theme().choose(Choice.DARK)
    qtbot.wait(50)
    assert picture(dialog) == before
    dialog.close()


def test_a_series_follows_while_its_images_are_made(window, qtbot, settings):
    settings(steps=2)
    dialog = show_seeds(window.studio, window.shell, 2)
    theme().choose(Choice.DARK)
    dark = brightness(dialog)
    theme().choose(Choice.LIGHT)
    assert brightness(dialog) > dark + 60
    dialog.close()


def test_links_are_read_in_the_colour_of_the_theme(open_window, tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "carded")
    (folder / "README.md").write_text("# A card\n\n[a link](https://x.org)\n")
    window = open_window(folder)
    window.commands["about"].trigger()
    window.commands["card"].trigger()
    about, card = window.findChild(AboutBox), window.findChild(CardDialog)
    for choice, now, other in ((Choice.LIGHT, LIGHT, DARK), (Choice.DARK, DARK, LIGHT)):
        theme().choose(choice)
        for shown in (picture(about.findChild(QLabel, "qt_msgbox_informativelabel")), picture(card)):
            assert holds(shown, now.accent)
            assert not holds(shown, other.accent)
    about.close()
    card.close()


def test_an_icon_made_before_changes_too(dressed):
    theme().choose(Choice.DARK)
    lock = icon(MDI7.lock_open, "faint", checked_key=MDI7.lock, checked="warning")
    for choice, table in ((Choice.LIGHT, LIGHT), (Choice.DARK, DARK)):
        theme().choose(choice)
        for state, color in ((lock.State.Off, table.faint), (lock.State.On, table.warning)):
            assert holds(lock.pixmap(QSize(48, 48), lock.Mode.Normal, state).toImage(), color)
    theme().choose(Choice.SYSTEM)


def test_menus_and_tool_tips_follow(window):
    menu = next(menu for menu in window.findChildren(QMenu) if menu.title() == "&View")
    theme().choose(Choice.DARK)
    dark = brightness(menu)
    theme().choose(Choice.LIGHT)
    assert brightness(menu) > dark + 100
    QToolTip.showText(QPoint(5, 5), "A hint", window)
    tip = next(one for one in QApplication.topLevelWidgets() if one.metaObject().className() == "QTipLabel")
    assert holds(picture(tip), LIGHT.tip)
    QToolTip.hideText()
    tip.deleteLater()


def test_a_tone_is_taken_on_and_off(dressed, qtbot):
    label = QLabel("words")
    qtbot.addWidget(label)
    label.show()
    plain = picture(label)
    set_tone(label, "warning")
    assert picture(label) != plain
    set_tone(label, "")
    assert picture(label) == plain


# ---- the system's, or chosen


def test_the_system_is_followed_at_once(window, system, qtbot):
    dark, before = brightness(window.labels), picture(window.labels)
    system(Qt.ColorScheme.Light)
    assert colors() is LIGHT
    assert brightness(window.labels) > dark + 100
    system(Qt.ColorScheme.Unknown)
    assert colors() is DARK
    # A style that changes has everything laid out anew, which is done on the event loop's next turn.
    qtbot.waitUntil(lambda: picture(window.labels) == before)


def test_what_was_chosen_stays_whatever_the_system_does(window, system):
    window.commands["theme_light"].trigger()
    system(Qt.ColorScheme.Dark)
    assert colors() is LIGHT
    window.commands["theme_dark"].trigger()
    system(Qt.ColorScheme.Light)
    assert colors() is DARK


def test_the_choice_is_found_again_in_the_next_window(open_window, end):
    first = open_window()
    assert first.commands["theme_system"].isChecked()
    first.commands["theme_light"].trigger()
    end(first)
    theme().choose(Choice.SYSTEM)  # as the next process begins
    second = open_window()
    assert colors() is LIGHT
    assert second.commands["theme_light"].isChecked()
    assert not second.commands["theme_system"].isChecked()


def test_a_choice_that_makes_no_sense_is_the_systems(open_window, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "preferences.ini").write_text('[window]\ntheme="\\"blue\\""\n')
    assert open_window().commands["theme_system"].isChecked()


def test_windows_share_the_choice_and_each_keeps_it(open_window, tmp_path):
    first = open_window()
    first.commands["theme_light"].trigger()
    other = open_window(work=tmp_path / "elsewhere")
    assert colors() is LIGHT
    assert other.commands["theme_light"].isChecked()
    other.commands["theme_dark"].trigger()
    assert first.commands["theme_dark"].isChecked()
    assert first.studio.preferences.chosen.window.theme == "dark"


def test_a_closed_window_listens_no_longer(open_window, end):
    before = theme().receivers("2changed()"), theme().receivers("2choice_changed(PyObject)")
    window = open_window()
    assert theme().receivers("2changed()") > before[0]
    end(window)
    assert (theme().receivers("2changed()"), theme().receivers("2choice_changed(PyObject)")) == before
    assert not [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)]
