import hashlib
import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog

from segpaint.core.masks.paint import brush
from segpaint.core.requests.checkpoint import WEIGHTS
from segpaint.gui.files.opening import open_file, open_folder
from segpaint.gui.files.saving import save_to
from segpaint.studio.document.document import Reference
from segpaint.studio.document.settings import Purpose
from segpaint.studio.document.unsaved_work import UnsavedWork


def test_what_was_painted_is_there_again_after_a_restart(open_window, hand):
    first = open_window()
    hand(first, (10, 10), (20, 20))
    first.labels.rows[2].switches["used"].click()
    painted = first.studio.document.mask.snapshot()
    first.close()
    again = open_window()
    np.testing.assert_array_equal(again.studio.document.mask.values, painted)
    assert again.studio.document.used == (1, 4)


def paint(studio, *places):
    """Paint a stroke through places, given as (row, column)."""
    document = studio.document
    document.strokes.begin()
    for place in places:
        document.paint(brush(place, place, 5, document.mask.shape))
    document.strokes.end("brush")


def kept(file):
    return UnsavedWork.model_validate_json(file.read_bytes()).request


@pytest.mark.parametrize("purpose", Purpose)
def test_a_reference_is_there_again_with_its_name(open_window, hand, purpose, qtbot, other_checkpoint):
    first = open_window()
    document = first.studio.document
    hand(first, (10, 10), (20, 20))
    image = np.full((32, 32), 77, np.uint8)
    first.studio.reference.take(Reference("ward 7.png", image, document.mask.snapshot(), (1, 2)))
    document.change_settings(replace(document.settings, purpose=purpose))
    first.close()
    again = open_window()
    reference = again.studio.document.reference
    assert (reference.name, reference.used) == ("ward 7.png", (1, 2))
    np.testing.assert_array_equal(reference.image, image)
    assert again.studio.document.settings.purpose is purpose
    assert (again.image.shown == 77).all()
    open_folder(again.studio, again.shell, other_checkpoint)
    assert again.image.shown is None  # a real image under another model's name would be a lie
    open_folder(again.studio, again.shell, document.checkpoint.folder)
    assert (again.image.shown == 77).all()


def test_the_switches_of_labels_and_the_label_painted_are_as_before(open_studio):
    document = open_studio().document
    document.set_label(1, shown=False)
    document.set_label(4, locked=True, used=False)
    document.paint_value = 2
    document.keeps_seed = False
    again = open_studio().document
    assert not again.strokes.stack.canUndo()
    assert [again.label_state(index) for index in (1, 2, 4)] == [
        document.label_state(index) for index in (1, 2, 4)
    ]
    assert again.locked == (4,)
    assert again.paint_value == 2
    assert not again.keeps_seed


def test_a_finished_stroke_is_on_the_disk_without_waiting(studio, qtbot, tmp_path):
    qtbot.wait(600)
    assert not any((tmp_path / "work").glob("*.json"))  # nothing was painted yet
    paint(studio, (10, 10), (20, 20))
    qtbot.waitUntil(lambda: any((tmp_path / "work").glob("*.json")), timeout=5000)
    (file,) = (tmp_path / "work").glob("*.json")
    qtbot.waitUntil(lambda: (kept(file).mask == studio.document.mask.values).all())


@pytest.mark.parametrize(
    ("preview", "end"),
    [
        ("grow", "apply"),
        ("grow", "give up"),
        ("grow", "close"),
        ("transform", "apply"),
        ("transform", "give up"),
    ],
)
def test_what_is_only_shown_is_not_kept_until_it_is_applied(open_window, qtbot, tmp_path, preview, end):
    window = open_window()
    studio = window.studio
    paint(studio, (16, 16))
    studio.document.paint_value = 1
    painted = studio.document.mask.snapshot()
    studio.autosave.flush()
    (file,) = (tmp_path / "work").glob("*.json")
    np.testing.assert_array_equal(kept(file).mask, painted)
    window.commands[preview].trigger()
    if preview == "transform":
        qtbot.keyClick(window.canvas, Qt.Key.Key_Left)
    shown = studio.document.mask.snapshot()
    assert not np.array_equal(shown, painted)
    studio.document.set_label(4, locked=True)  # all else is kept meanwhile
    studio.autosave.flush()
    work = UnsavedWork.model_validate_json(file.read_bytes())
    assert work.locked == (4,)
    np.testing.assert_array_equal(work.request.mask, painted)
    if end == "close":
        window.close()
    else:
        qtbot.keyClick(window.canvas, Qt.Key.Key_Return if end == "apply" else Qt.Key.Key_Escape)
        studio.autosave.flush()
    np.testing.assert_array_equal(kept(file).mask, shown if end == "apply" else painted)


def test_a_stroke_of_the_hand_is_kept_before_it_ends(studio, tmp_path):
    document = studio.document
    document.strokes.begin()
    document.paint(brush((16, 16), (16, 16), 5, document.mask.shape))
    studio.autosave.flush()
    (file,) = (tmp_path / "work").glob("*.json")
    np.testing.assert_array_equal(kept(file).mask, document.mask.values)
    document.strokes.end()


