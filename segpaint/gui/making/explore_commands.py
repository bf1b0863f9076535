"""The commands that make many images: seeds, subsets of labels, degrees of similarity."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from fonticon_mdi7 import MDI7
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from segpaint.core.labels.counting import count_values
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.origins import Similarity
from segpaint.core.requests.request import Request
from segpaint.core.runs.series import MOST_ABLATED, Entry, ablations, seeds, similarities, worth_leaving_out
from segpaint.core.words import counted
from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.gui.making.animation_commands import export_series
from segpaint.gui.parts.layouts import OF_STYLE, in_column
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.tick_list import TickList
from segpaint.studio.document.taking_up import Terms
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.gui.making.series_dialog import SeriesDialog

SEEDS = 8


class ChooseLabels(QDialog):
    """Asks for some labels.

    Parameters
    ----------
    used : tuple of int
        Those that can be chosen.
    ticked : tuple of int
        Those that are chosen at first.
    """

    def __init__(
        self,
        table: LabelTable,
        used: tuple[int, ...],
        ticked: tuple[int, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, windowTitle="Labels to leave out")
        self.list = TickList()
        for index in used:
            self.list.add(table[index].name, index, ticked=index in ticked)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.list.itemChanged.connect(self._check)
        hint = PlainLabel("Every combination of the labels ticked is left out in turn, from the same noise.")
        self.count = PlainLabel(objectName="heading")
        in_column(hint, self.list, self.count, self.buttons, of=self, margins=OF_STYLE)
        self._check()

    @property
    def chosen(self) -> list[int]:
        """Indices of the ticked labels."""
        return self.list.ticked

    @Slot()
    def _check(self) -> None:
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        count = len(self.chosen)
        ok.setEnabled(0 < count <= MOST_ABLATED)
        if count > MOST_ABLATED:
            self.count.setText(f"These are too many: tick at most {MOST_ABLATED}.")
        else:
            self.count.setText(counted(2**count, "image") if count else "Tick the labels to leave out.")


def ask_seeds(studio: Studio, shell: Shell) -> None:
    """Ask how many seeds to show."""
    count = shell.ask_number("Variation", "Number of seeds", SEEDS, 2, 64)
    if count is not None:
        show_seeds(studio, shell, count)


def show_seeds(studio: Studio, shell: Shell, count: int) -> SeriesDialog | None:
    """Show images of the painted mask with many seeds, their mean and their spread."""
    request = _request(studio, shell, partial(show_seeds, studio, shell, count))
    if request is None:
        return None
    title = "Variation: one mask, many seeds"
    return _show(studio, shell, "the variation", title, seeds(request, count), columns=5, sums_up=True)


def ask_labels(studio: Studio, shell: Shell) -> None:
    """Ask which labels to leave out; at first, those are ticked that stand out in the mask."""
    document = studio.document
    sizes = count_values(document.mask.values)
    largest = sorted(document.used, key=lambda index: (index != document.paint_value, -sizes[index]))
    there = [index for index in largest if sizes[index]]
    ticked = worth_leaving_out(document.table, there or largest)
    dialog = shell.open(partial(ChooseLabels, document.table, document.used, ticked))
    dialog.accepted.connect(lambda: show_ablations(studio, shell, dialog.chosen))


def show_ablations(studio: Studio, shell: Shell, chosen: list[int]) -> SeriesDialog | None:
    """Show images without each subset of some labels, with the same seed."""
    request = _request(studio, shell, partial(show_ablations, studio, shell, chosen))
    if request is None:
        return None
    entries = ablations(request, studio.document.table, chosen)
    title = "Ablation: same noise, labels left out"
    return _show(studio, shell, "the ablation grid", title, entries, columns=4)


def show_similarities(studio: Studio, shell: Shell) -> SeriesDialog | None:
    """Show eleven steps from an independent image to the reference."""
    request = _request(studio, shell, partial(show_similarities, studio, shell))
    if request is None:
        return None
    if not isinstance(request.origin, Similarity):
        shell.warn(
            "Open a reference and choose “Near the reference” first: the strip leads from an image of its "
            "own to the reference.",
            until=lambda: studio.document.is_near,
        )
        return None
    title = "Similarity: 0 shares only the labels, 1 is the reference"
    return _show(studio, shell, "the similarity strip", title, similarities(request), columns=6)


def _request(studio: Studio, shell: Shell, again: Callable[[], object]) -> Request | None:
    """Return the document's request; if the model is still being loaded, None, and `again` is called later."""
    runs, document = studio.runs, studio.document
    if runs.precision is not None:
        return document.request(runs.precision)

    def is_over() -> bool:
        return not runs.is_loading or studio.document is not document

    def go_on() -> None:
        if is_over():
            runs.model_changed.disconnect(go_on)
            if runs.is_ready and studio.document is document:
                again()

    if runs.is_loading:
        runs.model_changed.connect(go_on)
        shell.warn("The images are made as soon as the model is loaded.", until=is_over)
    else:
        shell.warn("There is no model to make images with; choose another one in the list of models.")
    return None


def _show(
    studio: Studio,
    shell: Shell,
    source: str,
    title: str,
    entries: list[Entry],
    *,
    columns: int,
    sums_up: bool = False,
) -> SeriesDialog:
    from segpaint.gui.making.series_dialog import SeriesDialog

    build = partial(SeriesDialog, studio, title, entries, columns=columns, sums_up=sums_up)
    dialog = shell.beside(lambda window: build(parent=window))
    dialog.chosen.connect(partial(_take_up, studio, shell, source))
    dialog.animation_wanted.connect(partial(export_series, studio, shell, dialog))
    return dialog


def _take_up(
    studio: Studio, shell: Shell, source: str, request: Request, pixels: NDArray[np.uint8] | None
) -> None:
    document, runs = studio.document, studio.runs
    studio.taken_up.take(request, f"Take up from {source}", pixels, source)
    terms, edits, branch = Terms.of(document), document.strokes.stack.index(), runs.branches.current

    def is_over() -> bool:
        """Check whether the next run is another one, or has begun."""
        return (
            studio.document is not document
            or runs.branches.current is not branch
            or document.strokes.stack.index() != edits
            or Terms.of(document).differ_from(terms)
        )

    shell.say("Taken up, and can be undone; press Generate to watch it form", until=is_over)


ROWS = (
    Command(
        key="variation", text="Variation…", run=ask_seeds, menu="Explore", place=100, keys=("Ctrl+Shift+V",),
        icon=MDI7.view_grid_outline, hint="The mask with many seeds, their mean and their spread",
    ),
    Command(
        key="ablation_grid", text="Ablation grid…", run=ask_labels, menu="Explore", place=101,
        keys=("Ctrl+Shift+A",), hint="Every subset of a few labels left out, same seed",
    ),
    Command(
        key="similarity_strip", text="Similarity strip", run=show_similarities, menu="Explore", place=102,
        hint="From an image of its own to the reference, in eleven steps",
    ),
)  # fmt: skip
