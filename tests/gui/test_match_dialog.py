"""Before and after are saved as a matched pair, by hand."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from segpaint.core.masks.amounts import Change
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.making.figure_commands import panels_of
from segpaint.gui.making.match_commands import obstacle, pair_of, save_pair
from segpaint.gui.making.match_dialog import LANE
from segpaint.io.results import read_request
from segpaint.studio.document.document import Reference
from segpaint.studio.document.settings import Purpose
from segpaint.studio.view.comparison import Against


@pytest.fixture
def add(painted, shell, qtbot, tmp_path):
    """Add what is shown to a folder, and read the manifest."""

    def add_():
        dialog = save_pair(painted, shell)
        dialog.folder.line.setText(str(tmp_path / "pairs"))
        dialog.add.click()
        qtbot.waitUntil(lambda: dialog.said.text() != "" or dialog.problem.text() != "")
        with (tmp_path / "pairs" / "manifest.csv").open(newline="") as file:
            return dialog, list(csv.DictReader(file))

    return add_


@pytest.fixture
def generate(painted, finish):
    def make():
        painted.runs.generate()
        finish(painted)
        return painted.runs.trajectory.result.noisy

    return make


@pytest.fixture
def with_reference(painted):
    """Open a patient's image, described by the mask as it is painted."""
    document = painted.document
    pixels = np.full(document.mask.shape, 90, np.uint8)
    document.set_reference(Reference("Miller", pixels, document.mask.snapshot(), document.used))
    document.change_settings(replace(document.settings, purpose=Purpose.EDIT, way="warp"))
    return document.reference


def test_one_gesture_is_named_with_its_amount(painted, generate, paint, add):
    generate()
    painted.document.paint_value = 1
    desk = painted.anatomy
    desk.begin("grow")
    desk.set_amount(2)
    desk.apply()
    generate()
    _, (row,) = add()
    assert (row["gesture"], row["label"], row["amount"], row["unit"]) == ("grow", "body", "2.0", "px")
    paint((4, 25), (8, 25))
    generate()
    _, rows = add()
    assert [(row["gesture"], row["amount"], row["unit"]) for row in rows[1:]] == [("", "", "")]


def test_a_gesture_without_an_amount_and_two_gestures_are_told_apart(painted, generate):
    generate()
    before = painted.document.mask.snapshot()
    painted.document.paint_value = 1
    desk = painted.anatomy
    desk.begin("mirror")
    desk.set_way("about the image's middle")
    desk.apply()
    middle = painted.document.mask.snapshot()
    assert desk.done.find(before, middle) == Change("mirror about the image's middle", "body")
    desk.begin("shrink")
    desk.set_amount(1.5)
    desk.cancel()
    desk.begin("shrink")
    desk.set_amount(1)
    desk.apply()
    after = painted.document.mask.snapshot()
    assert desk.done.find(middle, after) == Change("shrink", "body", 1.0, "px")
    assert desk.done.find(before, after) is None


def test_a_dialog_may_be_closed_before_its_pair_is_written(painted, shell, generate, paint, qtbot, tmp_path):
    generate()
    paint((4, 25), (8, 25))
    generate()
    dialog = save_pair(painted, shell)
    dialog.folder.line.setText(str(tmp_path / "pairs"))
    dialog.add.click()
    dialog.close()
    dialog.deleteLater()
    qtbot.waitUntil((tmp_path / "pairs" / "manifest.csv").exists)
    painted.background.flush(LANE)
    qtbot.wait(50)  # an error in a slot fails the test


def test_there_is_nothing_to_save_without_a_before_and_an_after(painted, shell, generate):
    command = COMMANDS["save_pair"]
    assert command.enabled(painted) == "There is no image yet, and so no before and after"
    assert save_pair(painted, shell) is None
    assert shell.warned == ["There is no image yet, and so no before and after."]
    generate()
    assert command.enabled(painted).startswith("Nothing is before this image")
    painted.view.comparison.compare_with(Against.MASK)
    assert command.enabled(painted).startswith("Nothing is before this image")


