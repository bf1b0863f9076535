"""Sweeps made from the window's dialog: matched pairs for a series of amounts."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from set_files import pixels, rows

from segpaint.core.requests.verdict import Outcome
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.making.sweep_commands import SweepButton
from segpaint.io.results import read_request
from segpaint.paired.swept_set import count_missing
from segpaint.studio.document.document import Reference
from segpaint.studio.document.settings import Purpose
from segpaint.studio.making.set_production import SetState


@pytest.fixture
def studio(open_studio, judged_checkpoint):
    """One whose model has a segmenter."""
    return open_studio(judged_checkpoint)


@pytest.fixture
def reference(painted):
    """An open patient's image, described by the mask as it is painted."""
    document = painted.document
    pixels = np.full(document.mask.shape, 90, np.uint8)
    document.set_reference(Reference("Miller", pixels, document.mask.snapshot(), document.used))
    document.change_settings(replace(document.settings, purpose=Purpose.EDIT, way="warp", margin=1.0))
    return document.reference


@pytest.fixture
def dialog(painted, shell, tmp_path):
    """Open the dialog for two amounts."""

    def open_():
        dialog = COMMANDS["sweep"].run(painted, shell)
        dialog.show()
        dialog.form.amounts.setValue(2)
        dialog.folder.line.setText(str(tmp_path / "pairs"))
        return dialog

    return open_


@pytest.fixture
def until(painted, qtbot):
    """Wait for the sweep to be so far."""

    def wait(progress=SetState.FINISHED, done=0):
        sweeps = painted.sweeps
        qtbot.waitUntil(lambda: sweeps.progress is progress and sweeps.done >= done, timeout=60_000)

    return wait


def test_a_reference_is_swept(painted, reference, dialog, until, qtbot, tmp_path):
    opened = dialog()
    assert opened.form.before.currentText() == "The reference, Miller"
    assert opened.form.promise.text().startswith("PATIENT DATA: the reference goes into the folder")
    assert not opened.form.promise.isHidden()
    qtbot.waitUntil(lambda: opened.form.count == 2)
    assert opened.sentence.text().startswith("2 matched pairs of body, by percent of its area")
    assert [caption.text() for caption in opened.form.captions] == ["-20 %", "before", "+20 %"]
    opened.start.click()
    until()
    made = rows(tmp_path / "pairs")
    assert [(row["label"], row["amount"], row["kind_a"]) for row in made] == [
        ("body", "-20.0", "patient"), ("body", "20.0", "patient"),
    ]  # fmt: skip
    assert all(0 <= float(row["dice"]) <= 1 and row["verdict"] for row in made)
    for row in made:
        np.testing.assert_array_equal(pixels(tmp_path / "pairs" / "a" / f"{row['name']}.png"), reference.image)
    unknown = [row["amount"] for row in made if row["verdict"] == Outcome.UNKNOWN.value]
    words = f"{len(unknown)} amount{'s' * (len(unknown) > 1)} of body could not be judged" if unknown else ""
    assert opened.notes.text().startswith(f"Finished: 2 matched pairs. {words}".strip())
    assert [f"{float(amount):+g} %" in opened.notes.text() for amount in unknown] == [True] * len(unknown)
    assert opened.start.isVisible()  # another label may follow
    assert painted.preferences.chosen.files.matched == str(tmp_path / "pairs")


def test_a_made_image_is_swept_and_makes_no_promise(
    painted, finish, dialog, until, qtbot, tiny_engine, tmp_path
):
    painted.runs.generate()
    finish(painted)
    opened = dialog()
    assert opened.form.before.currentText() == "The image shown, seed 0"
    assert opened.form.promise.isHidden()
    opened.form.gesture.setCurrentIndex(2)
    opened.form.gesture.activated.emit(2)
    opened.form.way.setCurrentIndex(1)
    opened.form.way.activated.emit(1)
    qtbot.waitUntil(lambda: opened.form.count == 2)
    opened.start.click()
    until()
    first, last = rows(tmp_path / "pairs")
    assert (first["gesture"], first["kind_a"], first["kind_b"]) == ("move down", "made", "made")
    before = read_request(tmp_path / "pairs" / "a" / f"{last['name']}.png")
    assert before.model_dump_json() == painted.runs.request.model_dump_json()


