"""The kind of the image shown: made, edited, near to a patient's, or a reference."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from segpaint.core.requests.kinds import About, Kind, about
from segpaint.gui.parts.badge import Badge
from segpaint.gui.parts.fitting_label import FittingLabel
from segpaint.gui.parts.plain import plain
from segpaint.studio.studio import Studio

TITLES = {
    Kind.MADE: ("Synthetic image", "Synthetic"),
    Kind.EDITED: ("Edited image", "Edited"),
    Kind.NEAR: ("Near a patient's image", "Near a patient"),
}
UNCHANGED = "A patient's image, unchanged", "A patient's image", "A patient's"


def about_shown(studio: Studio) -> About | None:
    """Find out what the image looked at is; None if there is none, or it is the reference."""
    if studio.runs.looked_at is None:
        return None
    request, frame = studio.runs.looked_at
    return about(request, frame.noisy if studio.view.switches.is_on("noisy") else frame.picture)


class ImageTitle(FittingLabel):
    """Follows the run and the reference; the kind is never cut off, but named in fewer words."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(objectName="heading")
        self._studio = studio
        studio.opened.switched.connect(self._show)
        studio.opened.reference_changed.connect(self._show)
        studio.runs.frame_changed.connect(self._show)
        studio.judging.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        what, judgement = about_shown(self._studio), self._studio.judging.judgement
        words: tuple[str, ...]
        if self._studio.view.comparison.shows_reference:
            words, tip = ("Reference",), "Nothing has been generated yet"
        elif what is None:
            words, tip = ("Image",), "Nothing has been generated yet"
        else:
            words = UNCHANGED if what.is_unchanged else TITLES[what.kind]
            tip = f"Synthetic? {what.sentence}"
            if judgement is not None and judgement.verdict is not None:
                tip += f"\n{judgement.verdict.sentence}"
        self.say(*words)
        self.setToolTip(plain(tip))


class PatientBadge(Badge):
    """Lies on the image pane while the image is to be treated as a patient's data."""

    def __init__(self, studio: Studio, pane: QWidget) -> None:
        super().__init__(pane, place=0)
        self._studio = studio
        studio.opened.switched.connect(self._show)
        studio.runs.frame_changed.connect(self._show)
        studio.view.switches.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        what = about_shown(self._studio)
        if what is not None and what.shows_patient:
            words, trajectory = "Patient data", self._studio.runs.trajectory
            # On the way the image comes near the patient's pixel by pixel, so that a share would mislead.
            if what.own is None or trajectory.current is not trajectory.result:
                self.say(words)
            else:
                short = f"{words}: {what.share}"
                self.say(f"{short} of the pixels are the patient's own", f"{short} the patient's own", short)
        self.setVisible(what is not None and what.shows_patient)
