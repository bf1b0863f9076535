"""Nothing of the user's that the program keeps is lost: not what cannot be read, nor what two windows keep."""

import json
import os
import shutil
import stat
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QSettings

from segpaint.core.requests.checkpoint import DESCRIPTION, read_checkpoint
from segpaint.gui.commands.key_bindings import KeyBindings
from segpaint.gui.files.kept_work import offer_kept, report_second
from segpaint.gui.files.mapping_dialog import MappingDialog
from segpaint.gui.files.opening import open_file, open_folder
from segpaint.io import history_files
from segpaint.io.history_files import HistoryFolder
from segpaint.studio.document.document import Reference
from segpaint.studio.studio import Studio


@pytest.fixture
def opened(dressed, tmp_path, model):
    """Open studios side by side; those that are still open are closed in the end."""
    studios = []

    def open_(folder=model):
        studios.append(Studio(read_checkpoint(folder), tmp_path / "work", "cpu"))
        return studios[-1]

    def close(studio):
        studios.remove(studio)
        studio.close()

    open_.close = close
    yield open_
    for studio in studios:
        studio.close()


def paint(studio, value, rows=slice(5, 20)):
    mask = studio.document.mask.snapshot().copy()
    mask[rows, 5:20] = value
    studio.document.strokes.replace(mask, "painted")
    studio.autosave.flush()
    return mask


def kept(tmp_path):
    (file,) = (tmp_path / "work").glob("*.json")
    return file


# ---- what cannot be read


def shorter(file, model):
    file.write_bytes(file.read_bytes().rstrip()[:-1])


def halved(file, model):
    content = file.read_bytes()
    file.write_bytes(content[: content.index(b'"changes"')])


def newer(file, model):
    file.write_text(json.dumps({**json.loads(file.read_text()), "brush": 3}))


def without_a_label(file, model):
    content = json.loads((model / DESCRIPTION).read_text())
    content["labels"] = [label for label in content["labels"] if label["index"] != 2]
    (model / DESCRIPTION).write_text(json.dumps(content))


def of_other_numbers(file, model):
    content = json.loads((model / DESCRIPTION).read_text())
    for label in content["labels"]:
        label["index"] = {1: 1, 2: 7, 4: 4}[label["index"]]
    (model / DESCRIPTION).write_text(json.dumps(content))


def with_swapped_names(file, model):
    content = json.loads((model / DESCRIPTION).read_text())
    one, other = (label for label in content["labels"] if label["index"] in (2, 4))
    one["name"], other["name"] = other["name"], one["name"]
    (model / DESCRIPTION).write_text(json.dumps(content))


@pytest.mark.parametrize(
    "spoil", [shorter, halved, newer, without_a_label, of_other_numbers, with_swapped_names]
)
def test_work_that_cannot_be_opened_is_kept_reported_and_offered(opened, shell, tmp_path, model, spoil):
    first = opened()
    mask = paint(first, 2)
    opened.close(first)
    file = kept(tmp_path)
    spoil(file, model)
    content = file.read_bytes()
    studio = opened()
    assert not np.array_equal(studio.document.mask.values, mask)
    paint(studio, 1)  # what is painted now replaces nothing of it
    offer_kept(studio, shell)
    ((sentence, _, action),) = shell.offers
    (aside,) = (tmp_path / "work" / "aside").glob("*.json")
    assert str(aside) in sentence
    assert aside.read_bytes() == content
    action()
    of_other_labels = spoil in (without_a_label, of_other_numbers, with_swapped_names)
    if of_other_labels:
        (dialog,) = (one for one in shell.opened if isinstance(one, MappingDialog))
        dialog.accept()
    values = {of_other_numbers: 7, with_swapped_names: 4}
    expected = np.where(mask == 2, values.get(spoil, 2), mask)
    if spoil is not without_a_label:
        np.testing.assert_array_equal(studio.document.mask.values, expected)
    opened.close(studio)
    shell.quiet()
    again = opened()
    offer_kept(again, shell)
    assert shell.offers == []  # it was offered once, and still lies there
    again.document.strokes.replace(mask * 0, "new")
    if not of_other_labels:
        open_file(again, shell, aside)
        np.testing.assert_array_equal(again.document.mask.values, mask)


