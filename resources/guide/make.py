"""Draws the pictures of the guide and of the README: the real window, in each state of `window.md`.

    python resources/guide/make.py REFERENCE.png

The reference is a real slice for the heart model, with its mask beside it or in its data set.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, QItemSelectionModel, QPointF, QSize, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from scipy.ndimage import zoom

from segpaint.api import open_checkpoint
from segpaint.app import build_window
from segpaint.core.masks import gestures
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import Side
from segpaint.core.masks.paint import brush
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.volume import ArrayVoxels, Stored, Volume
from segpaint.gui.commands.key_editor import KeyEditor
from segpaint.gui.files.opening import open_file, open_mask
from segpaint.gui.files.references import open_image
from segpaint.gui.history.results import star
from segpaint.gui.making.deck_commands import choose_pairs
from segpaint.gui.making.explore_commands import show_ablations, show_seeds, show_similarities
from segpaint.gui.making.figure_commands import export_figure
from segpaint.gui.making.paired_commands import show_dialog
from segpaint.gui.style.theme import Choice, apply_theme, theme
from segpaint.gui.window.guide_window import GuideWindow
from segpaint.gui.window.main_window import MainWindow
from segpaint.paths import checkpoint_folders, example_masks, find_checkpoint
from segpaint.studio.document.document import Document
from segpaint.studio.document.settings import Purpose
from segpaint.studio.studio import Studio

GUIDE = Path(__file__).parent
HEART, HEAD = "cardiac-cine-mri-128", "head-neck-ct-128"
CAVITY, MYOCARDIUM = 1, 2
SIZE = QSize(1280, 760)


def wait(until: Callable[[], object], seconds: float = 300) -> None:
    """Let the window work until something is so."""
    loop, look = QEventLoop(), QTimer(interval=20)
    look.timeout.connect(lambda: until() and loop.quit())
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    look.start()
    loop.exec()
    if not until():
        raise TimeoutError("the window did not get there")


def look_at(widget: QWidget) -> np.ndarray:
    """The pixels of a widget."""
    wait(lambda: True)
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def shoot(widget: QWidget, name: str) -> None:
    """Draw a widget into a picture of the guide."""
    keep(look_at(widget), name)


def keep(pixels: np.ndarray, name: str) -> None:
    """Write a picture of the guide."""
    Image.fromarray(pixels).save(GUIDE / f"{name}.webp", quality=88, method=6)
    print(name, flush=True)  # noqa: T201 - it takes minutes


@contextmanager
def opened(model: str) -> Iterator[MainWindow]:
    """A window with a model loaded, that keeps nothing."""
    with tempfile.TemporaryDirectory() as work:
        checkpoint = read_checkpoint(find_checkpoint(model))
        window = build_window(Studio(checkpoint, Path(work), folders=checkpoint_folders()))
        window.resize(SIZE)
        window.show()
        wait(lambda: window.studio.runs.is_ready)
        yield window
        window.close()


def generate(window: MainWindow) -> None:
    """Make an image, and have it judged."""
    window.studio.runs.generate()
    finish(window)
    wait(lambda: window.studio.judging.judgement is not None)


def finish(window: MainWindow) -> None:
    wait(lambda: window.studio.runs.state is RunState.FINISHED)


def change(window: MainWindow, **settings: object) -> None:
    document = window.studio.document
    document.change_settings(replace(document.settings, **settings))


def thicken(document: Document, pixels: float) -> None:
    """Let the myocardium grow inwards."""
    thick = gestures.thicken(Anatomy(document.mask.values, document.table, MYOCARDIUM), pixels, Side.INWARD)
    document.strokes.replace(thick, "Thicken")


def stack_of(masks: list[Path]) -> Volume:
    """A short-axis stack of hearts that the model makes: no patient is shown."""
    heart = open_checkpoint(HEART)
    slices = [heart.generate(heart.read_mask(mask), seed=11, steps=20).pixels for mask in masks]
    values = np.stack([zoom(image.astype(np.float32) * 3, 1.5, order=1) for image in slices]).astype(np.int16)
    geometry = Geometry.of(values.shape, (-90, -90, -20), (1.4 / 1.5, 1.4 / 1.5, 8.0), np.eye(3))
    return Volume(ArrayVoxels(values[None]), geometry, "Short axis", Stored("int16"), "MR")


def paint_elsewhere(values: np.ndarray, path: Path) -> None:
    """A mask as a paint program leaves it: colours near those of the labels, and none of their numbers."""
    colors = np.array([(0, 0, 0), (225, 90, 50), (50, 160, 140)], np.uint8)
    Image.fromarray(colors[values]).save(path)


def main(reference: Path) -> None:
    examples = example_masks(find_checkpoint(HEART))
    with opened(HEART) as window:
        studio, shell, runs = window.studio, window.shell, window.studio.runs
        open_mask(studio, shell, examples[0])
        generate(window)
        # A branch
        runs.scrub(2)
        document = studio.document
        thicken(document, 5)
        runs.toggle_play()
        finish(window)
        wait(lambda: studio.judging.judgement is not None)
        shoot(window, "window")
        timeline = window.transport.timeline
        timeline.hovered.emit(timeline.spot_at(QPointF(timeline.place_of(next(iter(runs.branches)), 8))))
        shoot(window, "branch")
        timeline.hovered.emit(None)
        # The editor
        document.paint_value = MYOCARDIUM
        window.commands["thicken"].trigger()
        shoot(window, "gesture")
        window.gestures.cancel.click()
        window.commands["edit_keys"].trigger()
        editor = window.findChild(KeyEditor)
        editor.preset.setCurrentText("napari")
        editor.preset.activated.emit(editor.preset.currentIndex())
        shoot(editor, "keys")
        editor.close()
        window.commands["palette"].trigger()
        window.finder.search.setText("mask")
        shoot(window.finder, "palette")
        window.finder.close()
        guide = GuideWindow(window)
        guide.show()
        shoot(guide, "guide")
        guide.close()
        with tempfile.TemporaryDirectory() as folder:
            colored = Path(folder) / "painted-elsewhere.png"
            paint_elsewhere(document.mask.values, colored)
            open_file(studio, shell, colored)
            (dialog,) = (child for child in window.findChildren(QDialog) if child.isVisible())
            shoot(dialog, "mapping")
            dialog.reject()
        # Comparing it with its parent
        window.commands["side_by_side"].trigger()
        shoot(window, "side-by-side")
        window.commands["difference"].trigger()
        shoot(window, "difference")
        window.commands["compare_off"].trigger()
        dialog = export_figure(studio, shell)
        shoot(dialog, "figure")
        dialog.close()
        window.commands["stage"].trigger()
        studio.view.stage.play()
        wait(lambda: studio.view.stage.frame is not None and studio.view.stage.frame.index > 5)
        shoot(window.stage.stage, "stage")
        window.commands["stage"].trigger()
        window.commands["findings"].trigger()
        shoot(window, "findings")
        window.commands["findings"].trigger()
        # Live
        window.commands["live"].trigger()
        finish(window)
        document.paint_value = MYOCARDIUM
        for row in range(50, 80, 6):
            document.strokes.begin()
            document.paint(brush((row, 86), (row + 6, 88), 7, (128, 128)))
            document.strokes.end("brush")
            finish(window)
        shoot(window, "live")
        window.commands["live"].trigger()
        # History
        for number, mask in enumerate(examples[1:5]):
            open_mask(studio, shell, mask)
            change(window, seed=number)
            generate(window)
        wait(lambda: window.history.model.rowCount() == 6)
        window.commands["history"].trigger()
        film, model = window.history.film, window.history.model
        film.selectionModel().select(model.index(2), QItemSelectionModel.SelectionFlag.Select)
        star(shell, model, film.chosen, on=True)
        shoot(window, "history")
        window.commands["history"].trigger()
        # Series
        open_mask(studio, shell, examples[0])
        change(window, seed=0)
        for name, dialog in {
            "variation": show_seeds(studio, shell, 8),
            "ablation": show_ablations(studio, shell, [CAVITY, MYOCARDIUM]),
        }.items():
            wait(lambda dialog=dialog: all(cell.pixels is not None for cell in dialog.cells))
            shoot(dialog, name)
            dialog.close()
        # Paired sets
        dialog = show_dialog(studio, shell)
        shoot(dialog, "paired")
        dialog.close()
        with tempfile.TemporaryDirectory() as folder:
            deck = choose_pairs(studio, shell)
            deck.start.form.masks.take_files(tuple(examples))
            deck.start.folder.line.setText(folder)
            deck.start.begin.click()
            for name in ("take", "take", "leave", "take"):
                wait(lambda: studio.choosing.current is not None and studio.choosing.current.is_ready)
                deck.page.buttons[name].click()
            wait(lambda: studio.choosing.current is not None and studio.choosing.current.is_ready)
            shoot(deck, "deck")
            deck.close()
            studio.background.flush("chosen pairs")
        # Real images
        open_image(studio, shell, reference)
        thicken(document, 4)
        change(window, guidance=1.0)
        generate(window)
        shoot(window, "edit")
        window.commands["histogram"].trigger()
        theme().choose(Choice.LIGHT)
        shoot(window, "light")
        theme().choose(Choice.DARK)
        window.commands["histogram"].trigger()
        change(window, purpose=Purpose.NEAR)
        document.strokes.undo()
        dialog = show_similarities(studio, shell)
        wait(lambda: all(cell.pixels is not None for cell in dialog.cells))
        shoot(dialog, "similarity")
        dialog.close()
    with opened(HEART) as window:
        studio = window.studio
        studio.scans.open(stack_of([examples[number] for number in (4, 0, 0, 2, 2)]), "picture")
        wait(lambda: studio.scans.slice is not None and not studio.scans.is_reading)
        wait(lambda: not studio.frames.is_busy)
        window.commands["labels_everywhere"].trigger()
        wait(lambda: not studio.slice_masks.is_busy and studio.document.mask.values.any())
        document = studio.document
        thick = Anatomy(document.mask.values, document.table, MYOCARDIUM)
        document.strokes.replace(gestures.thicken(thick, 2, Side.OUTWARD), "Thicken")
        generate(window)
        shoot(window, "scan")
    with opened(HEAD) as window:
        generate(window)
        shoot(window, "head-and-neck")
        window.commands["tour"].trigger()
        windows = (other for other in QApplication.topLevelWidgets() if isinstance(other, MainWindow))
        tour = next(other for other in windows if other is not window and other.isVisible())
        wait(lambda: tour.studio.runs.state is RunState.FINISHED)
        shoot(tour, "tour")
        tour.close()


if __name__ == "__main__":
    dressed = QApplication([])
    apply_theme(dressed)
    theme().choose(Choice.DARK)  # whatever the system has
    main(Path(sys.argv[1]))
