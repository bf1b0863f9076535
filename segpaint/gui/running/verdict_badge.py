"""A note on an edited image: whether it shows the edit, in the segmenter's opinion."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from segpaint.core.requests.verdict import Outcome
from segpaint.gui.parts.badge import Badge
from segpaint.gui.style.theme import set_tone
from segpaint.studio.studio import Studio

SHORT = {
    Outcome.FOLLOWED: "Edit followed",
    Outcome.PARTLY: "Edit followed in part",
    Outcome.IGNORED: "Edit not followed",
    Outcome.DAMAGED: "Image damaged",
    Outcome.UNKNOWN: "Edit not judged",
}


class VerdictBadge(Badge):
    """Lies on the image pane while an edited image is judged; the title's tooltip gives all reasons."""

    def __init__(self, studio: Studio, pane: QWidget) -> None:
        super().__init__(pane, place=3)
        self._judging = studio.judging
        studio.judging.changed.connect(self._show)
        self._show()

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
        self.setVisible(verdict is not None)
