"""Series of images."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.runs.run_state import RunState
from segpaint.gui.files.references import open_image
from segpaint.gui.making.explore_commands import ChooseLabels, show_ablations, show_seeds, show_similarities
from segpaint.studio.document.document import Document
from segpaint.studio.document.settings import Purpose


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


def test_images_asked_for_while_the_model_loads_are_made_once_it_is(studio, shell, filled, qtbot):
    studio.start()
    assert not studio.runs.is_ready
    assert show_seeds(studio, shell, 3) is None
    assert "as soon as the model is loaded" in shell.warned[-1]
    qtbot.waitUntil(lambda: bool(shell.opened), timeout=30_000)
    filled(shell.opened[-1])
    assert len(shell.opened) == 1
    studio.runs.model_changed.emit()
    assert len(shell.opened) == 1


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
    assert dialog.count.text() == "4 images"
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    for row in range(dialog.list.count()):
        dialog.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert not ok.isEnabled()
    assert dialog.count.text() == "Tick the labels to leave out."
    dialog.reject()
    grid = show_ablations(loaded, shell, [1, 4])
    filled(grid)
    assert len({cell.pixels.tobytes() for cell in grid.cells}) == 4
    grid.close()


@pytest.mark.parametrize("kind", ["seeds", "ablations", "similarities"])
def test_a_click_takes_up_all_that_an_image_is_made_from(
    loaded, shell, filled, qtbot, settings, kind, tiny_data, finish
):
    document = loaded.document
    if kind == "similarities":
        open_image(loaded, shell, tiny_data / "images" / "val" / "val_0.png")
        settings(purpose=Purpose.NEAR, edit_steps=4, level=0.5)
    else:
        settings(steps=4)
    document.keeps_seed = False  # each new run would draw a seed of its own
    show = {
        "seeds": lambda: show_seeds(loaded, shell, 3),
        "ablations": lambda: show_ablations(loaded, shell, [4]),
        "similarities": lambda: show_similarities(loaded, shell),
    }[kind]
    grid = show()
    filled(grid)
    cell, mask = grid.cells[1], document.mask.snapshot()
    reference = document.reference.name if document.reference is not None else None
    document.set_label(2, used=False)
    document.strokes.replace(np.zeros_like(mask), "New")
    settings(steps=9, edit_steps=9, guidance=3.0, seed=77)
    qtbot.mouseClick(cell, Qt.MouseButton.LeftButton)
    assert document.request(loaded.runs.precision).model_dump_json() == cell.request.model_dump_json()
    np.testing.assert_array_equal(loaded.runs.trajectory.current.picture, cell.pixels)
    assert (document.reference.name if document.reference is not None else None) == reference
    loaded.runs.generate()
    finish(loaded)
    assert loaded.runs.request.model_dump_json() == cell.request.model_dump_json()
    np.testing.assert_array_equal(loaded.runs.trajectory.result.picture, cell.pixels)
    grid.close()


def conditions(document):
    return document.used, document.settings, document.keeps_seed, document.reference


@pytest.mark.parametrize("keeps_seed", [True, False])
@pytest.mark.parametrize("kind", ["seeds", "ablations", "similarities"])
def test_what_a_click_takes_up_is_undone_and_redone_in_one_step(
    loaded, shell, filled, run, settings, kind, tiny_data, keeps_seed
):
    document = loaded.document
    settings(steps=4)
    if kind == "similarities":
        open_image(loaded, shell, tiny_data / "images" / "val" / "val_0.png")
        settings(purpose=Purpose.NEAR, edit_steps=4, level=0.5)
    document.keeps_seed = keeps_seed
    grid = {
        "seeds": lambda: show_seeds(loaded, shell, 3),
        "ablations": lambda: show_ablations(loaded, shell, [4]),
        "similarities": lambda: show_similarities(loaded, shell),
    }[kind]()
    filled(grid)
    settings(seed=77, guidance=3.0, purpose=Purpose.NEW)
    document.set_label(2, used=False)
    mask, before = document.mask.snapshot(), conditions(document)
    cell = grid.cells[1]
    cell.chosen.emit(cell.request, cell.pixels)
    taken = conditions(document)
    assert taken[:2] != before[:2]
    run("undo")
    assert conditions(document) == before
    np.testing.assert_array_equal(document.mask.values, mask)
    run("redo")
    assert conditions(document) == taken
    assert document.request(loaded.runs.precision).model_dump_json() == cell.request.model_dump_json()
    grid.close()


def test_a_setting_changed_since_an_image_was_taken_up_outlasts_its_undoing(
    loaded, shell, filled, run, settings
):
    settings(steps=4, seed=5)
    grid = show_ablations(loaded, shell, [1, 4])
    filled(grid)
    settings(seed=6)
    grid.cells[3].chosen.emit(grid.cells[3].request, None)
    assert loaded.document.used == tuple(set(loaded.document.table.indices) - {1, 4})
    settings(guidance=2.5)
    run("undo")
    assert loaded.document.used == loaded.document.table.indices
    assert loaded.document.settings.seed == 6
    assert loaded.document.settings.guidance == 2.5
    grid.close()


def test_an_image_that_is_taken_up_twice_is_one_edit(loaded, shell, filled, settings):
    grid = show_seeds(loaded, shell, 3)
    for _ in range(2):
        grid.cells[2].chosen.emit(grid.cells[2].request, None)
    assert loaded.document.strokes.stack.count() == 1
    grid.close()


def test_a_click_on_an_image_that_is_not_finished_takes_it_up_all_the_same(studio, shell, qtbot, loaded):
    grid = show_seeds(loaded, shell, 3)
    grid.cells[2].chosen.emit(grid.cells[2].request, None)
    assert loaded.document.settings.seed == grid.cells[2].request.seed
    assert loaded.runs.trajectory.current is None
    grid.close()


def test_the_labels_ticked_first_stand_out_in_the_mask(loaded, shell, run):
    document = loaded.document
    values = np.zeros((32, 32), np.uint8)
    values[2:30, 2:30], values[5:15, 5:15], values[20:23, 20:23] = 1, 2, 4
    document.strokes.replace(values, "Open")
    document.paint_value = 1
    run("ablation_grid")
    # Body lies around the others, so that without it nothing would be left.
    around = {outer for index in (1, 2, 4) for outer in document.table.ancestors(index)}
    assert set(shell.opened[-1].chosen) == {1, 2, 4} - around


def test_the_similarity_strip_needs_a_reference(loaded, shell, filled, settings, tiny_data, monkeypatch):
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
    titles = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda _parent, title: titles.append(title))
    strip.save.click()
    assert "PATIENT DATA" in titles[0]
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


def test_undo_shows_the_image_from_before_a_click(loaded, shell, filled, run, settings, finish):
    runs = loaded.runs
    settings(steps=4)
    grid = show_seeds(loaded, shell, 3)
    filled(grid)
    first, second = grid.cells[1], grid.cells[2]

    def shown():
        return None if runs.trajectory.result is None else runs.trajectory.result.noisy

    first.chosen.emit(first.request, first.pixels)
    second.chosen.emit(second.request, second.pixels)
    run("undo")
    assert shown() is first.pixels
    assert runs.branches.current.source
    assert not runs.is_outdated
    run("redo")
    assert shown() is second.pixels
    run("undo")
    run("undo")
    assert shown() is None
    assert runs.looked_at is None
    runs.generate()
    finish(loaded)
    made = shown()
    run("redo")
    assert shown() is made  # what was made since stays
    grid.close()
