"""File > Open recent."""

import shutil

import numpy as np
import pytest
from PySide6.QtGui import QIcon

from segpaint.gui.window.controller import Controller
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.document.recent import MOST, NAME, Kind, RecentFiles


def recent(window):
    return window.findChild(Controller).recent


def entries(window):
    menu = recent(window).menu
    menu.aboutToShow.emit()
    return [action for action in menu.actions() if "\t" in action.text()]


@pytest.fixture
def image_file(tiny_data):
    return next((tiny_data / "images" / "val").iterdir())


def test_masks_and_references_are_opened_again_as_they_were(open_window, mask_file, image_file, drawn_mask):
    first = open_window()
    assert not recent(first).menu.isEnabled()
    controller = first.findChild(Controller)
    controller.files.open_file(mask_file)
    controller.references.open_image(image_file)
    first.close()
    again = open_window()
    reference, mask = entries(again)
    assert reference.text() == f"&1 {image_file.name}\treference"
    assert mask.text() == f"&2 {mask_file.name}\tmask"
    again.commands["new"].trigger()
    mask.trigger()
    np.testing.assert_array_equal(again.session.document.mask.values, drawn_mask)
    next(action for action in entries(again) if "reference" in action.text()).trigger()
    assert again.session.document.reference.name == image_file.name


def test_pictures_are_in_the_labels_colours(window, mask_file, table):
    window.findChild(Controller).files.open_file(mask_file)
    (entry,) = entries(window)
    picture = entry.icon().pixmap(48, 48, QIcon.Mode.Normal).toImage()
    assert picture.pixelColor(22, 12).name() == table[1].color


def test_a_file_that_has_gone_is_grey(window, mask_file, tmp_path):
    path = tmp_path / "salt & pepper.png"
    shutil.copy(mask_file, path)
    window.findChild(Controller).files.open_file(path)
    (entry,) = entries(window)
    assert "salt && pepper" in entry.text()
    assert entry.toolTip() == str(path)
    assert entry.isEnabled()
    path.unlink()
    (entry,) = entries(window)
    assert not entry.isEnabled()


def test_what_was_refused_and_what_has_a_menu_of_its_own_is_not_listed(
    window, finish, qtbot, tmp_path, mask_file
):
    controller = window.findChild(Controller)
    controller.files.open_file(tmp_path / "nothing.png")
    window.commands["generate"].trigger()
    finish(window)
    model = window.history.model
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    controller.history.restore(model.path(model.index(0)))
    assert entries(window) == []
    controller.files.open_file(mask_file)
    assert len(entries(window)) == 1
    next(action for action in recent(window).menu.actions() if action.text() == "Clear").trigger()
    assert entries(window) == []
    assert not recent(window).menu.isEnabled()


def test_the_list_holds_each_file_once_newest_first(tmp_path):
    files = RecentFiles(Preferences(tmp_path / "preferences.ini"))
    for number in [*range(MOST + 3), 5]:
        files.add(tmp_path / f"{number}.png", Kind.MASK, "")
    names = [file.path.rpartition("/")[2] for file in files.files]
    assert names == ["5.png", *(f"{number}.png" for number in range(MOST + 2, 2, -1) if number != 5)]
    files.add(tmp_path / "5.png", Kind.REFERENCE, "")
    assert [file.kind for file in files.files][:2] == ["reference", "mask"]


@pytest.mark.parametrize("kept", [[1], [{"path": 1, "kind": "mask", "picture": ""}], [{"path": "a"}]])
def test_what_somebody_else_wrote_is_passed_over(tmp_path, kept):
    preferences = Preferences(tmp_path / "preferences.ini")
    preferences.set(NAME, kept)
    assert RecentFiles(preferences).files == ()
