"""Looking at many images at once: seeds, subsets of labels, degrees of similarity."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QInputDialog,
    QLabel,
    QVBoxLayout,
)

from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.origins import Similarity
from segpaint.core.requests.request import Request
from segpaint.core.runs.series import MOST_ABLATED, Entry, ablations, seeds, similarities
from segpaint.gui.making.animation_commands import AnimationCommands
from segpaint.gui.making.series_dialog import SeriesDialog
from segpaint.gui.parts.tick_list import TickList
from segpaint.gui.window.main_window import MainWindow

SEEDS = 8


class ChooseLabels(QDialog):
    """Asks for a few labels.

    Parameters
    ----------
    table : LabelTable
    used : tuple of int
        Those that can be chosen.
    """

    def __init__(self, table: LabelTable, used: tuple[int, ...], parent: MainWindow) -> None:
        super().__init__(parent, windowTitle="Labels to leave out")
        self.list = TickList()
        for number, index in enumerate(used):
            self.list.add(table[index].name, index, ticked=number < 2)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.list.itemChanged.connect(self._check)
        layout = QVBoxLayout(self)
        layout.addWidget(
            QLabel(f"Every subset of the labels ticked is left out in turn; at most {MOST_ABLATED}.")
        )
        layout.addWidget(self.list)
        layout.addWidget(self.buttons)
        self._check()

    @property
    def chosen(self) -> list[int]:
        """Indices of the labels ticked."""
        return self.list.ticked

    @Slot()
    def _check(self) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(0 < len(self.chosen) <= MOST_ABLATED)


class ExploreCommands(QObject):
    """What the Explore menu does.

    Parameters
    ----------
    window : MainWindow
    animations : AnimationCommands
        Export what a series shows.
    """

    def __init__(self, window: MainWindow, animations: AnimationCommands) -> None:
        super().__init__(window)
        self._window = window
        self._animations = animations
        self._session = window.session
        actions = window.commands
        actions["variation"].triggered.connect(self.ask_seeds)
        actions["ablation_grid"].triggered.connect(self.ask_labels)
        actions["similarity_strip"].triggered.connect(self.show_similarities)

    @Slot()
    def ask_seeds(self) -> None:
        """Ask how many seeds to show."""
        count, given = QInputDialog.getInt(self._window, "Variation", "Number of seeds", SEEDS, 2, 64)
        if given:
            self.show_seeds(count)

    def show_seeds(self, count: int) -> SeriesDialog | None:
        """The painted mask with many seeds, their mean and their spread."""
        request = self._request()
        if request is None:
            return None
        return self._show("Variation: one mask, many seeds", seeds(request, count), columns=5, sums_up=True)

    @Slot()
    def ask_labels(self) -> None:
        """Ask which labels to leave out."""
        document = self._session.document
        if document is None:
            return
        dialog = ChooseLabels(document.table, document.used, self._window)
        dialog.accepted.connect(self._on_labels)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot()
    def _on_labels(self) -> None:
        self.show_ablations(self.sender().chosen)

    def show_ablations(self, chosen: list[int]) -> SeriesDialog | None:
        """Every subset of some labels left out, same seed."""
        request, document = self._request(), self._session.document
        if request is None or document is None:
            return None
        return self._show(
            "Ablation: same noise, labels left out", ablations(request, document.table, chosen), columns=4
        )

    @Slot()
    def show_similarities(self) -> SeriesDialog | None:
        """From an image of its own to the reference, in eleven steps."""
        request = self._request()
        if request is None:
            return None
        if not isinstance(request.origin, Similarity):
            self._window.messages.tell(
                "Open a reference and choose “Near the reference” first: the strip leads from an image of its "
                "own to the reference."
            )
            return None
        return self._show(
            "Similarity: 0 shares only the labels, 1 is the reference", similarities(request), columns=6
        )

    def _request(self) -> Request | None:
        document, precision = self._session.document, self._session.precision
        if document is None or precision is None:
            self._window.messages.tell("The model is still being loaded; try again in a moment.")
            return None
        return document.request(precision)

    def _show(self, title: str, entries: list[Entry], *, columns: int, sums_up: bool = False) -> SeriesDialog:
        dialog = SeriesDialog(
            self._session, title, entries, columns=columns, sums_up=sums_up, parent=self._window
        )
        dialog.chosen.connect(self._take_up)
        dialog.animation_wanted.connect(self._animations.export_series)
        dialog.show()
        return dialog

    @Slot(object)
    def _take_up(self, request: Request) -> None:
        document = self._session.document
        if document is not None:
            document.restore(request)
            self._window.statusBar().showMessage("Taken up; press Generate to watch it form", 6000)
