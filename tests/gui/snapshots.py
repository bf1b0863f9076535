"""Draw the window in each tool, and in other sizes: `python tests/gui/snapshots.py FOLDER CHECKPOINT THEMES`.

A process of its own, for the scaling of the screen (QT_SCALE_FACTOR) is fixed when Qt starts.
"""

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from segpaint.app import build_window
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.files.references import open_image
from segpaint.gui.style.theme import apply_theme
from segpaint.gui.tools.tool_commands import TOOLS
from segpaint.studio.studio import Studio

WIDTH, HEIGHT = 960, 600
SIZES = {1: ((1024, 600), (1366, 768), (1920, 1080)), 2: ((1920, 1080),)}
"""Those of whole screens by their scaling, in pixels at 100 %."""
STROKE = ((-70, -60), (60, -20), (-30, 70))
"""Where the hand goes, in screen pixels from the middle of the canvas."""


def draw_window(folder, checkpoint, theme):
    window = build_window(Studio(read_checkpoint(checkpoint), folder / f"work-{theme}", "cpu"))
    window.commands[f"theme_{theme}"].trigger()
    window.resize(WIDTH, HEIGHT)
    window.show()
    open_image(window.studio, window.shell, folder / "reference.png")
    window.messages.hide()
    window.studio.view.tools.set_size(5)
    mask = np.load(folder / "mask.npy")
    for key in TOOLS:
        draw_tool(window, key, mask)
        grab(window, WIDTH, HEIGHT).save(str(folder / f"{theme}-{key}.png"))
    window.commands["brush"].trigger()
    window.commands["history"].trigger()
    for width, height in SIZES[round(window.devicePixelRatio())]:
        window.resize(width, height)
        QTest.qWait(50)  # the column scrolls to what is new once all is laid out
        grab(window, width, height).save(str(folder / f"{theme}-{width}x{height}.png"))
    window.close()


def draw_tool(window, key, mask):
    """The window with a tool in the middle of its work."""
    if window.studio.view.tools.tool == "polygon":
        QTest.keyClick(window.canvas, Qt.Key.Key_Escape)  # else the polygon would wait, and be seen
    window.commands["brush"].trigger()
    window.studio.document.strokes.replace(mask, "Begin")
    window.studio.document.paint_value = 2
    window.commands[key].trigger()
    viewport = window.canvas.viewport()
    places = [viewport.rect().center() + QPoint(*place) for place in STROKE]
    if key == "polygon":
        for place in places:
            QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        return
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places[1:]:
        QTest.mouseMove(viewport, place)
    if key not in ("lasso", "rectangle", "ellipse"):
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])


def grab(window, width, height):
    """As large as at 100 %, whatever the scaling; without what differs from run to run."""
    QApplication.sendPostedEvents()
    window.saved.clear()
    window.device.clear()
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    image.setDevicePixelRatio(1)
    return image.scaled(
        width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


if __name__ == "__main__":
    app = QApplication([])
    apply_theme(app)
    for name in sys.argv[3:]:
        draw_window(Path(sys.argv[1]), Path(sys.argv[2]), name)