def test_a_file_without_any_mask_is_kept_and_reported(opened, shell, tmp_path):
    first = opened()
    paint(first, 2)
    opened.close(first)
    kept(tmp_path).write_bytes(b"")  # as some file systems leave it after a power cut
    offer_kept(opened(), shell)
    ((_, _, action),) = shell.offers
    action()
    assert "No mask can be read" in shell.warned[0]


def test_the_state_of_earlier_sessions_is_there_when_the_last_cannot_be_read(opened, shell, tmp_path):
    masks = []
    for row in range(5):
        studio = opened()
        masks.append(paint(studio, 2, slice(row, row + 1)))
        opened.close(studio)
    kept(tmp_path).write_bytes(b"{")
    np.testing.assert_array_equal(opened().document.mask.values, masks[-2])
    assert len(list((tmp_path / "work" / "earlier").iterdir())) == 3


def test_work_is_found_again_when_its_model_was_moved(opened, tmp_path, model):
    first = opened()
    mask = paint(first, 2)
    opened.close(first)
    (tmp_path / "elsewhere").mkdir()
    moved = model.rename(tmp_path / "elsewhere" / model.name)
    np.testing.assert_array_equal(opened(moved).document.mask.values, mask)


@pytest.mark.parametrize("is_older", [False, True])
def test_work_is_offered_when_its_model_was_renamed(opened, shell, tmp_path, model, qtbot, is_older):
    first = opened()
    mask = paint(first, 2)
    opened.close(first)
    if is_older:
        content = json.loads(kept(tmp_path).read_text())
        del content["folder"], content["labels"]
        kept(tmp_path).write_text(json.dumps(content))
    studio = opened(model.rename(model.with_name("other")))
    assert not studio.document.mask.values.any()
    paint(studio, 1)  # before the model is loaded, and with it known to be the same
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    offer_kept(studio, shell)
    ((sentence, _, action),) = shell.offers
    assert ("another folder" if is_older else str(model)) in sentence
    action()
    np.testing.assert_array_equal(studio.document.mask.values, mask)


def test_a_damaged_file_of_stars_is_put_aside(tmp_path):
    for content in ("[" * 100_000, "{", "{}"):
        (tmp_path / "stars.json").write_text(content)
        HistoryFolder(tmp_path)
    assert not (tmp_path / "stars.json").exists()
    assert len(list((tmp_path / "unreadable").iterdir())) == 3


# ---- two windows


def test_nothing_of_two_windows_is_lost(opened, shell, tmp_path, make_request):
    pixels = np.zeros((32, 32), np.uint8)
    first, second = opened(), opened()
    report_second(first, shell)
    assert shell.warned == []
    report_second(second, shell)
    assert "open in another window" in shell.warned[0]
    masks = paint(first, 2, slice(4, 8)), paint(second, 4, slice(20, 24))
    results = [studio.history.folder.add(pixels, make_request()) for studio in (first, first, second)]
    for studio, result in ((first, results[0]), (second, results[2])):
        studio.history.folder.star([result], on=True)
    first.history.folder.delete([results[1]])
    third = opened()  # a start while "Take back" is offered
    first.history.folder.take_back([results[1]])
    first.colors.take({1: "#111111"})
    second.colors.take({2: "#222222"})
    for studio in (third, second, first):
        opened.close(studio)
    shell.quiet()
    again = opened()
    np.testing.assert_array_equal(again.document.mask.values, masks[0])
    offer_kept(again, shell)
    ((sentence, _, action),) = shell.offers
    assert "Another window has painted" in sentence
    action()
    np.testing.assert_array_equal(again.document.mask.values, masks[1])
    history = again.history.folder
    there = history.open()
    assert len(there) == 3
    assert [history.is_starred(path) for path in there] == [True, False, True]
    left = [path.name for place in tmp_path.glob("work-*") for path in place.rglob("*") if path.is_file()]
    assert set(left) == {".lock"}
    colors = {label.index: label.color for label in again.document.table}
    assert (colors[1], colors[2]) == ("#111111", "#222222")


def test_keys_that_two_windows_change_are_both_kept(opened):
    first, second = (KeyBindings({}, studio.preferences, studio) for studio in (opened(), opened()))
    first.set_keymap(first.keymap.change("generate", ("F7",)))
    second.set_keymap(second.keymap.change("undo", ("F8",)))
    first.set_keymap(first.keymap.change("redo", ("F9",)))
    third = opened()
    kept = KeyBindings({}, third.preferences, third).keymap
    assert [kept.keys(command) for command in ("generate", "undo", "redo")] == [("F7",), ("F8",), ("F9",)]


