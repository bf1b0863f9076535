"""The history of results."""

import json
from functools import partial

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QPixmap

from segpaint.core.runs.run_state import RunState
from segpaint.gui.files.saving import save_to
from segpaint.gui.history.history_strip import HistoryStrip
from segpaint.gui.history.results import compare, restore, star
from segpaint.io.history_files import HistoryFolder
from segpaint.io.results import read_request
from segpaint.studio.view.comparison import Mode


def make_three(owner, strip, paint, settings, finish, qtbot):
    """Make three results, oldest first, and find their files."""

    def files():
        model = strip.model
        return [model.path(model.index(row)) for row in range(model.rowCount())][::-1]

    runs, results = getattr(owner, "studio", owner).runs, []
    for seed in range(3):
        settings(seed=seed)
        paint((6 + 6 * seed, 8), (8 + 6 * seed, 22))
        runs.generate()
        finish(owner)
        results.append((runs.request, runs.trajectory.result.noisy))
        qtbot.waitUntil(lambda count=seed + 1: len(files()) == count)
    return results, files


@pytest.fixture
def strip(studio, shell, qtbot):
    """The filmstrip without a window."""
    strip = HistoryStrip(studio, shell)
    qtbot.addWidget(strip)
    return strip


@pytest.fixture
def made(loaded, strip, run, qtbot, finish, paint, settings):
    """Three results, oldest first, and their files."""
    three = make_three(loaded, strip, paint, settings, finish, qtbot)
    run("history")
    return three


def choose(strip, *paths):
    """Select results, given by their files."""
    film, model = strip.film, strip.model
    film.clearSelection()
    for row in range(model.rowCount()):
        if model.path(model.index(row)) in paths:
            film.selectionModel().select(model.index(row), QItemSelectionModel.SelectionFlag.Select)


def test_each_finished_image_is_kept_with_its_request(made, strip, run):
    results, files = made
    for (request, pixels), path in zip(results, files(), strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(path)), pixels)
        assert read_request(path).model_dump_json() == request.model_dump_json()
    assert strip.isVisible()
    run("history")
    assert not strip.isVisible()


def test_the_same_request_again_is_not_kept_twice(made, finish, qtbot, loaded):
    _, files = made
    loaded.runs.generate()
    finish(loaded)
    qtbot.wait(150)
    assert len(files()) == 3


def test_a_result_brings_back_everything(window, finish, hand, settings, qtbot):
    results, files = make_three(window, window.history, partial(hand, window), settings, finish, qtbot)
    request, pixels = results[0]
    document = window.studio.document
    document.set_label(2, used=False)
    before = document.used, document.settings
    window.history.film.restore_wanted.emit(files()[0])
    np.testing.assert_array_equal(document.mask.values, request.mask)
    assert document.used == request.used
    assert document.settings.seed == 0
    np.testing.assert_array_equal(window.image.shown, pixels)
    assert window.studio.runs.state is RunState.FINISHED
    assert not window.studio.runs.is_outdated
    window.commands["undo"].trigger()  # restoring is undoable, as any edit
    np.testing.assert_array_equal(document.mask.values, results[2][0].mask)
    assert (document.used, document.settings) == before
    qtbot.wait(150)
    assert len(files()) == 3  # looked at again, not made again


def test_a_restored_image_can_be_saved_as_it_was(made, tmp_path, loaded, shell):
    results, files = made
    restore(loaded, shell, files()[1])
    save_to(loaded, shell, tmp_path / "again.png")
    loaded.background.flush("files")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "again.png")), results[1][1])
    assert read_request(tmp_path / "again.png").model_dump_json() == results[1][0].model_dump_json()


def test_drafts_are_kept_only_when_asked_for(finish, qtbot, loaded, strip, shell, run):
    run("live")
    finish(loaded)
    qtbot.wait(150)
    assert strip.model.rowCount() == 0
    assert not strip.empty.isHidden()
    run("keep")
    qtbot.waitUntil(lambda: strip.model.rowCount() == 1)
    run("keep")
    assert "already" in shell.said[-1]
    assert strip.empty.isHidden()


