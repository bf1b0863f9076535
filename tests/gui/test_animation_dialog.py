"""Exporting animations."""

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog

from segpaint.gui.making.animation_commands import export_run
from segpaint.gui.making.animation_dialog import AnimationDialog
from segpaint.gui.making.explore_commands import show_seeds


@pytest.fixture
def written(qtbot, studio):
    """Export with a dialog and wait for the file."""

    def write(dialog, path):
        with qtbot.waitSignal(studio.films.written, timeout=30_000):
            dialog.export_to(path)
        qtbot.waitUntil(lambda: path.name in dialog.said.text())
        with Image.open(path) as image:
            return image.n_frames, image.size

    return write


def test_a_run_becomes_an_animation(loaded, shell, finish, written, tmp_path):
    assert export_run(loaded, shell) is None
    assert "generate an image first" in shell.warned[-1]
    loaded.runs.generate()
    finish(loaded)
    dialog = export_run(loaded, shell)
    assert dialog.what.count() == 1
    frames, (width, height) = written(dialog, tmp_path / "run.gif")
    assert frames == 4
    assert width == 512 < height
    dialog.mask_box.setChecked(True)
    dialog.noisy.setChecked(True)
    dialog.captions.setChecked(False)
    dialog.size_box.setCurrentIndex(1)
    frames, (width, height) = written(dialog, tmp_path / "run.webp")
    assert frames == 4
    assert height == 768
    assert width > 3 * 768
    dialog.close()


def test_a_branch_is_seen_beside_its_parent(loaded, shell, finish, paint, written, tmp_path):
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    runs.scrub(1)
    paint((24, 8))
    runs.branch_off()
    finish(loaded)
    dialog = export_run(loaded, shell)
    dialog.what.setCurrentIndex(1)
    assert not dialog.noisy.isEnabled()
    _, (width, _) = written(dialog, tmp_path / "branches.gif")
    assert width > 2 * 512
    dialog.close()


def test_a_series_becomes_an_animation(loaded, shell, qtbot, written, tmp_path):
    series = show_seeds(loaded, shell, 3)
    assert not series.animate.isEnabled()
    qtbot.waitUntil(series.animate.isEnabled, timeout=30_000)
    series.animate.click()
    dialog = shell.opened[-1]
    assert isinstance(dialog, AnimationDialog)
    dialog.show()
    assert not dialog.mask_box.isVisible()
    frames, _ = written(dialog, tmp_path / "seeds.webp")
    assert frames == 4  # forth and back: 1 2 3 2
    dialog.close()
    series.close()


def test_what_went_wrong_is_said_and_it_can_be_tried_again(loaded, shell, finish, qtbot, tmp_path, written):
    loaded.runs.generate()
    finish(loaded)
    dialog = export_run(loaded, shell)
    with qtbot.waitSignal(loaded.films.failed, timeout=30_000):
        dialog.export_to(tmp_path / "run.avi")
    qtbot.waitUntil(dialog.export.isEnabled)
    assert "let it end in .gif, .webp or .mp4" in dialog.said.text()
    written(dialog, tmp_path / "run.gif")
    dialog.close()


def test_closing_gives_up_what_is_not_written(loaded, shell, finish, settings, tmp_path):
    settings(steps=60)
    loaded.runs.generate()
    finish(loaded)
    dialog = export_run(loaded, shell)
    dialog.size_box.setCurrentIndex(2)
    dialog.mask_box.setChecked(True)
    dialog.export_to(tmp_path / "long.gif")
    dialog.close()
    loaded.films.close()
    loaded.background.flush("films")
    assert list(tmp_path.glob("*.gif")) == []


def test_the_name_that_save_image_proposes_is_proposed_with_the_ending_of_a_film(
    loaded, shell, finish, monkeypatch
):
    proposed = []
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *words: proposed.append(Path(words[2]).name) or ("", "")
    )
    loaded.runs.generate()
    finish(loaded)
    dialog = export_run(loaded, shell)
    dialog.export.click()
    request = loaded.runs.request
    assert proposed == [f"{request.checkpoint}_{request.seed}.gif"]
    dialog.close()
