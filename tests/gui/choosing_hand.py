"""Chooses pairs with the keys of the deck, as fast as candidates come, until 50 are taken.

`python choosing_hand.py FOLDER CHECKPOINT MASKS WORK` prints a line for each decision; see `test_deck.py`. Of
twelve candidates, five are taken, five left, one put off, and one taken, looked at again, and left.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.making.deck_window import DeckWindow
from segpaint.gui.style.theme import apply_theme
from segpaint.paired.choices import Decision
from segpaint.studio.studio import Studio

PATTERN = ["T", "X", "T", "X", "L", "T", "X", "T", "X", ("T", Qt.Key.Key_Backspace, "X"), "T"]
WANTED = 50


def main(folder, checkpoint, masks, work):
    app = QApplication([])
    apply_theme(app)
    studio = Studio(read_checkpoint(checkpoint), work, "cpu")
    studio.document.change_settings(replace(studio.document.settings, steps=1))
    window, choosing = DeckWindow(studio), studio.choosing
    window.show()
    studio.start()

    def begin():
        window.start.form.masks.take_files(tuple(sorted(masks.glob("*.png"))))
        window.start.form.seed_count.setValue(10)
        window.start.folder.line.setText(str(folder))
        window.start.begin.click()

    def turn():
        count = choosing.deck.count
        if count(Decision.TAKEN) >= WANTED:
            clock.stop()
            studio.close()
            app.quit()
        elif choosing.current is not None and choosing.current.pixels is not None:
            keys = PATTERN[sum(map(count, (Decision.TAKEN, Decision.LEFT, Decision.LATER))) % len(PATTERN)]
            for key in keys:
                QTest.keyClick(window.page, key)
            print(choosing.deck.last[1], time.monotonic(), flush=True)  # noqa: T201 - for the test

    clock = QTimer(interval=5)
    clock.timeout.connect(turn)
    studio.runs.model_changed.connect(
        lambda: begin() if studio.runs.is_ready and not clock.isActive() else None
    )
    studio.runs.model_changed.connect(clock.start)
    app.exec()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
