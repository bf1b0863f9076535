"""Offers masks that were painted and kept, but not opened by themselves."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.words import counted
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.scan_opening import open_scan
from segpaint.gui.files.size_question import ask_to_fit
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.studio.document.unsaved_work import salvage
from segpaint.studio.studio import Studio


def offer_kept(studio: Studio, shell: Shell) -> None:
    """Report what was put aside, and offer to open the first mask of it."""
    waiting, sentences = studio.autosave.take_waiting(), studio.take_problems()
    if not waiting:
        if sentences:
            shell.warn(" ".join(sentences))
        return
    first, *others = waiting
    more = f" So {'is' if len(others) == 1 else 'are'} {counted(len(others), 'more file')}." if others else ""
    sentences.insert(0, f"{first.sentence} It is kept as {first.path}.{more}")
    shell.ask(" ".join(sentences), "Open it…", partial(open_kept, studio, shell, first.path))


def offer_scan(studio: Studio, shell: Shell) -> None:
    """Offer to open the scan again that the reference, kept from the last time, is a slice of."""
    reference = studio.document.reference
    if reference is None or not reference.is_slice or not reference.path or not Path(reference.path).exists():
        return
    path = Path(reference.path)
    shell.ask(
        f"{reference.name} is of the scan {path.name}. All its slices, with their masks and images, come "
        "back when it is opened again.",
        "Open the scan", partial(open_scan, studio, shell, path), tone="",
        until=lambda: studio.document.reference is not reference,
    )  # fmt: skip


def report_second(studio: Studio, shell: Shell) -> None:
    """Report that another window is open, if this one is not alone."""
    if studio.workplace.is_second:
        shell.warn(
            "SegPaint is open in another window. This window has a history and unsaved masks of its own, in "
            f"{studio.workplace.folder}; when SegPaint is next started alone, it takes them over."
        )


def open_kept(studio: Studio, shell: Shell, path: Path, *, fit: Fit | None = None) -> None:
    """Open the mask of a kept document; undoable. If its labels are others, their meaning is asked for."""
    from segpaint.gui.files.mask_reader import read_into

    try:
        png, names = salvage(path)
        take = partial(_take, studio, shell, path)
        read_into(studio, shell, path, take, fit=fit, content=png, names=names)
    except WrongSizeError as error:
        ask_to_fit(shell, error, partial(open_kept, studio, shell, path))
    except SegPaintError as error:
        shell.warn(error)


def _take(studio: Studio, shell: Shell, path: Path, values: NDArray[np.uint8]) -> None:
    shell.quiet()
    studio.document.strokes.replace(values, f"Open {path.name}")
