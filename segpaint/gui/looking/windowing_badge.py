"""A note on the image while its intensities are windowed."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE
from segpaint.studio.studio import Studio


class WindowingBadge(PlainLabel):
    """Lies in a corner of a pane, below other notes, while a window is set.

    It is hidden for a difference, which does not depend on the window.
    """

    def __init__(self, studio: Studio, pane: QWidget) -> None:
        super().__init__(pane, objectName="badge")
        self._windowing, self._comparison = studio.view.windowing, studio.view.comparison
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.move(SPACE, 5 * SPACE)
        self._windowing.changed.connect(self._show)
        self._comparison.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        window = self._windowing.window
        self.setText(f"W {window.width:.0f}   L {window.level:.0f}")
        self.adjustSize()
        self.setVisible(not window.is_whole and not self._comparison.mode.is_difference)
