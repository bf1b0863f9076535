"""A note on an edited image: whether it shows the edit, in the segmenter's opinion."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent

from segpaint.core.requests.verdict import Outcome, Verdict
from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.outlines import outline
from segpaint.gui.parts.badge import Badge
from segpaint.gui.style.theme import colors, set_tone, theme
from segpaint.studio.studio import Studio

SHORT = {
    Outcome.FOLLOWED: "Edit followed",
    Outcome.PARTLY: "Edit followed in part",
    Outcome.IGNORED: "Edit not followed",
    Outcome.DAMAGED: "Image damaged",
    Outcome.UNKNOWN: "Edit not judged",
}


DOUBT = "doubt"
"""The switch that outlines what speaks against an edit."""


class VerdictBadge(Badge):
    """Lies on the image pane while an edited image is judged; the title's tooltip gives all reasons.

    A click outlines the pixels that speak against the edit.
    """

    def __init__(self, studio: Studio, pane: ImagePane) -> None:
        super().__init__(pane, place=3)
        self._judging, self._switches = studio.judging, studio.view.switches
        self.mark = pane.add_outline(colors().warning, width=2)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, on=False)
        studio.judging.changed.connect(self._show)
        self._switches.changed.connect(self._show)
        theme().changed.connect(self._show)
        self._show()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.mark.data(0):
            self._switches.set(DOUBT, not self._switches.is_on(DOUBT))
        else:
            super().mousePressEvent(event)

    @Slot()
    def _show(self) -> None:
        judgement = self._judging.judgement
        verdict = judgement.verdict if judgement is not None else None
        if verdict is not None:
            short = SHORT[verdict.outcome]
            is_doubtful = verdict.outcome is not Outcome.FOLLOWED
            words = [f"{short}. {reason}" for reason in verdict.reasons[:1] if is_doubtful]
            self.say(*words, short)
            set_tone(self, "" if is_doubtful else "calm")
        self._outline(verdict)
        self.setVisible(verdict is not None)

    def _outline(self, verdict: Verdict | None) -> None:
        where = verdict.where if verdict is not None else None
        has_place = where is not None and bool(where.any())
        if where is not None and has_place:
            self.mark.setPath(outline(where))
        pen = self.mark.pen()
        pen.setColor(QColor(colors().warning))
        self.mark.setPen(pen)
        self.mark.setData(0, has_place)
        self.mark.setVisible(has_place and self._switches.is_on(DOUBT))
        self.setToolTip("Click to show where" if has_place else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if has_place else Qt.CursorShape.ArrowCursor)
