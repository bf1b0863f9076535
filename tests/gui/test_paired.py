"""Paired sets made from the window's dialog."""

import shutil

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from set_files import rows

from segpaint.cli import main
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.making.deck_start import DeckStart
from segpaint.gui.making.mask_choice import MaskKind
from segpaint.gui.making.paired_commands import PairedButton, show_dialog
from segpaint.gui.making.paired_dialog import PairedDialog
from segpaint.gui.making.recent_sets import unfinished_sets
from segpaint.gui.making.starred_dialog import StarredDialog
from segpaint.gui.making.subset_choice import SubsetKind
from segpaint.io.results import read_request
from segpaint.paired.locks import FolderLock
from segpaint.paired.specification import read_specification
from segpaint.studio.making.set_production import SetState, in_words
from segpaint.training.dataset import read_data_set


@pytest.fixture
def loaded(painted):
    """A studio whose model is loaded, with a painted mask."""
    return painted


@pytest.fixture
def dialog(loaded, shell, tmp_path):
    """The dialog, for two images."""
    dialog = show_dialog(loaded, shell)
    dialog.show()
    return filled(dialog, tmp_path / "out")


def filled(dialog, folder, seeds=2):
    dialog.form.seed_count.setValue(seeds)
    dialog.folder.line.setText(str(folder))
    return dialog


@pytest.fixture
def until(qtbot):
    """Wait for a dialog's production to be so far."""

    def wait(studio, progress=SetState.FINISHED, done=0):
        production = studio.paired
        qtbot.waitUntil(lambda: production.progress is progress and production.done >= done, timeout=60_000)

    return wait


@pytest.fixture
def settle(loaded, qtbot):
    """Wait until the worker has answered all that was asked of it before, given up or not."""

    def wait():
        jobs, answered = loaded.jobs, []
        jobs.done.connect(lambda ticket, _pixels: answered.append(ticket))
        (ticket,) = jobs.add([loaded.document.request(loaded.runs.precision)])
        qtbot.waitUntil(lambda: ticket in answered, timeout=60_000)

    return wait


def pick(box, value):
    box.setCurrentEnum(value)
    box.activated.emit(box.currentIndex())


def test_the_painted_mask_becomes_a_set(loaded, dialog, until, tmp_path):
    assert dialog.sentence.text().startswith("2 images: 1 mask × 2 seeds × 1 subset of labels × 1 model.")
    dialog.start.click()
    until(loaded)
    assert dialog.sentence.text() == "Finished: 2 images with their masks."
    assert [row["name"] for row in rows(tmp_path / "out")] == ["painted_s0", "painted_s1"]
    data = read_data_set(tmp_path / "out")
    np.testing.assert_array_equal(data.train.masks[0], loaded.document.mask.values)
    assert (tmp_path / "out" / "contact.png").is_file()
    dialog.close()


def test_a_finished_set_that_is_gone_on_with_says_what_it_does(loaded, shell, dialog, until, qtbot, tmp_path):
    dialog.folder.line.setText(str(tmp_path / "set"))
    dialog.start.click()
    until(loaded)
    assert not dialog.bar.isVisible()  # a full bar would say nothing
    said, button = [], PairedButton(loaded, shell)
    qtbot.addWidget(button)
    loaded.paired.changed.connect(lambda: said.append((dialog.sentence.text(), button.text())))
    loaded.paired.start(tmp_path / "set", read_specification(tmp_path / "set" / "specification.json"))
    until(loaded)
    assert str(tmp_path / "set") in said[0][0]
    assert said[0][1] == "paired set: looking through it…"
    assert dialog.sentence.text().startswith("Finished")


def test_a_compiled_model_leaves_sets_to_torch(loaded, dialog, until, tmp_path):
    """Other models of a set, and other machines that go on with it, may lack what was compiled."""
    loaded.runs.precision = "openvino-bfloat16"
    dialog.folder.line.setText(str(tmp_path / "set"))
    dialog.start.click()
    until(loaded)
    assert read_specification(tmp_path / "set" / "specification.json").precision == "bfloat16"


def test_what_was_painted_since_the_dialog_was_opened_counts(loaded, dialog, until, tmp_path):
    before = loaded.document.mask.snapshot()
    painted = np.flipud(before)
    loaded.document.strokes.replace(painted, "Flip")
    assert not np.array_equal(before, painted)
    dialog.start.click()
    until(loaded)
    np.testing.assert_array_equal(read_data_set(tmp_path / "out").train.masks[0], painted)
    dialog.close()


