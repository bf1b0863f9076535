"""A pane right of the image, for side-by-side comparison."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from segpaint.gui.canvas.pane import Pane
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.pane_heading import PaneHeading
from segpaint.gui.parts.plain import ElidingLabel, plain
from segpaint.studio.studio import Studio


class SidePane(QWidget):
    """Shows another image at the same zoom and place; hidden until it is needed."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.pane = Pane(studio.view.viewpoint, switches=studio.view.switches)
        self.title = ElidingLabel(objectName="heading")
        in_column(PaneHeading([self.title], []), self.pane, of=self, stretched=self.pane, spacing=0)
        self.hide()

    def show_image(self, title: str, pixels: NDArray[np.uint8]) -> None:
        """Show this image under its title."""
        self.title.setText(title)
        self.title.setToolTip(plain(title))
        self.pane.show_pixels(pixels)

    def show_nothing(self, why: str) -> None:
        """Show the reason why there is no image."""
        self.title.clear()
        self.title.setToolTip("")
        self.pane.hint.setText(why)
        self.pane.show_pixels(None)
