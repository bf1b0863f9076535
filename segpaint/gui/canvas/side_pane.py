"""A pane right of the image, for what it is compared with side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget
from superqt import QElidingLabel

from segpaint.gui.canvas.pane import Pane
from segpaint.gui.parts.pane_heading import PaneHeading
from segpaint.studio.view.viewpoint import Viewpoint


class SidePane(QWidget):
    """Shows another image where the panes beside it look; hidden until it is wanted.

    Parameters
    ----------
    viewpoint : Viewpoint
    """

    def __init__(self, viewpoint: Viewpoint) -> None:
        super().__init__()
        self.pane = Pane(viewpoint)
        self.pane.set_smooth(True)
        self.title = QElidingLabel(objectName="heading")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(PaneHeading([self.title], []))
        layout.addWidget(self.pane, 1)
        self.hide()

    def show_image(self, title: str, pixels: NDArray[np.uint8]) -> None:
        """Show this image under its title."""
        self.title.setText(title)
        self.pane.show_pixels(pixels)

    def show_nothing(self, why: str) -> None:
        """Say why there is nothing to show."""
        self.title.clear()
        self.pane.hint.setText(why)
        self.pane.show_pixels(None)
