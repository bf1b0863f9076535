"""Reads masks into the open document, and asks for the meaning of their values if necessary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.label_mapping import Guess, Reason, Rgb, guess_targets, means_itself, with_names
from segpaint.gui.commands.shell import Shell
from segpaint.io.foreign_masks import ForeignMask, read_foreign_mask, read_names, table_beside
from segpaint.io.sizes import Fit
from segpaint.studio.document.document import Document
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.gui.files.mapping_dialog import MappingDialog


@dataclass(frozen=True)
class _Opening:
    """A mask that is being opened.

    Attributes
    ----------
    done : callable
        Takes the mask in the document's labels.
    complaint : SegPaintError or None
        The error in the table of names beside the file.
    """

    document: Document
    foreign: ForeignMask
    done: Callable[[NDArray[np.uint8]], None]
    complaint: SegPaintError | None = None

    def finish(self, targets: Sequence[int | None]) -> None:
        """Translate the mask by the meanings of its values, and pass it to `done`."""
        self.done(self.foreign.mask(targets))

    @property
    def own_indices(self) -> tuple[int | None, ...] | None:
        """Determine the meanings of the values if no question is necessary.

        The colours may be the checkpoint's or the user's.
        """
        sources, document = self.foreign.sources, self.document
        tables = (document.table, document.checkpoint.table)
        if any(means_itself(sources, guess_targets(sources, table)) for table in tables):
            return tuple(source.index for source in sources)
        return None


def read_into(
    studio: Studio,
    shell: Shell,
    path: Path,
    done: Callable[[NDArray[np.uint8]], None],
    *,
    fit: Fit | None = None,
    content: bytes | None = None,
    names: Mapping[int | Rgb, str] | None = None,
) -> None:
    """Read a mask: at once, or when the user has chosen the meanings of its values.

    Parameters
    ----------
    done : callable
        Takes the mask in the labels of the open document. It is not called if the user cancels.
    fit : Fit, optional
        How to adapt a mask of another size.
    content : bytes, optional
        Read instead of the file; the path is then its name in messages.
    names : mapping of int or tuple of int to str, optional
        Names of the values, by index; values of other names than the document's are asked about.

    Raises
    ------
    WrongSizeError
        If it has another size, and `fit` is not given.
    SegPaintError
        If it cannot be read, or is no mask.
    """
    document = studio.document
    size = document.checkpoint.description.size
    read = read_foreign_mask(path, document.table, size, fit, content=content)
    opening = _Opening(document, read, done)
    if content is None:
        opening = _with_names_beside(path, opening)
    if names:
        opening = replace(opening, foreign=replace(read, sources=with_names(read.sources, names)))
    foreign = opening.foreign
    own, remembered = opening.own_indices, studio.mappings.recall(foreign.sources, document.table)
    ask = partial(_ask, studio, shell, opening)
    if own is not None and not foreign.is_black_and_white:
        opening.finish(own)
    elif remembered is not None:
        opening.finish(remembered)
        again = [Guess(target, None if target is None else Reason.REMEMBERED) for target in remembered]
        sentence = f"{path.name}: its values mean the same labels as last time."
        shell.ask(sentence, "Change…", partial(ask, again), passing=True, tone="")
    elif own is not None:
        opening.finish(own)
        sentence = f"{path.name}: it holds 0 and 255 alone, and 255 stands for a free region."
        guesses = guess_targets(foreign.sources, document.table)
        shell.ask(sentence, "It is a label…", partial(ask, guesses), passing=True)
    elif not len(document.table):
        raise SegPaintError(f"This model knows no labels that {path} could hold; open it with another model.")
    else:
        shell.quiet()
        ask(guess_targets(foreign.sources, document.table))


def _ask(studio: Studio, shell: Shell, opening: _Opening, guesses: Sequence[Guess]) -> None:
    if opening.document is not studio.document:
        return  # requested by a message about a document that is no longer open
    from segpaint.gui.files.mapping_dialog import MappingDialog

    table = opening.document.table
    dialog = shell.only(MappingDialog, partial(MappingDialog, opening.foreign, guesses, table))
    if opening.complaint is not None:
        dialog.tell(opening.complaint)
    studio.opened.switched.connect(dialog.reject)
    dialog.accepted.connect(partial(_take, studio, opening, dialog))


def _take(studio: Studio, opening: _Opening, dialog: MappingDialog) -> None:
    if dialog.remember.isEnabled() and dialog.remember.isChecked():
        studio.mappings.keep(opening.foreign.sources, dialog.targets, opening.document.table)
    opening.finish(dialog.targets)


def _with_names_beside(path: Path, opening: _Opening) -> _Opening:
    """Name the values by the table beside their file, if there is one."""
    beside = table_beside(path)
    if beside is None:
        return opening
    try:
        names = read_names(beside)
    except SegPaintError as error:
        return replace(opening, complaint=error)
    sources = with_names(opening.foreign.sources, names)
    return replace(opening, foreign=replace(opening.foreign, sources=sources))