def test_a_sweep_is_paused_cancelled_and_gone_on_with(
    painted, reference, dialog, until, shell, qtbot, tmp_path
):
    opened = dialog()
    button = SweepButton(painted, shell)
    qtbot.addWidget(button)
    opened.form.amounts.setValue(41)
    qtbot.waitUntil(lambda: opened.form.count > 20)
    count = opened.form.count
    opened.start.click()
    assert not opened.form.first.isEnabled()
    until(SetState.RUNNING, done=2)
    opened.pause.click()
    until(SetState.PAUSED)
    assert button.text().startswith("sweep: ")
    opened.cancel.click()
    until(SetState.STOPPED)
    qtbot.waitUntil(lambda: opened.start.text() == "Go on")
    assert 0 < count_missing(tmp_path / "pairs") <= count - 2
    painted.document.set_reference(None)  # it is in the folder
    opened.start.click()
    until(done=count)
    assert len(rows(tmp_path / "pairs")) == count
    assert count_missing(tmp_path / "pairs") == 0
    qtbot.waitUntil(lambda: opened.start.text() == "Start")


def test_the_dialog_reports_what_is_missing_and_what_cannot_be(painted, dialog, qtbot):
    opened = dialog()
    assert opened.sentence.text() == "Open a reference, or make an image first."
    assert not opened.start.isEnabled()
    size = painted.document.mask.shape
    blank = np.zeros(size, np.uint8)
    painted.document.set_reference(Reference("Miller", np.full(size, 90, np.uint8), blank, (1,)))
    opened.form.refresh()
    assert opened.sentence.text() == "The mask of this image shows no label."
    painted.document.set_reference(
        Reference("Miller", np.full(size, 90, np.uint8), painted.document.mask.snapshot(), (1,))
    )
    opened.form.refresh()
    opened.form.gesture.setCurrentIndex(1)
    opened.form.gesture.activated.emit(1)
    qtbot.waitUntil(lambda: "body has no inside" in opened.sentence.text())
    assert not opened.start.isEnabled()


def test_millimetres_are_offered_where_they_are_known(painted, reference, dialog, qtbot):
    form = dialog().form
    place = form.unit.findData("mm")
    assert form.unit.toolTip().startswith("How wide the pixels of this image are is not known")
    assert not form.unit.model().flags(form.unit.model().index(place, 0)) & Qt.ItemFlag.ItemIsEnabled
    painted.document.set_reference(replace(reference, pixel_spacing=0.5))
    form.refresh()
    assert form.unit.toolTip() == ""
    assert form.unit.model().flags(form.unit.model().index(place, 0)) & Qt.ItemFlag.ItemIsEnabled
    form.unit.setCurrentIndex(place)
    form.unit.activated.emit(place)
    assert (form.first.value(), form.last.value()) == (-2, 2)
    qtbot.waitUntil(lambda: form.count == 2)
    assert form.sentence.startswith("2 matched pairs of body, by millimetres that its outline moves; 0 mm is")
    assert [caption.text() for caption in form.captions] == ["-2 mm", "before", "+2 mm"]
    painted.document.set_reference(replace(reference, pixel_spacing=None))
    form.refresh()
    assert (form.unit.currentData(), form.first.value(), form.last.value()) == ("%", -20, 20)


def test_a_folder_that_cannot_be_used_is_reported(painted, reference, dialog, qtbot, tmp_path):
    opened = dialog()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "scan.png").touch()
    opened.folder.line.setText(str(tmp_path / "other"))
    qtbot.waitUntil(lambda: opened.form.count == 2 and opened.start.isEnabled())
    opened.start.click()
    qtbot.waitUntil(lambda: "holds other files, such as scan.png" in opened.problem.text())
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["scan.png"]
