"""Series of images in the real window."""

import numpy as np
import pytest
from PySide6.QtWidgets import QDialogButtonBox

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.runs.run_state import RunState
from segpaint.gui.making.explore_commands import ChooseLabels
from segpaint.gui.window.controller import Controller
from segpaint.studio.document.document import Purpose


@pytest.fixture
def explore(window):
    return window.findChild(Controller).explore


@pytest.fixture
def filled(qtbot):
    """Wait until a dialog has all its images."""

    def wait(dialog):
        qtbot.waitUntil(lambda: all(cell.pixels is not None for cell in dialog.cells), timeout=30_000)

    return wait


def test_many_seeds_fill_in_with_mean_and_spread(window, explore, filled, hand, tiny_engine, tmp_path):
    hand(window, (10, 10), (14, 14))
    dialog = explore.show_seeds(5)
    filled(dialog)
    assert dialog.progress.text() == "5 images"
    for cell in dialog.cells:
        *_, last = tiny_engine.run(cell.request)
        np.testing.assert_array_equal(cell.pixels, to_pixels(last.sample))
    mean, spread = dialog.sums
    np.testing.assert_allclose(mean.pixels, np.mean([cell.pixels for cell in dialog.cells], axis=0), atol=0.51)
    assert spread.pixels.any()
    dialog.save_to(tmp_path)
    assert len(list(tmp_path.glob("0?.png"))) == 5
    assert len(list(tmp_path.glob("0?.json"))) == 5
    dialog.close()


def test_a_run_comes_before_the_images_beside_it(window, explore, filled, finish, settings):
    dialog = explore.show_seeds(30)
    window.session.generate()
    finish(window)
    assert sum(cell.pixels is not None for cell in dialog.cells) < 30
    filled(dialog)
    dialog.close()


def test_a_closed_dialog_leaves_nothing_to_do(window, explore, qtbot, settings, filled):
    settings(steps=200)
    first = explore.show_seeds(50)
    settings(steps=2)
    second = explore.show_seeds(3)
    done = []
    window.session.job_done.connect(lambda ticket, _: done.append(ticket))
    first.close()
    filled(second)
    qtbot.wait(50)
    assert len(done) <= 4
    second.close()


def test_subsets_of_labels_are_left_out(window, explore, filled):
    window.commands["ablation_grid"].trigger()
    dialog = window.findChild(ChooseLabels)
    assert dialog.chosen == [1, 2]
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    for row in range(2):
        dialog.list.item(row).setCheckState(dialog.list.item(2).checkState())
    assert not ok.isEnabled()
    dialog.reject()
    grid = explore.show_ablations([1, 4])
    filled(grid)
    assert len({cell.pixels.tobytes() for cell in grid.cells}) == 4
    grid.close()


def test_a_click_takes_up_the_request(window, explore, filled, qtbot):
    grid = explore.show_ablations([4])
    filled(grid)
    grid.cells[1].chosen.emit(grid.cells[1].request)
    assert window.session.document.used == (1, 2)
    grid.close()


def test_the_similarity_strip_needs_a_reference(window, explore, filled, tiny_data):
    assert explore.show_similarities() is None
    assert "Open a reference" in window.messages.text.text()
    window.findChild(Controller).references.open_image(tiny_data / "images" / "val" / "val_0.png")
    from dataclasses import replace

    document = window.session.document
    document.change_settings(
        replace(document.settings, purpose=Purpose.NEAR, edit_steps=10, level=0.3, guidance=1.0)
    )
    strip = explore.show_similarities()
    filled(strip)
    distances = [np.abs(cell.pixels.astype(float) - document.reference.image).mean() for cell in strip.cells]
    assert len(distances) == 11
    assert distances[10] < distances[0]
    strip.close()


def test_opening_another_model_closes_the_series(window, explore, qtbot, settings):
    settings(steps=500)
    dialog = explore.show_seeds(4)
    closed = []
    dialog.destroyed.connect(lambda: closed.append(True))
    window.session.open_checkpoint(window.session.document.checkpoint)
    qtbot.waitUntil(lambda: bool(closed))
    qtbot.waitUntil(lambda: window.session.is_ready, timeout=30_000)
    assert window.session.state is RunState.NONE
