"""File > Open recent."""

import shutil

import numpy as np
import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QWidget

from segpaint.gui.commands.actions import Actions
from segpaint.gui.commands.menus import build_menu
from segpaint.gui.files.file_commands import new_mask
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.references import open_image
from segpaint.gui.history.results import restore
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.document.recent import MOST, NAME, Kind, RecentFiles


class FileMenu:
    """The File menu of a studio without a window."""

    def __init__(self, studio, shell):
        self._owner = QWidget()
        self._file = QMenu(self._owner)
        build_menu(self._file, "File", Actions(studio, shell, self._owner).actions, studio, shell)
        self.recent = next(menu for menu in self._file.findChildren(QMenu) if menu.title() == "Open recent")

    def entries(self):
        self._file.aboutToShow.emit()
        return [action for action in self.recent.actions() if "\t" in action.text()]


@pytest.fixture
def image_file(tiny_data):
    return next((tiny_data / "images" / "val").iterdir())


def test_masks_and_references_are_opened_again_as_they_were(
    open_studio, shell, mask_file, image_file, drawn_mask
):
    first = open_studio()
    assert not FileMenu(first, shell).recent.isEnabled()
    open_file(first, shell, mask_file)
    open_image(first, shell, image_file)
    again = open_studio()
    menu = FileMenu(again, shell)
    reference, mask = menu.entries()
    assert menu.recent.isEnabled()
    assert reference.text() == f"&1 {image_file.name}\treference"
    assert mask.text() == f"&2 {mask_file.name}\tmask"
    new_mask(again, shell)
    mask.trigger()
    np.testing.assert_array_equal(again.document.mask.values, drawn_mask)
    next(action for action in menu.entries() if "reference" in action.text()).trigger()
    assert again.document.reference.name == image_file.name


def test_pictures_are_in_the_labels_colours(studio, shell, mask_file, table):
    open_file(studio, shell, mask_file)
    menu = FileMenu(studio, shell)
    (entry,) = menu.entries()
    picture = entry.icon().pixmap(48, 48, QIcon.Mode.Normal).toImage()
    assert picture.pixelColor(22, 12).name() == table[1].color


def test_a_file_that_has_gone_is_grey(studio, shell, mask_file, tmp_path):
    path = tmp_path / "salt & pepper.png"
    shutil.copy(mask_file, path)
    open_file(studio, shell, path)
    menu = FileMenu(studio, shell)
    (entry,) = menu.entries()
    assert "salt && pepper" in entry.text()
    assert entry.toolTip() == str(path)
    assert entry.isEnabled()
    path.unlink()
    (entry,) = menu.entries()
    assert not entry.isEnabled()


def test_what_was_refused_and_what_has_a_menu_of_its_own_is_not_listed(
    loaded, shell, qtbot, tmp_path, mask_file
):
    open_file(loaded, shell, tmp_path / "nothing.png")
    with qtbot.waitSignal(loaded.history.added, timeout=30_000) as kept:
        loaded.runs.generate()
    assert restore(loaded, shell, *kept.args)
    menu = FileMenu(loaded, shell)
    assert menu.entries() == []
    open_file(loaded, shell, mask_file)
    assert len(menu.entries()) == 1
    next(action for action in menu.recent.actions() if action.text() == "Clear").trigger()
    assert menu.entries() == []
    assert not menu.recent.isEnabled()


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