@pytest.mark.parametrize("layout", ["published", "webdataset"])
def test_window_and_command_make_the_same_bytes(loaded, dialog, until, tmp_path, layout):
    dialog.form.layout_box.setCurrentIndex(dialog.form.layout_box.findData(layout))
    pick(dialog.form.subsets.kind, SubsetKind.EACH)
    dialog.form.validation.setValue(50)
    dialog.start.click()
    until(loaded)
    folder, again = tmp_path / "out", tmp_path / "again"
    assert len(rows(folder)) == 8
    words = ["generate", "--set", str(folder / "specification.json"), "--out", str(again), "--device", "cpu"]
    assert main([*words, "--checkpoint", str(loaded.document.checkpoint.folder)]) == 0
    files = {path.relative_to(folder) for path in folder.glob("**/*") if path.is_file() and path.name[0] != "."}
    assert files == {
        path.relative_to(again) for path in again.glob("**/*") if path.is_file() and path.name[0] != "."
    }
    for path in files:
        assert (folder / path).read_bytes() == (again / path).read_bytes(), path
    dialog.close()


def test_a_set_is_paused_gone_on_with_and_cancelled(loaded, dialog, until, settle, qtbot, tmp_path):
    dialog.form.seed_count.setValue(2000)
    dialog.start.click()
    assert not dialog.form.seed_count.isEnabled()
    until(loaded, SetState.RUNNING, done=3)
    qtbot.waitUntil(lambda: " left" in dialog.sentence.text())
    dialog.pause.click()
    assert loaded.paired.progress is SetState.PAUSED
    settle()
    done = loaded.paired.done
    settle()
    assert loaded.paired.done == done
    assert len(list((tmp_path / "out" / "images" / "train").glob("*.png"))) == done
    assert dialog.pause.text() == "Go on"
    dialog.pause.click()
    until(loaded, SetState.RUNNING, done=done + 3)
    dialog.cancel.click()
    until(loaded, SetState.STOPPED)
    settle()
    names = [row["name"] for row in rows(tmp_path / "out")]
    assert len(names) == len(set(names)) == len(read_data_set(tmp_path / "out").train)
    assert len(names) < 2000
    assert "Go on makes" in dialog.sentence.text()
    dialog.close()


def test_an_unfinished_set_is_gone_on_with(loaded, dialog, until, qtbot, tmp_path):
    dialog.form.seed_count.setValue(40)
    dialog.start.click()
    until(loaded, SetState.RUNNING, done=5)
    dialog.cancel.click()
    until(loaded, SetState.STOPPED)
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "images" / "train").glob("*.png")}
    assert 5 <= len(written) < 40
    dialog.folder.line.setText(str(tmp_path / "elsewhere"))
    assert dialog.start.text() == "Start"
    assert dialog.form.seed_count.isEnabled()
    dialog.form.seed_count.setValue(3)
    other = PairedDialog(loaded)
    qtbot.addWidget(other)
    other.show()
    other.folder.recent.menu().aboutToShow.emit()
    other.folder.recent.menu().actions()[0].trigger()
    assert other.start.text() == "Go on"
    assert other.settings.isHidden()
    assert "seeds 0 to 39" in other.sentence.text()  # the folder's own specification counts
    dialog.folder.line.setText(str(tmp_path / "out"))
    assert dialog.start.text() == "Go on"
    assert not dialog.form.seed_count.isEnabled()
    dialog.start.click()
    until(loaded)
    assert len(rows(tmp_path / "out")) == 40
    assert unfinished_sets(loaded.preferences, are_chosen=False) == []
    for path, time in written.items():
        assert path.stat().st_mtime_ns == time
    dialog.close()


def test_another_model_in_the_window_leaves_the_set_its_own(
    loaded, dialog, until, other_checkpoint, qtbot, tmp_path
):
    dialog.form.seed_count.setValue(300)
    dialog.start.click()
    until(loaded, SetState.RUNNING, done=5)
    loaded.open_checkpoint(read_checkpoint(other_checkpoint))
    qtbot.waitUntil(lambda: loaded.runs.is_ready, timeout=30_000)
    assert loaded.document.table[1].name == "Bone"
    done = loaded.paired.done
    until(loaded, SetState.RUNNING, done=done + 5)
    loaded.runs.generate()
    qtbot.waitUntil(lambda: loaded.runs.state is RunState.FINISHED, timeout=30_000)
    dialog.cancel.click()
    until(loaded, SetState.STOPPED)
    assert {row["checkpoint"] for row in rows(tmp_path / "out")} == {"tiny"}
    dialog.close()


