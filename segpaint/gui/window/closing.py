"""Asks before a window is closed whose last changes could not be kept."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from segpaint.studio.studio import Studio

QUESTION = "What was painted last is not kept, and is lost if the window closes now: {}"


class Closing(QObject):
    """Knows whether the last autosave failed."""

    def __init__(self, window: QWidget, studio: Studio) -> None:
        super().__init__(window)
        self._window, self._studio = window, studio
        self._problem: Exception | None = None
        studio.autosave.failed.connect(self._on_failed)
        studio.autosave.saved.connect(self._on_saved)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._problem = error

    @Slot()
    def _on_saved(self) -> None:
        self._problem = None

    def is_allowed(self) -> bool:
        """Keep the last changes; if that fails, return whether the user closes the window all the same."""
        self._studio.autosave.flush()
        QCoreApplication.sendPostedEvents(self._studio.background, QEvent.Type.MetaCall)  # what became of it
        if self._problem is None:
            return True
        box = QMessageBox(self._window, textFormat=Qt.TextFormat.PlainText, text=QUESTION.format(self._problem))
        box.setWindowTitle("Close without keeping the mask?")
        box.setIcon(QMessageBox.Icon.Warning)
        box.addButton("Close, and lose it", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.exec()
        stays = box.clickedButton() in (stay, None)
        box.deleteLater()
        return not stays
