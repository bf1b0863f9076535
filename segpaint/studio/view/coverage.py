"""The pixels that strokes may cover, whichever document is open."""

from PySide6.QtCore import QObject, Signal

from segpaint.core.masks.paint import PaintOver
from segpaint.studio.document.document import Document
from segpaint.studio.document.open_document import OpenDocument


class Coverage(QObject):
    """The active rule; see `segpaint.core.masks.paint.PaintOver`.

    Attributes
    ----------
    chosen : tuple of int
        The mask values that may be covered, for `PaintOver.CHOSEN`, in the order of the label list.
    """

    changed = Signal()

    def __init__(self, opened: OpenDocument) -> None:
        super().__init__()
        self._opened = opened
        self.over = PaintOver.EVERYTHING
        self.chosen: tuple[int, ...] = ()
        opened.switching.connect(self._prepare)

    def set_over(self, over: PaintOver) -> None:
        """Change the rule."""
        self.over = over
        self._apply()

    def choose(self, value: int, on: bool) -> None:
        """Allow or forbid covering a mask value; the rule becomes `PaintOver.CHOSEN`."""
        chosen = {*self.chosen, value} if on else {*self.chosen} - {value}
        self.chosen = tuple(value for value in self._opened.document.paintable if value in chosen)
        self.set_over(PaintOver.CHOSEN)

    @property
    def sentence(self) -> str:
        """The rule in a sentence."""
        match self.over:
            case PaintOver.EVERYTHING:
                return "Strokes cover everything"
            case PaintOver.BACKGROUND:
                return "Strokes cover background only"
            case _ if self.chosen:
                names = ", ".join(map(self._opened.document.name_of, self.chosen))
                return f"Strokes cover {names} only"
            case _:
                return "Strokes cover nothing yet: tick in the same menu, under Chosen, what they may cover"

    def _prepare(self, document: Document) -> None:
        self.chosen = ()  # the chosen values belong to another model
        if self.over is PaintOver.CHOSEN:
            self.over = PaintOver.EVERYTHING
        document.set_paint_over(self.over)
        self.changed.emit()

    def _apply(self) -> None:
        self._opened.document.set_paint_over(self.over, self.chosen)
        self.changed.emit()
