"""The screen of a window outlives what is collected, and is asked for in one way."""

import ast
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

import segpaint.gui
from segpaint.gui.parts.screens import screen_of

COLLECTED = """
import gc
from PySide6.QtWidgets import QApplication, QWidget
from segpaint.gui.parts.screens import screen_of
app = QApplication([])
gc.disable()

def leave():
    first = QWidget()
    held = screen_of(first)
    unreferenced = QWidget()
    unreferenced.itself = unreferenced
    assert screen_of(unreferenced) is held

leave()
gc.collect()
QWidget().show()
print(screen_of(QWidget()).size().isEmpty())
"""


def test_a_screen_outlives_the_windows_that_were_collected():
    run = subprocess.run([sys.executable, "-c", COLLECTED], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout.strip()) == (0, "False"), run.stderr


def test_no_window_is_asked_for_its_screen_itself():
    for file in Path(segpaint.gui.__file__).parent.rglob("*.py"):
        calls = (
            node.func for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)
        )
        asked = [call.lineno for call in calls if isinstance(call, ast.Attribute) and call.attr == "screen"]
        assert not asked, f"{file.name}:{asked}: use screen_of"


def test_a_dialog_gets_the_screen_of_its_window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(20, 30, 300, 200)
    window.show()
    dialog = QDialog(window)
    dialog.move(-5000, -5000)  # where no screen is
    assert screen_of(dialog) is screen_of(window)
