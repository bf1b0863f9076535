"""Exporting animations from the real window."""

import pytest
from PIL import Image

from segpaint.gui.making.animation_dialog import AnimationDialog
from segpaint.gui.window.controller import Controller


@pytest.fixture
def animations(window):
    return window.findChild(Controller).animations


@pytest.fixture
def written(qtbot, animations):
    """Export with a dialog and wait for the file."""

    def write(dialog, path):
        with qtbot.waitSignal(animations.writer.written, timeout=30_000):
            dialog.export_to(path)
        qtbot.waitUntil(lambda: path.name in dialog.said.text())
        with Image.open(path) as image:
            return image.n_frames, image.size

    return write


def test_a_run_becomes_an_animation(window, animations, finish, written, tmp_path):
    assert animations.export_run() is None
    assert "generate an image first" in window.messages.text.text()
    window.session.generate()
    finish(window)
    dialog = animations.export_run()
    assert dialog.what.count() == 1
    frames, (width, height) = written(dialog, tmp_path / "run.gif")
    assert frames == 4
    assert width == 512 < height
    dialog.mask.setChecked(True)
    dialog.noisy.setChecked(True)
    dialog.captions.setChecked(False)
    dialog.size_box.setCurrentIndex(1)
    frames, (width, height) = written(dialog, tmp_path / "run.webp")
    assert frames == 4
    assert height == 768
    assert width > 3 * 768
    dialog.close()


def test_a_branch_is_seen_beside_its_parent(window, animations, finish, hand, written, tmp_path):
    session = window.session
    session.generate()
    finish(window)
    session.scrub(1)
    hand(window, (24, 8))
    session.branch_off()
    finish(window)
    dialog = animations.export_run()
    dialog.what.setCurrentIndex(1)
    assert not dialog.noisy.isEnabled()
    _, (width, _) = written(dialog, tmp_path / "branches.gif")
    assert width > 2 * 512
    dialog.close()


def test_a_series_becomes_an_animation(window, qtbot, written, tmp_path):
    series = window.findChild(Controller).explore.show_seeds(3)
    assert not series.animate.isEnabled()
    qtbot.waitUntil(series.animate.isEnabled, timeout=30_000)
    series.animate.click()
    dialog = series.findChild(AnimationDialog)
    assert not dialog.mask.isVisible()
    frames, _ = written(dialog, tmp_path / "seeds.webp")
    assert frames == 4  # forth and back: 1 2 3 2
    dialog.close()
    series.close()


def test_what_went_wrong_is_said_and_it_can_be_tried_again(
    window, animations, finish, qtbot, tmp_path, written
):
    window.session.generate()
    finish(window)
    dialog = animations.export_run()
    with qtbot.waitSignal(animations.writer.failed, timeout=30_000):
        dialog.export_to(tmp_path / "run.avi")
    qtbot.waitUntil(dialog.export.isEnabled)
    assert "let it end in .gif, .webp or .mp4" in dialog.said.text()
    written(dialog, tmp_path / "run.gif")
    dialog.close()


def test_closing_gives_up_what_is_not_written(window, animations, finish, settings, tmp_path):
    settings(steps=60)
    window.session.generate()
    finish(window)
    dialog = animations.export_run()
    dialog.size_box.setCurrentIndex(2)
    dialog.mask.setChecked(True)
    dialog.export_to(tmp_path / "long.gif")
    dialog.close()
    animations.writer.close()
    assert list(tmp_path.glob("*.gif")) == []
