"""The segmenter's judgement of each finished image."""

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.checkpoint import has_segmenter
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.runs import messages
from segpaint.core.runs.branches import Branch
from segpaint.studio.runs.runs import Runs
from segpaint.studio.runs.worker_thread import WorkerThread


class Judging(QObject):
    """Requests judgements of finished images, and reports that of the image looked at."""

    switched = Signal()
    """Judging was turned on or off."""
    changed = Signal(object)
    """The `Judgement` of the image looked at, or None."""

    def __init__(self, runs: Runs, worker: WorkerThread) -> None:
        super().__init__()
        self._runs, self._worker = runs, worker
        self._asked: int | None = None  # the run that the segmenter is working on
        self._told: Judgement | None = None
        self.is_on = True
        self.judges_drafts = False
        runs.state_changed.connect(self._look)
        runs.frame_changed.connect(self._look)
        runs.branches_changed.connect(self._look)
        worker.answers.answered.connect(self._on_answer)

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        """Turn judging of finished images on or off."""
        self.is_on = on
        self.switched.emit()
        self._look()

    @Slot(bool)
    def set_judges_drafts(self, on: bool) -> None:
        """Judge drafts as well, or only requested images."""
        self.judges_drafts = on
        self.switched.emit()
        self._look()

    @property
    def judgement(self) -> Judgement | None:
        """The judgement of the image looked at."""
        branch = self._branch()
        return branch.judgement if branch is not None else None

    @property
    def obstacle(self) -> str:
        """Why the image looked at is not judged, in a sentence; empty if it can be."""
        branch = self._runs.branches.current
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
        """The branch whose finished image is looked at, if it is to be judged."""
        branch = self._runs.branches.current
        if not self.is_on or branch is None:
            return None
        current = branch.trajectory.current
        is_finished = current is not None and current is branch.trajectory.result
        return branch if is_finished and (self.judges_drafts or not branch.is_draft) else None

    @property
    def _can_judge(self) -> bool:
        checkpoint = self._runs.document.checkpoint
        return not checkpoint.description.ignores_mask and has_segmenter(checkpoint.folder)

    @Slot()
    def _look(self) -> None:
        branch = self._branch()
        is_new = branch is not None and branch.judgement is None and branch.run != self._asked
        if branch is not None and is_new and self._can_judge:
            self._asked = branch.run
            result = branch.trajectory.result
            if result is not None:
                self._worker.ask(messages.JudgeImage(branch.run, result.noisy, branch.request))
        self._tell()

    @Slot(object)
    def _on_answer(self, answer: messages.Answer) -> None:
        if isinstance(answer, messages.Judged):
            branch = self._runs.branches.get(answer.run)
            if branch is not None:
                branch.judgement = answer.judgement
            self._tell()

    def _tell(self) -> None:
        judgement = self.judgement
        if judgement is not self._told:
            self._told = judgement
            self.changed.emit(judgement)