def test_a_set_of_two_models(loaded, shell, dialog, until, other_checkpoint, tmp_path):
    loaded.folders.append(other_checkpoint)
    dialog.close()
    show_dialog(loaded, shell).show()
    items = [dialog.form.models.item(row) for row in range(dialog.form.models.count())]
    other = next(item for item in items if item.text().startswith("Other"))
    assert other.text() == "Other: 2 of 3 labels match"
    other.setCheckState(Qt.CheckState.Checked)
    dialog.start.click()
    until(loaded)
    assert [row["checkpoint"] for row in rows(tmp_path / "out")] == ["tiny", "tiny", "other", "other"]
    image = tmp_path / "out" / "other" / "images" / "train" / "painted_s0.png"
    assert read_request(image).fingerprint == read_checkpoint(other_checkpoint).fingerprint
    assert "does not know heart" in dialog.notes.text()
    dialog.close()


def test_masks_between_the_painted_one_and_another(
    loaded, dialog, until, mask_file, drawn_mask, qtbot, tmp_path
):
    dialog.form.masks.take_other(mask_file)
    dialog.form.masks.count_box.setValue(3)
    dialog.form.seed_count.setValue(1)
    qtbot.waitUntil(lambda: sum(label.isVisible() for label in dialog.form.masks.thumbnails) == 3)
    dialog.start.click()
    until(loaded)
    data = read_data_set(tmp_path / "out")
    assert data.train.names == [f"painted-to-drawn-{number}_s0.png" for number in (1, 2, 3)]
    np.testing.assert_array_equal(data.train.masks[2], drawn_mask)
    dialog.close()


def test_a_folder_of_masks(loaded, dialog, until, drawn_mask, tmp_path):
    (tmp_path / "masks").mkdir()
    for shift in range(3):
        Image.fromarray(np.roll(drawn_mask, shift, 0)).save(tmp_path / "masks" / f"{shift}.png")
    dialog.form.masks.take_files((tmp_path / "masks",))
    assert dialog.sentence.text().startswith("6 images: 3 masks")
    assert dialog.form.masks.said.text() == "3 masks"
    (tmp_path / "masks" / "3.tif").touch()
    dialog.form.masks.take_files((tmp_path / "masks",))
    assert dialog.form.masks.said.text() == "3 masks, 1 other passed over"
    assert "3.tif" in dialog.form.masks.said.toolTip()
    pick(dialog.form.subsets.kind, SubsetKind.CHOSEN)
    assert dialog.sentence.text().startswith("24 images: 3 masks × 2 seeds × 4 subsets of labels")
    dialog.form.layout_box.setCurrentIndex(dialog.form.layout_box.findData("nnunet"))
    dialog.start.click()
    until(loaded)
    assert len(list((tmp_path / "out" / "labelsTr").glob("*.png"))) == len(rows(tmp_path / "out"))
    dialog.close()


def test_tar_files_are_offered_for_pairs_that_are_all_made(dialog, loaded, qtbot):
    qtbot.addWidget(deck := DeckStart(loaded))
    qtbot.addWidget(starred := StarredDialog(loaded))
    assert dialog.form.layout_box.findData("webdataset") == 2
    for box in (deck.form.layout_box, starred.layout_box):
        assert [box.itemData(place) for place in range(box.count())] == ["published", "nnunet"]


def test_what_is_missing_is_asked_for(dialog, tmp_path):
    pick(dialog.form.masks.kind, MaskKind.FILES)
    assert dialog.sentence.text() == "Choose the masks first."
    assert not dialog.start.isEnabled()
    dialog.form.masks.take_files((tmp_path,))
    assert "holds no masks" in dialog.problem.text()
    pick(dialog.form.masks.kind, MaskKind.PAINTED)
    assert dialog.start.isEnabled()
    dialog.folder.line.clear()
    assert not dialog.start.isEnabled()
    dialog.close()


def test_a_set_that_is_opened_while_the_program_ends_is_let_go(loaded, dialog, open_studio, tmp_path):
    dialog.start.click()
    assert loaded.paired.progress is SetState.OPENING
    dialog.close()
    open_studio()  # closes the one before
    assert not list((tmp_path / "out").rglob("maker-*"))  # nobody is said to work on it
    FolderLock(tmp_path / "out").acquire()  # not refused


