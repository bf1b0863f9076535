"""An enlarged image of the step under the pointer, above the timeline."""

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtWidgets import QFrame, QWidget

from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.running.timeline import Spot, Timeline
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE

SIDE = 176


class StepPreview(QFrame):
    """Lies over the parent while the pointer is on the timeline."""

    def __init__(self, timeline: Timeline, parent: QWidget) -> None:
        super().__init__(parent, objectName="preview")
        self._timeline, self._parent = timeline, parent
        self.picture = PlainLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(SIDE, SIDE)
        self.text = PlainLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        in_column(self.picture, self.text, of=self, spacing=SPACE // 2, margins=SPACE // 2)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        timeline.hovered.connect(self.show_spot)

    @Slot(object)
    def show_spot(self, spot: Spot | None) -> None:
        """Show a step of a branch, or nothing."""
        self.setVisible(spot is not None)
        if spot is None:
            return
        frame = spot.frame
        self.picture.setPixmap(to_pixmap(frame.picture, SIDE, self.devicePixelRatio()))
        words = f"Step {frame.index + 1} of {frame.count}, noise level {frame.timestep}"
        several = spot.branch.parent is not None or len(spot.branch.name) > 1
        self.text.setText(f"{spot.branch.name}\n{words}" if several else words)
        self.adjustSize()
        timeline, parent = self._timeline, self._parent
        above = timeline.mapTo(parent, QPoint(timeline.place_of(spot.branch, frame.index).x(), 0))
        left = min(max(above.x() - self.width() // 2, SPACE), parent.width() - self.width() - SPACE)
        self.move(left, above.y() - self.height() - SPACE)
        self.raise_()
