"""What this program is, and which version."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from segpaint import __version__
from segpaint.gui.style.theme import colors, theme

TEXT = (
    "Paint an anatomical mask, and watch a diffusion model turn it into a medical image.<br><br>"
    "Nothing that it makes is fit for diagnosis. An image made from a mask shows no patient; an image edited "
    "from a patient's, or led towards one, is patient data.<br><br>"
    "Method: Konz et al., MICCAI 2024, "
    "<a href='https://arxiv.org/abs/2402.05210' style='color: {link}'>arXiv 2402.05210</a>."
)


class AboutBox(QMessageBox):
    """Shows what SegPaint is, and its version."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About SegPaint")
        self.setText(f"<b>SegPaint {__version__}</b>")
        theme().changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        # A link that does not say its colour keeps the one from when the text was read.
        self.setInformativeText(TEXT.format(link=colors().accent))
