"""Series of images."""

import numpy as np
import pytest
from PySide6.QtWidgets import QDialogButtonBox

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.runs.run_state import RunState
from segpaint.gui.files.references import open_image
from segpaint.gui.making.explore_commands import ChooseLabels, show_ablations, show_seeds, show_similarities
from segpaint.studio.document.document import Document, Purpose


@pytest.fixture
def filled(qtbot):
    """Wait until a dialog has all its images."""

    def wait(dialog):
        qtbot.waitUntil(lambda: all(cell.pixels is not None for cell in dialog.cells), timeout=30_000)

    return wait


def test_many_seeds_fill_in_with_mean_and_spread(loaded, shell, filled, paint, tiny_engine, tmp_path):
    paint((10, 10), (14, 14))
    dialog = show_seeds(loaded, shell, 5)
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


def test_a_run_comes_before_the_images_beside_it(loaded, shell, filled, finish, settings):
    dialog = show_seeds(loaded, shell, 30)
    loaded.runs.generate()
    finish(loaded)
    assert sum(cell.pixels is not None for cell in dialog.cells) < 30
    filled(dialog)
    dialog.close()


def test_a_closed_dialog_leaves_nothing_to_do(loaded, shell, qtbot, settings, filled):
    settings(steps=200)
    first = show_seeds(loaded, shell, 50)
    settings(steps=2)
    second = show_seeds(loaded, shell, 3)
    done = []
    loaded.jobs.done.connect(lambda ticket, _: done.append(ticket))
    first.show()
    first.close()
    filled(second)
    qtbot.wait(50)
    assert len(done) <= 4
    second.close()


def test_subsets_of_labels_are_left_out(loaded, shell, run, filled):
    run("ablation_grid")
    (dialog,) = shell.opened
    assert isinstance(dialog, ChooseLabels)
    assert dialog.chosen == [1, 2]
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    for row in range(2):
        dialog.list.item(row).setCheckState(dialog.list.item(2).checkState())
    assert not ok.isEnabled()
    dialog.reject()
    grid = show_ablations(loaded, shell, [1, 4])
    filled(grid)
    assert len({cell.pixels.tobytes() for cell in grid.cells}) == 4
    grid.close()


def test_a_click_takes_up_the_request(loaded, shell, filled, qtbot):
    grid = show_ablations(loaded, shell, [4])
    filled(grid)
    grid.cells[1].chosen.emit(grid.cells[1].request)
    assert loaded.document.used == (1, 2)
    grid.close()


def test_the_similarity_strip_needs_a_reference(loaded, shell, filled, settings, tiny_data):
    assert show_similarities(loaded, shell) is None
    assert "Open a reference" in shell.warned[-1]
    open_image(loaded, shell, tiny_data / "images" / "val" / "val_0.png")
    settings(purpose=Purpose.NEAR, edit_steps=10, level=0.3, guidance=1.0)
    strip = show_similarities(loaded, shell)
    filled(strip)
    distances = [
        np.abs(cell.pixels.astype(float) - loaded.document.reference.image).mean() for cell in strip.cells
    ]
    assert len(distances) == 11
    assert distances[10] < distances[0]
    strip.close()


def test_opening_another_model_closes_the_series(window, qtbot, settings):
    settings(steps=500)
    dialog = show_seeds(window.studio, window.shell, 4)
    closed = []
    dialog.destroyed.connect(lambda: closed.append(True))
    window.studio.open_document(Document(window.studio.document.checkpoint))
    qtbot.waitUntil(lambda: bool(closed))
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    assert window.studio.runs.state is RunState.NONE
