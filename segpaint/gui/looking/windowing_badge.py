"""A note on the image while its intensities are windowed."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from segpaint.gui.parts.badge import Badge
from segpaint.studio.studio import Studio


class WindowingBadge(Badge):
    """Lies on a pane while a window is set.

    It is hidden for a difference, which does not depend on the window.
    """

    def __init__(self, studio: Studio, pane: QWidget) -> None:
        super().__init__(pane, place=2)
        self._windowing, self._comparison = studio.view.windowing, studio.view.comparison
        self._windowing.changed.connect(self._show)
        self._comparison.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        window = self._windowing.window
        self.say(f"W {window.width:.0f}   L {window.level:.0f}")
        self.setVisible(not window.is_whole and not self._comparison.mode.is_difference)
