"""Faithfulness on the spot: what the segmenter says of each finished image."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.checkpoint import has_segmenter
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.runs.branches import Branch
from segpaint.studio.runs.session import Session


class Judging(QObject):
    """Has finished images judged, and says what came of the one that is looked at.

    Parameters
    ----------
    session : Session
    """

    changed = Signal(object)
    """The `Judgement` of the image looked at, or None where there is none."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._asked: int | None = None  # the run that the segmenter is looking at
        self._told: Judgement | None = None
        self.is_on = True
        self.judges_drafts = False
        session.state_changed.connect(self._look)
        session.frame_changed.connect(self._look)
        session.branches_changed.connect(self._look)
        session.judged.connect(self._on_judged)

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        """Judge each finished image, or none."""
        self.is_on = on
        self._look()

    @Slot(bool)
    def set_judges_drafts(self, on: bool) -> None:
        """Judge what is made while somebody paints, too, or only what was asked for."""
        self.judges_drafts = on
        self._look()

    @property
    def judgement(self) -> Judgement | None:
        """Of the image looked at."""
        branch = self._branch()
        return branch.judgement if branch is not None else None

    @property
    def obstacle(self) -> str:
        """Why the image looked at is not judged, in a sentence; empty where nothing stands in the way."""
        branch = self._session.branches.current
        current = branch.trajectory.current if branch is not None else None
        if not self._can_judge:
            return "This model has no segmenter to find labels in an image."
        if not self.is_on:
            return "Images are not judged: Run > Judge each image is off."
        if branch is None or current is None or current is not branch.trajectory.result:
            return "The segmenter looks at finished images; this is none yet."
        if branch.is_draft and not self.judges_drafts:
            return "This is a draft, and drafts are not judged: see Run > Judge drafts too."
        return ""

    def _branch(self) -> Branch | None:
        """The branch whose finished image is looked at, if that is to be judged."""
        branch = self._session.branches.current
        if not self.is_on or branch is None:
            return None
        current = branch.trajectory.current
        is_finished = current is not None and current is branch.trajectory.result
        return branch if is_finished and (self.judges_drafts or not branch.is_draft) else None

    @property
    def _can_judge(self) -> bool:
        document = self._session.document
        if document is None or document.checkpoint.description.ignores_mask:
            return False
        return has_segmenter(document.checkpoint.folder)

    @Slot()
    def _look(self) -> None:
        branch = self._branch()
        is_new = branch is not None and branch.judgement is None and branch.run != self._asked
        if branch is not None and is_new and self._can_judge:
            self._asked = branch.run
            self._session.judge(branch)
        self._tell()

    @Slot(int, object)
    def _on_judged(self, run: int, judgement: Judgement) -> None:
        branch = self._session.branches.get(run)
        if branch is not None:
            branch.judgement = judgement
        self._tell()

    def _tell(self) -> None:
        judgement = self.judgement
        if judgement is not self._told:
            self._told = judgement
            self.changed.emit(judgement)
