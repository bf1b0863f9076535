"""Shows what went wrong in a dialog, in its own place."""

from PySide6.QtCore import Slot

from segpaint.core.errors import in_words
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import set_tone


class ProblemLabel(PlainLabel):
    """One sentence, hidden while there is none."""

    def __init__(self) -> None:
        super().__init__(wordWrap=True)
        set_tone(self, "warning")
        self.hide()

    @Slot(object)
    def show_error(self, error: Exception) -> None:
        """Show an error."""
        self.setText(in_words(error))
        self.show()

    def clear(self) -> None:
        super().clear()
        self.hide()
