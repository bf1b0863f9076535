"""Draws and measures the recipes of `change-anatomy.md`: by gestures of the window alone, with the heart model.

python resources/guide/recipes.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from make import CAVITY, HEART, MYOCARDIUM, generate, keep, look_at, opened
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from segpaint.core.masks.measure_table import measure_numbers
from segpaint.gui.files.opening import open_mask
from segpaint.gui.style.theme import Choice, apply_theme, theme
from segpaint.gui.window.main_window import MainWindow
from segpaint.paths import example_masks, find_checkpoint

SIDE = 300
"""Width of each of the four pictures."""
GAP = 4
BEGIN, END = "<!-- sizes: begin -->", "<!-- sizes: end -->"


def thicken(window: MainWindow) -> None:
    """Thicken the myocardium by 4 mm, to the inside."""
    set_gesture(window, MYOCARDIUM, "thicken", "inward", 4.2)


def dilate(window: MainWindow) -> None:
    """Dilate the left ventricle: its wall makes room first, and the cavity takes what was the wall."""
    set_gesture(window, MYOCARDIUM, "thicken", "outward", 5.6)
    set_gesture(window, CAVITY, "grow", "", 5.6)


def move(window: MainWindow) -> None:
    """Move the heart to the left and down: the wall takes its cavity along."""
    window.studio.document.paint_value = MYOCARDIUM
    window.commands["transform"].trigger()
    QTest.keyClick(window.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    for _ in range(5):
        QTest.keyClick(window.canvas, Qt.Key.Key_Down)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    window.commands["brush"].trigger()


def set_gesture(window: MainWindow, label: int, key: str, way: str, millimetres: float) -> None:
    """Set a gesture in its bar, and apply it, as a user does."""
    window.studio.document.paint_value = label
    window.commands[key].trigger()
    bar = window.gestures
    if way:
        bar.way.setCurrentText(way)
        bar.way.activated.emit(bar.way.currentIndex())
    bar.box.setValue(millimetres)
    QTest.keyClick(bar.box, Qt.Key.Key_Return)


RECIPES: dict[str, Callable[[MainWindow], None]] = {
    "recipe-thicken": thicken,
    "recipe-dilate": dilate,
    "recipe-move": move,
}


def both_panes(window: MainWindow) -> list[np.ndarray]:
    """Mask and image as the window shows them, each in a square."""
    found, view = [], window.studio.view.viewpoint
    view.fit()
    view.zoom_at(view.centre, SIDE / view.image_size.width() / view.zoom)
    for pane in (window.canvas, window.image):
        pixels = look_at(pane)
        top, left = (pixels.shape[0] - SIDE) // 2, (pixels.shape[1] - SIDE) // 2
        found.append(pixels[top : top + SIDE, left : left + SIDE])
    return found


def sizes(window: MainWindow) -> list[str]:
    """Measure mask and image: areas, and the mean thickness of the wall; what is found is the segmenter's."""
    judging = window.studio.judging
    while judging.judgement is None:
        QTest.qWait(50)
    document = window.studio.document
    masks = {"mask": document.mask.snapshot(), "found": judging.judgement.found}
    measured = measure_numbers(masks, document.table, document.pixel_spacing)
    cells = []
    for label, part in (("LV cavity", "area"), ("LV myocardium", "area"), ("LV myocardium", "wall")):
        values = [measured[name][label][part] for name in masks]
        asked, found = (value["mean"] if part == "wall" else value for value in values)
        cells.append(f"{asked:.1f} ({found:.1f})" if part == "wall" else f"{asked:,.0f} ({found:,.0f})")
    return cells


def write_table(rows: list[list[str]]) -> None:
    """Put the sizes into the page, in place of those of the last time."""
    page = Path(__file__).parent / "change-anatomy.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    heading = ["", "cavity, mm²", "wall, mm²", "thickness of the wall, mm"]
    lines = ["| " + " | ".join(cells) + " |" for cells in (heading, ["---"] * len(heading), *rows)]
    page.write_text("\n".join((before + BEGIN, *lines, END + after)), encoding="utf-8")


def main() -> None:
    rows: list[list[str]] = []
    (healthy, *_) = example_masks(find_checkpoint(HEART))
    with opened(HEART) as window:
        window.studio.view.tools.set_size(1)
        for name, recipe in RECIPES.items():
            open_mask(window.studio, window.shell, healthy)
            generate(window)
            before = both_panes(window)
            rows = rows or [["before", *sizes(window)]]
            recipe(window)
            generate(window)
            rows.append([name.removeprefix("recipe-"), *sizes(window)])
            pictures = [*before, *both_panes(window)]
            canvas = np.full((SIDE, 4 * SIDE + 3 * GAP, 3), 255, np.uint8)
            for place, picture in enumerate(pictures):
                left = place * (SIDE + GAP)
                canvas[:, left : left + SIDE] = picture
            keep(canvas, name)
    write_table(rows)


if __name__ == "__main__":
    dressed = QApplication([])
    apply_theme(dressed)
    theme().choose(Choice.DARK)
    main()