def test_a_revision_is_saved_with_the_image_that_it_changes(painted, generate, paint, add, tmp_path):
    first = generate()
    request = painted.runs.request
    paint((4, 25), (8, 25))
    second = generate()
    assert [panel.name for panel in panels_of(painted)][-1] == "Difference"
    dialog, rows = add()
    assert dialog.said.text() == "Added as tiny_0-001. The folder holds 1 matched pair."
    assert dialog.promise.isHidden()
    assert [(row["kind_a"], row["kind_b"], row["label"]) for row in rows] == [("made", "made", "body")]
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "pairs/a/tiny_0-001.png")), first)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "pairs/b/tiny_0-001.png")), second)
    assert read_request(tmp_path / "pairs/a/tiny_0-001.png").model_dump_json() == request.model_dump_json()


def test_a_patients_original_goes_along_because_it_is_asked_for(
    painted, with_reference, generate, paint, add, tmp_path
):
    paint((4, 25), (8, 25))
    image = generate()
    dialog, rows = add()
    assert dialog.promise.text() == (
        "PATIENT DATA: the patient's original goes into the folder whole, because you ask for it here."
    )
    assert not dialog.promise.isHidden()
    assert "Before (a): a patient's image. After (b): a patient's image, edited" in dialog.about.text()
    assert [(row["kind_a"], row["kind_b"]) for row in rows] == [("patient", "edited")]
    assert "Miller" not in str([*(tmp_path / "pairs").rglob("*")])
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "pairs/a/tiny_0-001.png")), with_reference.image
    )
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "pairs/b/tiny_0-001.png")), image)


def test_a_branch_is_saved_with_its_parent_and_the_same_pair_once(painted, generate, finish, paint, add):
    painted.document.change_settings(replace(painted.document.settings, steps=3))
    generate()
    painted.runs.scrub(1)
    assert obstacle(painted) == "A step of a run is shown; look at the finished image"
    paint((4, 25), (8, 25))
    painted.runs.branch_off()
    finish(painted)
    pair = pair_of(painted)
    assert pair.a.request == painted.runs.branches.current.parent.request
    assert pair.b.request.changes
    _, rows = add()
    assert len(rows) == 1
    dialog, rows = add()
    assert "in " in dialog.problem.text()
    assert "already, as tiny_0-001" in dialog.problem.text()
    assert len(rows) == 1


def test_the_folder_is_remembered_and_pairs_are_numbered(painted, shell, generate, paint, add, tmp_path):
    painted.view.comparison.pin()
    for column in (4, 12):
        generate()
        painted.view.comparison.pin()
        paint((column, 26), (column + 2, 26))
        generate()
        _, rows = add()
    assert [row["name"] for row in rows] == ["tiny_0-001", "tiny_0-002"]
    dialog = save_pair(painted, shell)
    assert dialog.folder.path == tmp_path / "pairs"


def test_an_image_made_without_the_reference_is_no_pair_with_it(painted, with_reference, generate):
    painted.document.change_settings(replace(painted.document.settings, purpose=Purpose.NEW))
    generate()
    assert obstacle(painted) == "One of the two images is a patient's, and the other was made without it"


def test_a_folder_with_other_files_says_so_and_can_be_changed(painted, shell, generate, paint, qtbot, tmp_path):
    generate()
    paint((4, 25), (8, 25))
    generate()
    dialog = save_pair(painted, shell)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "scan.png").touch()
    dialog.folder.line.setText(str(tmp_path / "other"))
    dialog.add.click()
    qtbot.waitUntil(lambda: "holds other files" in dialog.problem.text())
    assert dialog.add.isEnabled()
    dialog.folder.line.setText(str(tmp_path / "new"))
    assert dialog.problem.text() == ""
