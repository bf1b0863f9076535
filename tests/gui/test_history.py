"""The history of results, in the real window."""

import json

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QPixmap

from segpaint.core.runs.run_state import RunState
from segpaint.gui.looking.comparison import Mode
from segpaint.gui.window.controller import Controller
from segpaint.io.history_files import HistoryFolder
from segpaint.io.results import read_request


@pytest.fixture
def made(window, qtbot, finish, hand, settings):
    """A window with three results, oldest first, and their files."""

    def files():
        model = window.history.model
        return [model.path(model.index(row)) for row in range(model.rowCount())][::-1]

    results = []
    for seed in range(3):
        settings(seed=seed)
        hand(window, (6 + 6 * seed, 8), (8 + 6 * seed, 22))
        window.session.generate()
        finish(window)
        results.append((window.session.request, window.session.trajectory.result.noisy))
        qtbot.waitUntil(lambda count=seed + 1: len(files()) == count)
    window.commands["history"].trigger()
    return results, files


@pytest.fixture
def choose(window):
    """Select results, given by their files."""

    def select(*paths):
        film, model = window.history.film, window.history.model
        film.clearSelection()
        for row in range(model.rowCount()):
            if model.path(model.index(row)) in paths:
                film.selectionModel().select(model.index(row), QItemSelectionModel.SelectionFlag.Select)

    return select


@pytest.fixture
def commands(window):
    return window.findChild(Controller).history


def test_each_finished_image_is_kept_with_its_request(made, window):
    results, files = made
    for (request, pixels), path in zip(results, files(), strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(path)), pixels)
        assert read_request(path).model_dump_json() == request.model_dump_json()
    assert window.history.isVisible()
    window.commands["history"].trigger()
    assert not window.history.isVisible()


def test_the_same_request_again_is_not_kept_twice(made, window, finish, qtbot):
    _, files = made
    window.session.generate()
    finish(window)
    qtbot.wait(150)
    assert len(files()) == 3


def test_a_result_brings_back_everything(made, window, commands, qtbot):
    results, files = made
    request, pixels = results[0]
    document = window.session.document
    document.set_label(2, used=False)
    window.history.film.restore_wanted.emit(files()[0])
    np.testing.assert_array_equal(document.mask.values, request.mask)
    assert document.used == request.used
    assert document.settings.seed == 0
    np.testing.assert_array_equal(window.image.shown, pixels)
    assert window.session.state is RunState.FINISHED
    assert not window.session.is_outdated
    window.commands["undo"].trigger()  # restoring is undoable, as any edit
    np.testing.assert_array_equal(document.mask.values, results[2][0].mask)
    qtbot.wait(150)
    assert len(files()) == 3  # looked at again, not made again


def test_a_restored_image_can_be_saved_as_it_was(made, window, commands, tmp_path):
    results, files = made
    commands.restore(files()[1])
    window.session.saving(tmp_path / "again.png")()
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "again.png")), results[1][1])
    assert read_request(tmp_path / "again.png").model_dump_json() == results[1][0].model_dump_json()


def test_drafts_are_kept_only_when_asked_for(window, finish, qtbot):
    window.commands["live"].trigger()
    finish(window)
    qtbot.wait(150)
    assert window.history.model.rowCount() == 0
    assert not window.history.empty.isHidden()
    window.commands["keep"].trigger()
    qtbot.waitUntil(lambda: window.history.model.rowCount() == 1)
    window.commands["keep"].trigger()
    assert "already" in window.statusBar().currentMessage()
    assert window.history.empty.isHidden()


def test_deleting_can_be_taken_back(made, window, choose, commands, qtbot):
    _, files = made
    before = files()
    choose(before[0], before[2])
    qtbot.keyClick(window.history.film, Qt.Key.Key_Delete)
    assert files() == [before[1]]
    assert not before[0].exists()
    assert "2 images were deleted" in window.messages.text.text()
    window.messages.offer.click()
    assert files() == before
    assert all(path.exists() for path in before)


def test_a_star_lasts(made, window, choose, commands, tmp_path):
    _, files = made
    choose(files()[1])
    commands.star(on=True)
    reopened = HistoryFolder(files()[0].parent)
    assert [reopened.is_starred(path) for path in files()] == [False, True, False]
    commands.star(on=False)
    assert json.loads((files()[0].parent / "stars.json").read_text()) == []


def test_results_are_compared_with_each_other(made, window, choose, commands):
    results, files = made
    commands.compare(files()[0], files()[1])
    assert window.comparison.mode is Mode.SWIPE
    np.testing.assert_array_equal(window.comparison.other.pixels, results[0][1])
    np.testing.assert_array_equal(window.session.trajectory.result.noisy, results[1][1])


def test_results_can_be_dragged_out_as_files(made, window):
    _, files = made
    model = window.history.model
    data = model.mimeData([model.index(0), model.index(2)])
    assert [url.toLocalFile() for url in data.urls()] == [str(files()[2]), str(files()[0])]


def test_the_menu_offers_what_fits_the_selection(made, window, choose):
    _, files = made
    offered = []
    for count in (1, 2, 3):
        choose(*files()[:count])
        window.history.film.customContextMenuRequested.emit(window.history.film.rect().center())
        menu = window.findChildren(type(window.menuBar().actions()[0].menu()))[-1]
        offered.append([action.text() for action in menu.actions() if action.text()])
        menu.close()
    assert offered[0][0] == "Restore everything"
    assert offered[1][0] == "Compare the two"
    assert offered[2] == ["Star", "Show in the file manager", "Delete 3 images"]


def test_a_damaged_or_missing_file_gets_a_sentence(made, window, commands):
    _, files = made
    files()[0].write_bytes(b"no image")
    files()[1].unlink()
    for path in files()[:2]:
        window.messages.hide()
        assert not commands.restore(path)
        assert path.name in window.messages.text.text()
    model = window.history.model
    assert path.name in model.data(model.index(1), Qt.ItemDataRole.ToolTipRole)


def test_a_result_of_a_model_that_is_gone_gets_a_sentence(made, window, commands, tmp_path):
    results, _ = made
    request = results[0][0].model_copy(update={"checkpoint": "no-such-model"})
    path = HistoryFolder(tmp_path / "other").add(results[0][1], request)
    assert not commands.restore(path)
    assert "no-such-model" in window.messages.text.text()


def test_the_tooltip_says_what_a_result_is(made, window):
    model = window.history.model
    assert "seed 2, 4 steps, guidance 1" in model.data(model.index(0), Qt.ItemDataRole.ToolTipRole)


def test_thousands_of_results_are_read_only_as_they_are_seen(tiny_engine, make_request, tmp_path, open_window):
    pixels = np.zeros((32, 32), np.uint8)
    first = HistoryFolder(tmp_path / "work" / "history").add(pixels, make_request())
    for number in range(3000):
        first.with_name(f"2020-01-01 00-00-00-{number:06d} tiny.png").hardlink_to(first)
    window = open_window()
    window.commands["history"].trigger()
    window.grab()
    model = window.history.model
    assert model.rowCount() == 3001
    assert isinstance(model.data(model.index(3000), Qt.ItemDataRole.DecorationRole), QPixmap)
    assert len(model.pictures) < 50