def test_a_killed_window_leaves_its_folder_free(opened, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / ".lock").write_text("")
    assert not opened().workplace.is_second


def test_what_cannot_be_taken_over_stays_where_it_is(opened, tmp_path, make_request, monkeypatch):
    first, second = opened(), opened()
    result = second.history.folder.add(np.zeros((32, 32), np.uint8), make_request())
    paint(second, 2)
    for studio in (second, first):
        opened.close(studio)

    def refuse(*_words):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        opened.close(opened())
    assert result.exists()
    assert len(list((tmp_path / "work-2").glob("*.json"))) == 1
    assert len(opened().history.folder.open()) == 1


def test_a_folder_that_cannot_be_made_still_opens_a_window(opened, tmp_path):
    (tmp_path / "work").write_text("in the way")
    assert not opened().document.mask.values.any()


# ---- the order of results


def test_results_are_in_the_order_of_their_making_whatever_the_clock_shows(tmp_path, make_request, monkeypatch):
    monkeypatch.setattr(history_files, "MOST", 4)
    (tmp_path / "2026-11-28 11-34-08-368684 tiny.png").write_bytes(b"")  # of an older version
    times = iter(["2030-01-01 00-00-00-000000"] * 2 + ["2020-01-01 00-00-00-000000"] * 3)

    class Clock:
        @classmethod
        def now(cls):
            return cls()

        def __format__(self, _how):
            return next(times)

    monkeypatch.setattr(history_files, "datetime", Clock)
    pixels = np.zeros((32, 32), np.uint8)
    made = [HistoryFolder(tmp_path).add(pixels, make_request()) for _ in range(5)]
    assert len(set(made)) == 5
    assert HistoryFolder(tmp_path).open() == made[1:]


# ---- who may read it


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_what_may_hold_a_patient_is_the_users_alone(opened, tmp_path, make_request, model):
    before = os.umask(0o022)
    try:
        studio = opened()
        paint(studio, 2)
        image = np.zeros((32, 32), np.uint8)
        studio.document.set_reference(Reference("MILLER_1950.png", image, studio.document.mask.snapshot(), ()))
        studio.document.change_settings(replace(studio.document.settings, seed=1))
        studio.preferences.set("files/folder", "MILLER")
        studio.preferences.flush()
        studio.history.folder.add(image, make_request())
        opened.close(studio)
        paths = [tmp_path / "work", *(tmp_path / "work").rglob("*")]
        paths = [path for path in paths if path.name != ".lock"]
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in paths}
        assert len(modes) > 4
        assert set(modes.values()) == {0}, modes
        # Folders and files of older versions become private, too.
        (tmp_path / "work").chmod(0o755)
        (tmp_path / "work" / "preferences.ini").chmod(0o644)
        again = opened()
        again.preferences.set("files/folder", "MILLER")
        opened.close(again)
        QSettings(str(tmp_path / "work" / "preferences.ini"), QSettings.Format.IniFormat).sync()
        for name, mode in (("", 0o700), ("preferences.ini", 0o600)):
            assert stat.S_IMODE((tmp_path / "work" / name).stat().st_mode) == mode
    finally:
        os.umask(before)


def test_another_model_of_the_same_name_does_not_take_the_work_of_the_first(opened, tmp_path, model):
    first = opened()
    paint(first, 2)
    twin = shutil.copytree(model, tmp_path / "twins" / model.name)

    class Shell:
        quiet = warn = staticmethod(lambda *_: None)

    open_folder(first, Shell, twin)
    assert not first.document.mask.values.any()


def test_a_window_reports_what_it_put_aside_and_that_it_is_the_second(open_window, model, tmp_path, qtbot):
    first = open_window(model)
    mask = paint(first.studio, 2)
    first.close()
    shorter(kept(tmp_path), model)
    again = open_window(model)
    qtbot.waitUntil(again.messages.isVisible)
    assert "could not be opened" in again.messages.text.text()
    again.messages.offer.click()
    np.testing.assert_array_equal(again.studio.document.mask.values, mask)
    second = open_window(model)
    qtbot.waitUntil(second.messages.isVisible)
    assert str(tmp_path / "work-2") in second.messages.text.text()
