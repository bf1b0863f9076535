"""What the history has starred becomes a paired set, from the window."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from segpaint.gui.commands.command import COMMANDS
from segpaint.training.dataset import read_data_set


@pytest.fixture
def results(painted, finish):
    """Two finished images in the history, of which the first is starred."""
    made = []
    for seed in (3, 4):
        painted.document.change_settings(replace(painted.document.settings, seed=seed))
        painted.runs.generate()
        finish(painted)
        made.append(painted.runs.trajectory.result.noisy)
        painted.background.flush("history")
    folder = painted.history.folder
    folder.star([folder.open()[0]], on=True)
    return made


@pytest.fixture
def dialog(painted, shell, qtbot):
    """Open the dialog, and wait until it has looked."""

    def open_():
        dialog = COMMANDS["from_starred"].run(painted, shell)
        qtbot.waitUntil(lambda: "Looking" not in dialog.sentence.text())
        return dialog

    return open_


def test_what_is_starred_is_taken_into_a_set(painted, results, dialog, qtbot, tmp_path):
    opened = dialog()
    assert opened.sentence.text().startswith("1 starred image with its mask, as the history has it.")
    assert not opened.take.isEnabled()
    opened.folder.line.setText(str(tmp_path / "set"))
    opened.take.click()
    qtbot.waitUntil(lambda: opened.said.text() == "1 pair taken into the set.")
    with (tmp_path / "set" / "manifest.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["name"], row["seed"]) == ("starred-1_s3", "3")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "set" / row["image"])), results[0])
    data = read_data_set(tmp_path / "set")
    np.testing.assert_array_equal(data.train.masks[0], painted.document.mask.values)
    assert not opened.layout_box.isEnabled()  # that of the set
    opened.take.click()
    qtbot.waitUntil(lambda: opened.said.text() == "0 pairs taken into the set; 1 was there before.")


def test_without_a_star_the_dialog_shows_how_to_give_one(dialog):
    opened = dialog()
    assert opened.sentence.text().startswith("Nothing is starred. In the history")
    opened.folder.line.setText("set")
    assert not opened.take.isEnabled()


def test_a_folder_that_cannot_be_used_is_reported(results, dialog, qtbot, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "scan.png").touch()
    opened = dialog()
    opened.folder.line.setText(str(tmp_path / "other"))
    opened.take.click()
    qtbot.waitUntil(lambda: "holds other files" in opened.problem.text())
    assert opened.take.isEnabled()
    assert opened.said.text() == ""