def test_deleting_can_be_taken_back(made, qtbot, strip, shell):
    _, files = made
    before = files()
    choose(strip, before[0], before[2])
    qtbot.keyClick(strip.film, Qt.Key.Key_Delete)
    assert files() == [before[1]]
    assert not before[0].exists()
    sentence, _, take_back = shell.offers[-1]
    assert "2 images were deleted" in sentence
    take_back()
    assert files() == before
    assert all(path.exists() for path in before)


def test_a_star_lasts(made, tmp_path, strip, shell):
    _, files = made
    choose(strip, files()[1])
    star(shell, strip.model, strip.film.chosen, on=True)
    reopened = HistoryFolder(files()[0].parent)
    assert [reopened.is_starred(path) for path in files()] == [False, True, False]
    star(shell, strip.model, strip.film.chosen, on=False)
    assert json.loads((files()[0].parent / "stars.json").read_text()) == []


def test_results_are_compared_with_each_other(made, loaded, shell):
    results, files = made
    compare(loaded, shell, files()[0], files()[1])
    assert loaded.view.comparison.mode is Mode.SWIPE
    np.testing.assert_array_equal(loaded.view.comparison.other.pixels, results[0][1])
    np.testing.assert_array_equal(loaded.runs.trajectory.result.noisy, results[1][1])


def test_results_can_be_dragged_out_as_files(made, strip):
    _, files = made
    model = strip.model
    data = model.mimeData([model.index(0), model.index(2)])
    assert [url.toLocalFile() for url in data.urls()] == [str(files()[2]), str(files()[0])]


def test_the_menu_offers_what_fits_the_selection(window, finish, hand, settings, qtbot):
    _, files = make_three(window, window.history, partial(hand, window), settings, finish, qtbot)
    offered = []
    for count in (1, 2, 3):
        choose(window.history, *files()[:count])
        window.history.film.customContextMenuRequested.emit(window.history.film.rect().center())
        menu = window.findChildren(type(window.menuBar().actions()[0].menu()))[-1]
        offered.append([action.text() for action in menu.actions() if action.text()])
        menu.close()
    assert offered[0][0] == "Restore everything"
    assert offered[1][0] == "Compare the two"
    assert offered[2] == ["Star", "Show in the file manager", "Delete 3 images"]


def test_a_damaged_or_missing_file_gets_a_sentence(made, loaded, strip, shell):
    _, files = made
    files()[0].write_bytes(b"no image")
    files()[1].unlink()
    for path in files()[:2]:
        shell.quiet()
        assert not restore(loaded, shell, path)
        assert path.name in shell.warned[-1]
    model = strip.model
    assert path.name in model.data(model.index(1), Qt.ItemDataRole.ToolTipRole)


def test_a_result_of_a_model_that_is_gone_gets_a_sentence(made, tmp_path, loaded, shell):
    results, _ = made
    request = results[0][0].model_copy(update={"checkpoint": "no-such-model"})
    path = HistoryFolder(tmp_path / "other").add(results[0][1], request)
    assert not restore(loaded, shell, path)
    assert "no-such-model" in shell.warned[-1]


def test_the_tooltip_says_what_a_result_is(made, strip):
    model = strip.model
    assert "seed 2, 4 steps, guidance 1" in model.data(model.index(0), Qt.ItemDataRole.ToolTipRole)


def test_thousands_of_results_are_read_only_as_they_are_seen(studio, shell, make_request, tmp_path, qtbot):
    pixels = np.zeros((32, 32), np.uint8)
    first = HistoryFolder(tmp_path / "work" / "history").add(pixels, make_request())
    for number in range(3000):
        first.with_name(f"2020-01-01 00-00-00-{number:06d} tiny.png").hardlink_to(first)
    strip = HistoryStrip(studio, shell)
    qtbot.addWidget(strip)
    strip.resize(1100, strip.sizeHint().height())
    strip.grab()
    model = strip.model
    assert model.rowCount() == 3001
    assert isinstance(model.data(model.index(3000), Qt.ItemDataRole.DecorationRole), QPixmap)
    assert 0 < len(model.pictures) < 50
