"""What this program is, which version, and how it stands on this machine."""

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from segpaint import __version__
from segpaint.diagnosis import SELF_TEST_SECONDS, as_text, diagnose
from segpaint.gui.commands.at_work import at_work
from segpaint.gui.commands.shell import Shell
from segpaint.gui.style.theme import colors, theme
from segpaint.studio.base.background import Background

TEXT = (
    "Paint an anatomical mask, and watch a diffusion model turn it into a medical image.<br><br>"
    "Nothing that it makes is fit for diagnosis. An image made from a mask shows no patient; an image edited "
    "from a patient's, or led towards one, is patient data.<br><br>"
    "Method: Konz et al., MICCAI 2024, "
    "<a href='https://arxiv.org/abs/2402.05210' style='color: {link}'>arXiv 2402.05210</a>."
)
LANE = "diagnosis"
"""The self-test takes a while, and must not delay files."""
BUTTONS = {"Copy a report of this installation": False, "Copy one with self-test": True}
"""The texts of the buttons, and whether the report holds a self-test."""


class AboutBox(QMessageBox):
    """Shows what SegPaint is and its version, and copies a report of how it stands on this machine.

    A report is made in the background. The status line shows so, for any button closes the box.
    """

    def __init__(self, background: Background, shell: Shell, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About SegPaint")
        self.setText(f"<b>SegPaint {__version__}</b>")
        self.addButton(QMessageBox.StandardButton.Ok)
        for text, self_test in BUTTONS.items():
            button = self.addButton(text, QMessageBox.ButtonRole.ActionRole)
            button.clicked.connect(partial(copy_report, background, shell, self_test=self_test))
        theme().changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        # A link that does not say its colour keeps the one from when the text was read.
        self.setInformativeText(TEXT.format(link=colors().accent))


def copy_report(
    background: Background, shell: Shell, _is_checked: bool = False, *, self_test: bool = False
) -> None:
    """Copy a report of this installation to the clipboard, once it is made in the background."""
    how_long = f", for about {SELF_TEST_SECONDS:.0f} seconds" if self_test else ""
    words = f"Looking at this installation{how_long}…"

    def make() -> str:
        return as_text(list(diagnose(self_test=self_test)))

    at_work(background, shell, words, make, partial(_copy, shell), lane=LANE)


def _copy(shell: Shell, report: str) -> None:
    QGuiApplication.clipboard().setText(report)
    shell.say("Copied a report of this installation")