def test_a_damaged_autosave_is_passed_over(open_studio, tmp_path):
    first = open_studio()
    paint(first, (10, 10))
    first.autosave.flush()
    (file,) = (tmp_path / "work").glob("*.json")
    file.write_text("{")
    assert not open_studio().document.mask.values.any()


def test_two_models_of_one_name_keep_their_masks_apart(open_studio, tiny_checkpoint, tmp_path):
    twin = tmp_path / "elsewhere" / tiny_checkpoint.name
    shutil.copytree(tiny_checkpoint, twin)
    for folder, place in ((tiny_checkpoint, (8, 8)), (twin, (24, 24))):
        paint(open_studio(folder), place)
    kept = [open_studio(folder).document.mask.values for folder in (tiny_checkpoint, twin)]
    assert [bool(mask[8, 8]) for mask in kept] == [True, False]
    assert [bool(mask[24, 24]) for mask in kept] == [False, True]


def test_a_folder_that_cannot_be_written_is_reported_when_saving(window, finish, tmp_path, qtbot):
    (tmp_path / "file").write_text("")
    window.commands["generate"].trigger()
    finish(window)
    save_to(window.studio, window.shell, tmp_path / "file" / "image.png")
    qtbot.waitUntil(lambda: "cannot be written" in window.messages.text.text())


@pytest.mark.parametrize("key", ["card", "keys", "edit_keys"])
def test_dialogs_open_and_go(window, key, qtbot):
    kept = window.findChildren(QDialog)
    window.commands[key].trigger()
    (dialog,) = (dialog for dialog in window.findChildren(QDialog) if dialog not in kept)
    assert dialog.isVisible()
    dialog.close()
    qtbot.waitUntil(lambda: window.findChildren(QDialog) == kept)


def test_the_window_fits_a_small_screen(window):
    window.messages.tell("Something to say.")
    hint = window.minimumSizeHint().expandedTo(window.minimumSize())
    assert hint.width() <= 1024
    assert hint.height() <= 700
    window.resize(QSize(3840, 2160))
    assert abs(window.canvas.width() - window.image.width()) <= 1


def test_every_button_says_what_it_does(window):
    from PySide6.QtWidgets import QLineEdit, QToolButton

    for button in window.findChildren(QToolButton):
        if isinstance(button.parent(), QLineEdit):
            continue  # the cross in a field, which is Qt's own
        assert button.toolTip() or button.objectName().startswith("qt_"), button.text()


def test_opening_a_result_brings_back_its_mask_and_settings(window, hand, finish, tmp_path, save):
    document = window.studio.document
    hand(window, (10, 10), (20, 20))
    window.labels.rows[4].switches["used"].click()
    document.draw_seed()
    window.commands["generate"].trigger()
    finish(window)
    request = window.studio.runs.request
    save(window, tmp_path / "image.png")
    for name in ("image.png", "image.json"):
        window.commands["new"].trigger()
        window.labels.rows[4].switches["used"].setChecked(True)
        document.draw_seed()
        open_file(window.studio, window.shell, tmp_path / name)
        again = document.request(request.precision)
        assert again.model_dump_json() == request.model_dump_json()
    assert window.messages.isHidden()


def test_a_request_that_does_not_fit_is_refused(studio, shell, tmp_path, make_request):
    path = tmp_path / "other.json"
    path.write_text(make_request(mask=np.zeros((16, 16), np.uint8)).model_dump_json())
    open_file(studio, shell, path)
    assert "16 x 16" in shell.warned[0]
    assert studio.document.mask.shape == (32, 32)


def test_a_model_that_shares_its_name_with_a_shipped_one_opens_blank(open_studio, tiny_checkpoint, tmp_path):
    namesake = tmp_path / "cardiac-cine-mri-128"
    shutil.copytree(tiny_checkpoint, namesake)
    assert not open_studio(namesake).document.mask.values.any()


def test_the_weights_are_never_hashed_on_the_windows_thread(
    open_window, hand, qtbot, finish, make_request, tmp_path, monkeypatch
):
    (tmp_path / "other.json").write_text(make_request(fingerprint="0" * 16).model_dump_json())
    threads, digest = [], hashlib.file_digest

    def note(*arguments):
        threads.append(threading.get_ident())
        return digest(*arguments)

    monkeypatch.setattr(hashlib, "file_digest", note)
    window = open_window(mask=tmp_path / "other.json")
    hand(window, (10, 10), (20, 20))
    assert window.messages.isHidden()  # with which model it was made is found out later
    window.commands["generate"].trigger()
    finish(window)
    assert "made with another model" in window.messages.text.text()
    window.close()
    assert threads
    assert threading.main_thread().ident not in threads
    (file,) = (tmp_path / "work").glob("*.json")
    assert kept(file).fingerprint == window.studio.document.checkpoint.fingerprint


def test_what_was_painted_is_kept_though_the_weights_have_gone(open_studio, tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "gone")
    studio = open_studio(folder)
    (folder / WEIGHTS).unlink()
    paint(studio, (10, 10), (20, 20))
    studio.autosave.flush()
    (file,) = (tmp_path / "work").glob("*.json")
    assert kept(file).mask.any()
