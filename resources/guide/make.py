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

from segpaint.app import build_window
from segpaint.core.masks import gestures
from segpaint.core.masks.gestures import Side
from segpaint.core.masks.paint import brush
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.style.theme import Choice, apply_theme, theme
from segpaint.gui.window.controller import Controller
from segpaint.gui.window.main_window import MainWindow
from segpaint.paths import example_masks, find_checkpoint
from segpaint.studio.document.document import Document, Purpose
from segpaint.studio.runs.session import Session

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
        window = build_window(Session(), read_checkpoint(find_checkpoint(model)), None, Path(work))
        window.resize(SIZE)
        window.show()
        wait(lambda: window.session.is_ready)
        yield window
        window.close()


def generate(window: MainWindow) -> None:
    """Make an image, and have it judged."""
    window.session.generate()
    finish(window)
    wait(lambda: window.judging.judgement is not None)


def finish(window: MainWindow) -> None:
    wait(lambda: window.session.state is RunState.FINISHED)


def change(window: MainWindow, **settings: object) -> None:
    document = window.session.document
    document.change_settings(replace(document.settings, **settings))


def thicken(document: Document, pixels: float) -> None:
    """Let the myocardium grow inwards."""
    thick = gestures.thicken(document.mask.values, document.table, MYOCARDIUM, pixels, Side.INWARD)
    document.replace_mask(thick, "Thicken")


def paint_elsewhere(values: np.ndarray, path: Path) -> None:
    """A mask as a paint program leaves it: colours near those of the labels, and none of their numbers."""
    colors = np.array([(0, 0, 0), (225, 90, 50), (50, 160, 140)], np.uint8)
    Image.fromarray(colors[values]).save(path)


def main(reference: Path) -> None:
    examples = example_masks(find_checkpoint(HEART))
    with opened(HEART) as window:
        session, controller = window.session, window.findChild(Controller)
        files = controller.files
        files.open_mask(examples[0])
        generate(window)
        # A branch
        session.scrub(2)
        document = session.document
        thicken(document, 5)
        session.toggle_play()
        finish(window)
        wait(lambda: window.judging.judgement is not None)
        shoot(window, "window")
        timeline = window.transport.timeline
        timeline.hovered.emit(timeline.spot_at(QPointF(timeline.place_of(next(iter(session.branches)), 8))))
        shoot(window, "branch")
        timeline.hovered.emit(None)
        # The editor
        document.paint_value = MYOCARDIUM
        window.commands["thicken"].trigger()
        shoot(window, "gesture")
        window.gestures.cancelled.emit()
        editor = controller.keys.edit()
        editor.preset.setCurrentText("napari")
        editor.preset.activated.emit(editor.preset.currentIndex())
        shoot(editor, "keys")
        editor.close()
        with tempfile.TemporaryDirectory() as folder:
            colored = Path(folder) / "painted-elsewhere.png"
            paint_elsewhere(document.mask.values, colored)
            files.open_file(colored)
            (dialog,) = (child for child in window.findChildren(QDialog) if child.isVisible())
            shoot(dialog, "mapping")
            dialog.reject()
        # Comparing it with its parent
        window.commands["side_by_side"].trigger()
        shoot(window, "side-by-side")
        window.commands["difference"].trigger()
        shoot(window, "difference")
        window.commands["compare_off"].trigger()
        window.commands["findings"].trigger()
        shoot(window, "findings")
        window.commands["findings"].trigger()
        # Live
        window.commands["live"].trigger()
        finish(window)
        document.paint_value = MYOCARDIUM
        for row in range(50, 80, 6):
            document.begin_stroke()
            document.paint(brush((row, 86), (row + 6, 88), 7, (128, 128)))
            document.end_stroke("brush")
            finish(window)
        shoot(window, "live")
        window.commands["live"].trigger()
        # History
        for number, mask in enumerate(examples[1:5]):
            files.open_mask(mask)
            change(window, seed=number)
            generate(window)
        wait(lambda: window.history.model.rowCount() == 6)
        window.commands["history"].trigger()
        film, model = window.history.film, window.history.model
        film.selectionModel().select(model.index(2), QItemSelectionModel.SelectionFlag.Select)
        controller.history.star(on=True)
        shoot(window, "history")
        window.commands["history"].trigger()
        # Series
        files.open_mask(examples[0])
        change(window, seed=0)
        for name, dialog in {
            "variation": controller.explore.show_seeds(8),
            "ablation": controller.explore.show_ablations([CAVITY, MYOCARDIUM]),
        }.items():
            wait(lambda dialog=dialog: all(cell.pixels is not None for cell in dialog.cells))
            shoot(dialog, name)
            dialog.close()
        # Paired sets
        dialog = controller.paired.show_dialog()
        shoot(dialog, "paired")
        dialog.close()
        # Real images
        controller.references.open_image(reference)
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
        document.undo()
        dialog = controller.explore.show_similarities()
        wait(lambda: all(cell.pixels is not None for cell in dialog.cells))
        shoot(dialog, "similarity")
        dialog.close()
    with opened(HEAD) as window:
        generate(window)
        shoot(window, "head-and-neck")
        window.commands["tour"].trigger()
        windows = (other for other in QApplication.topLevelWidgets() if isinstance(other, MainWindow))
        tour = next(other for other in windows if other is not window and other.isVisible())
        wait(lambda: tour.session.state is RunState.FINISHED)
        shoot(tour, "tour")
        tour.close()


if __name__ == "__main__":
    dressed = QApplication([])
    apply_theme(dressed)
    theme().choose(Choice.DARK)  # whatever the system has
    main(Path(sys.argv[1]))
