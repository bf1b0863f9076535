"""A note on an edited image: whether it shows the edit, in the segmenter's opinion."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent

from segpaint.core.requests.verdict import Outcome, Verdict
from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.outlines import outline
from segpaint.gui.parts.badge import Badge
from segpaint.gui.style.theme import colors, set_tone, theme
from segpaint.gui.style.theme_colors import NOT_AS_ASKED
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
MEANING = {
    Qt.PenStyle.SolidLine: "solid: damaged",
    Qt.PenStyle.DashLine: "dashed: edited, and not as asked for",
}
"""What each kind of outline stands for."""
AGREED, NOWHERE = "Nothing speaks against the edit", "Nothing to outline"
"""What is shown in place of an outline, where there is none: of an edit that is followed, and of any other."""


class VerdictBadge(Badge):
    """Lies on the image pane while an edited image is judged; the title's tooltip gives all reasons.

    A click outlines the pixels that speak against the edit.

    Attributes
    ----------
    damaged, missed : QGraphicsPathItem
        Outlines of what is damaged, and of what was edited and is not as asked for.
    legend : Badge
        What the outlines stand for, or that there is nothing to outline, while this is wanted.
    """

    def __init__(self, studio: Studio, pane: ImagePane) -> None:
        super().__init__(pane, place=3)
        self._judging, self._switches = studio.judging, studio.view.switches
        self.damaged = pane.add_outline(colors().warning, 2, Qt.PenStyle.SolidLine)
        self.missed = pane.add_outline(NOT_AS_ASKED, 2, Qt.PenStyle.DashLine)
        self.legend = Badge(pane, place=4)
        set_tone(self.legend, "calm")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, on=False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Click to show where")
        studio.judging.changed.connect(self._show)
        self._switches.changed.connect(self._show)
        theme().changed.connect(self._show)
        self._show()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
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
        """Outline what speaks against the edit, if that is wanted, and name each kind of line."""
        pen = self.damaged.pen()
        pen.setColor(QColor(colors().warning))
        self.damaged.setPen(pen)
        is_wanted, meanings = self._switches.is_on(DOUBT), []
        places = (None, None) if verdict is None else (verdict.damaged, verdict.missed)
        for item, where in zip((self.damaged, self.missed), places, strict=True):
            if where is not None:
                item.setPath(outline(where))
                meanings.append(MEANING[item.pen().style()])
            item.setVisible(where is not None and is_wanted)
        if meanings:
            words = "; ".join(meanings)
            self.legend.say(words[:1].upper() + words[1:])
        elif verdict is not None:
            self.legend.say(AGREED if verdict.outcome is Outcome.FOLLOWED else NOWHERE)
        self.legend.setVisible(verdict is not None and is_wanted)
