"""Actions on earlier results: restore, compare, star, delete."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.words import counted
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.opening import open_request
from segpaint.gui.history.history_model import HistoryModel
from segpaint.io.history_files import read_pixels
from segpaint.io.results import read_request
from segpaint.paths import find_offered
from segpaint.studio.studio import Studio
from segpaint.studio.view.comparison import Mode, Other
from segpaint.studio.view.patients import patient_of


def restore(studio: Studio, shell: Shell, path: Path, source: str = "the history") -> bool:
    """Restore a result: its model, mask, labels, settings and image, undoably; False if that fails.

    Parameters
    ----------
    source : str
        Where it comes from, for the user.
    """
    try:
        request = read_request(path)
        if studio.document.checkpoint.folder.resolve().name != request.checkpoint:
            studio.open_checkpoint(read_checkpoint(find_offered(request.checkpoint)))
    except SegPaintError as error:
        shell.warn(error)
        return False
    return open_request(studio, shell, path, source)


def compare(studio: Studio, shell: Shell, path: Path, restored: Path | None = None) -> None:
    """Show a result beside the current image, or beside another result, which is restored for it."""
    if restored is not None and not restore(studio, shell, restored):
        return
    try:
        pixels, request = read_pixels(path), read_request(path)
    except SegPaintError as error:
        shell.warn(error)
        return
    comparison = studio.view.comparison
    mask, patient = request.final.mask, patient_of(request)
    comparison.pin(Other("earlier result", pixels, mask, patient=patient, request=request))
    if comparison.mode is Mode.OFF:
        comparison.set_mode(Mode.SWIPE)


def star(shell: Shell, model: HistoryModel, paths: Sequence[Path], *, on: bool) -> None:
    """Mark results by stars, which protect them, or remove the stars."""
    try:
        model.folder.star(paths, on=on)
    except SegPaintError as error:
        shell.warn(error)
    model.refresh()


def delete(shell: Shell, model: HistoryModel, paths: Sequence[Path]) -> None:
    """Delete results, and offer to undo that."""
    if not paths:
        return
    try:
        model.folder.delete(paths)
    except SegPaintError as error:
        shell.warn(error)
        return
    model.remove(paths)
    words = f"{counted(len(paths), 'image was', 'images were')} deleted."
    shell.ask(words, "Take back", partial(take_back, shell, model, paths))


def take_back(shell: Shell, model: HistoryModel, paths: Sequence[Path]) -> None:
    """Undo a deletion."""
    try:
        model.folder.take_back(paths)
    except SegPaintError as error:
        shell.warn(error)
    else:
        model.put_back(paths)
