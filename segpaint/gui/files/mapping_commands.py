"""Reading masks into the open document, and asking what their values mean where that is not clear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.label_mapping import Guess, Reason, guess_targets, means_itself, with_names
from segpaint.gui.files.mapping_dialog import MappingDialog
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.foreign_masks import ForeignMask, read_foreign_mask, read_names, table_beside
from segpaint.io.sizes import Fit
from segpaint.studio.document.document import Document
from segpaint.studio.document.mapping_memory import MappingMemory


@dataclass(frozen=True)
class _Opening:
    """A mask on its way into a document.

    Attributes
    ----------
    done : callable
        Takes the mask in the document's labels.
    complaint : SegPaintError or None
        What is wrong with the table of names beside the file.
    """

    document: Document
    foreign: ForeignMask
    done: Callable[[NDArray[np.uint8]], None]
    complaint: SegPaintError | None = None

    def finish(self, targets: Sequence[int | None]) -> None:
        """Hand the mask over, if this is what its values mean."""
        self.done(self.foreign.mask(targets))

    @property
    def own_indices(self) -> tuple[int | None, ...] | None:
        """What the values mean if that is clear without asking.

        The colours may be those that the checkpoint gives its labels, or those that the user does by now.
        """
        sources, document = self.foreign.sources, self.document
        tables = (document.table, document.checkpoint.table)
        if any(means_itself(sources, guess_targets(sources, table)) for table in tables):
            return tuple(source.index for source in sources)
        return None


class MappingCommands(QObject):
    """Opens masks for the document, whatever program they come from.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    dialog : MappingDialog or None
        The one that asks at present.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._memory = MappingMemory(window.preferences)
        self._asked: _Opening | None = None
        self.dialog: MappingDialog | None = None
        window.session.document_changed.connect(self._give_up)

    def read(
        self,
        path: Path,
        done: Callable[[NDArray[np.uint8]], None],
        *,
        fit: Fit | None = None,
        content: bytes | None = None,
    ) -> None:
        """Read a mask: at once, or when the user has said what its values mean.

        Parameters
        ----------
        path : Path
        done : callable
            Takes the mask in the labels of the open document. It is not called if the user gives up.
        fit : Fit, optional
            What to do with a mask of another size.
        content : bytes, optional
            What to read instead of the file; the path is then what messages call it.

        Raises
        ------
        WrongSizeError
            If it has another size, and no way to fit it is given.
        SegPaintError
            If it cannot be read, or is no mask.
        """
        document = self._window.session.document
        if document is None:
            return
        size = document.checkpoint.description.size
        read = read_foreign_mask(path, document.table, size, fit, content=content)
        opening = _Opening(document, read, done)
        if content is None:
            opening = _with_names_beside(path, opening)
        foreign, messages = opening.foreign, self._window.messages
        own, remembered = opening.own_indices, self._memory.recall(foreign.sources, document.table)
        if own is not None and not foreign.is_black_and_white:
            opening.finish(own)
        elif remembered is not None:
            opening.finish(remembered)
            again = [Guess(target, None if target is None else Reason.REMEMBERED) for target in remembered]
            sentence = f"{path.name}: its values mean the same labels as last time."
            messages.ask(sentence, "Change…", partial(self._ask, opening, again), passing=True, tone="")
        elif own is not None:
            opening.finish(own)
            sentence = f"{path.name}: it holds 0 and 255 alone, and 255 stands for a free region."
            guesses = guess_targets(foreign.sources, document.table)
            messages.ask(sentence, "It is a label…", partial(self._ask, opening, guesses), passing=True)
        elif not len(document.table):
            raise SegPaintError(
                f"This model knows no labels that {path} could hold; open it with another model."
            )
        else:
            messages.hide()
            self._ask(opening, guess_targets(foreign.sources, document.table))

    def _ask(self, opening: _Opening, guesses: Sequence[Guess]) -> None:
        self._give_up()
        if opening.document is not self._window.session.document:
            return  # asked for by a message about a document that is no longer open
        dialog = MappingDialog(opening.foreign, guesses, opening.document.table, self._window)
        if opening.complaint is not None:
            dialog.tell(opening.complaint)
        dialog.finished.connect(self._on_finished)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog, self._asked = dialog, opening
        if self._window.isVisible():
            dialog.open()
        else:
            self._window.painted.connect(dialog.open)

    @Slot(int)
    def _on_finished(self, result: int) -> None:
        dialog, opening = self.dialog, self._asked
        self.dialog, self._asked = None, None
        if dialog is None or opening is None or result != QDialog.DialogCode.Accepted:
            return
        if dialog.remember.isEnabled() and dialog.remember.isChecked():
            self._memory.keep(opening.foreign.sources, dialog.targets, opening.document.table)
        opening.finish(dialog.targets)

    @Slot()
    def _give_up(self) -> None:
        """Ask no longer."""
        if self.dialog is not None:
            self.dialog.reject()


def _with_names_beside(path: Path, opening: _Opening) -> _Opening:
    """The values under the names that the table beside their file has for them, if there is one."""
    beside = table_beside(path)
    if beside is None:
        return opening
    try:
        names = read_names(beside)
    except SegPaintError as error:
        return replace(opening, complaint=error)
    sources = with_names(opening.foreign.sources, names)
    return replace(opening, foreign=replace(opening.foreign, sources=sources))