def test_the_models_examples_are_masks(loaded, model, mask_file, shell, until, qtbot, tmp_path):
    (model / "examples").mkdir()
    shutil.copy(mask_file, model / "examples" / "1-first.png")
    with Image.open(mask_file) as mask:
        mask.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(model / "examples" / "2-second.png")
    loaded.open_checkpoint(read_checkpoint(model))
    qtbot.waitUntil(lambda: loaded.runs.is_ready, timeout=30_000)
    dialog = filled(show_dialog(loaded, shell), tmp_path / "out", seeds=1)
    pick(dialog.form.masks.kind, MaskKind.EXAMPLES)
    assert dialog.form.masks.said.text() == "2 masks"
    dialog.start.click()
    until(loaded)
    assert [row["name"] for row in rows(tmp_path / "out")] == ["1-first_s0", "2-second_s0"]
    dialog.close()


def test_a_folder_with_real_data_is_refused(loaded, dialog, until, tiny_data, tmp_path):
    shutil.copytree(tiny_data, tmp_path / "out")
    dialog.start.click()
    until(loaded, SetState.NONE)
    assert "holds other files" in dialog.problem.text()
    assert not (tmp_path / "out" / "specification.json").exists()
    dialog.close()


def test_an_image_that_cannot_be_written_pauses_the_set(loaded, dialog, until, tmp_path):
    dialog.form.seed_count.setValue(500)
    dialog.start.click()
    until(loaded, SetState.RUNNING, done=3)
    images = tmp_path / "out" / "images" / "train"
    images.rename(tmp_path / "away")
    images.write_text("in the way")
    until(loaded, SetState.PAUSED)
    assert "cannot be written" in dialog.problem.text()
    images.unlink()
    (tmp_path / "away").rename(images)
    dialog.pause.click()
    until(loaded, SetState.RUNNING, done=loaded.paired.done + 3)
    dialog.cancel.click()
    until(loaded, SetState.STOPPED)
    dialog.close()


def test_a_closed_dialog_lets_the_set_go_on_and_the_window_tells(window, settings, until, tmp_path):
    settings(steps=1)
    window.commands["paired_set"].trigger()
    button, dialog = window.findChild(PairedButton), window.findChild(PairedDialog)
    filled(dialog, tmp_path / "out", 60)
    dialog.start.click()
    until(window.studio, SetState.RUNNING, done=1)
    dialog.close()
    assert button.isVisible()
    until(window.studio)
    assert not button.isVisible()
    window.commands["paired_set"].trigger()
    assert dialog.isVisible()
    assert window.findChildren(PairedDialog) == [dialog]
    dialog.close()


def test_a_closed_window_leaves_a_set_to_go_on_with(open_window, qtbot, tmp_path):
    for seeds in (3000, 0):
        window = open_window()
        qtbot.waitUntil(lambda window=window: window.studio.runs.is_ready, timeout=30_000)
        production = window.studio.paired
        dialog = show_dialog(window.studio, window.shell)
        dialog.folder.line.setText(str(tmp_path / "out"))
        if seeds:
            dialog.form.seed_count.setValue(seeds)
        dialog.start.click()
        qtbot.waitUntil(lambda production=production: production.done > 3, timeout=30_000)
        done = production.done
        window.close()
    assert done > 3
    assert len(rows(tmp_path / "out")) >= done


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "about 1 s"), (75, "about 75 s"), (600, "about 10 minutes"), (9000, "about 2.5 hours")],
)
def test_how_long_it_takes_is_told_in_words(seconds, words):
    assert in_words(seconds) == words


def test_a_set_that_cannot_start_claims_no_images_and_names_the_users_own_files(
    loaded, dialog, qtbot, tmp_path, drawn_mask
):
    folder = tmp_path / "masks"
    (folder / "folder.png").mkdir(parents=True)
    Image.fromarray(drawn_mask).save(folder / "good.png")
    (folder / "bad.png").write_bytes(b"no picture")
    (folder / "worse.png").write_bytes(b"neither")
    dialog.form.masks.take_files((folder,))
    dialog.form.masks.wait()
    asked = dialog.sentence.text()
    assert asked.startswith("6 images: 3 masks")
    dialog.start.click()
    qtbot.waitUntil(lambda: "2 masks cannot be used" in dialog.problem.text())
    for name in ("bad.png", "worse.png"):
        assert str(folder / name) in dialog.problem.text()
    assert dialog.sentence.text() == asked
    assert not dialog.bar.isVisible()
    assert loaded.paired.progress is SetState.NONE
    assert dialog.start.isVisible()
