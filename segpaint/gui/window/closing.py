"""Asks before a window is closed whose last changes could not be kept."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from segpaint.core.printable import printable
from segpaint.studio.document.autosave import Autosave
from segpaint.studio.projects.project_desk import ProjectDesk
from segpaint.studio.studio import Studio

QUESTION = "What was painted last is not kept, and is lost if the window closes now.\n\n{}"
OF_PROJECT = "The project lacks what was done last. The program keeps the mask by itself.\n\n{}"
AGAIN, STAY, CLOSE = "Try again", "Stay", "Close all the same"


class Closing(QObject):
    """Asks if the last autosave failed."""

    def __init__(self, window: QWidget, studio: Studio) -> None:
        super().__init__(window)
        self._window, self._studio = window, studio

    def is_allowed(self) -> bool:
        """Keep the last changes; while that fails, ask, and return whether the window may close."""
        return self._is_kept(self._studio.autosave, QUESTION) and self._is_kept(
            self._studio.projects, OF_PROJECT
        )

    def _is_kept(self, saving: Autosave | ProjectDesk, question: str) -> bool:
        saving.flush()
        self._hear()
        while saving.problem is not None:
            answer = self._ask(question.format(saving.problem))
            if answer != AGAIN:
                return answer == CLOSE
            saving.retry()
            self._hear()
        return True

    def _hear(self) -> None:
        """Find out what became of saving."""
        QCoreApplication.sendPostedEvents(self._studio.background, QEvent.Type.MetaCall)

    def _ask(self, question: str) -> str:
        box = QMessageBox(self._window, textFormat=Qt.TextFormat.PlainText, text=printable(question))
        box.setWindowTitle("Close without keeping everything?")
        box.setIcon(QMessageBox.Icon.Warning)
        close = box.addButton(CLOSE, QMessageBox.ButtonRole.DestructiveRole)
        again = box.addButton(AGAIN, QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(STAY, QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(again)
        box.setEscapeButton(stay)
        box.exec()
        # Compared as buttons, since some desktops add a letter to press to their texts.
        clicked = box.clickedButton()
        box.deleteLater()
        if clicked == again:
            return AGAIN
        return CLOSE if clicked == close else STAY
