"""Opening masks, results, requests and checkpoints."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.origins import Withheld
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files import references
from segpaint.gui.files.kept_work import open_kept
from segpaint.gui.files.projects import open_project
from segpaint.gui.files.recents import note
from segpaint.gui.files.scan_opening import open_scan
from segpaint.gui.files.size_question import ask_to_fit
from segpaint.io.contents import Content, content_of
from segpaint.io.history_files import read_pixels
from segpaint.io.image_files import patterns
from segpaint.io.results import holds_request, read_request
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.io.volume_files.file_kinds import ENDINGS
from segpaint.studio.document.recent import Kind
from segpaint.studio.document.unsaved_work import is_unsaved_work
from segpaint.studio.studio import Studio
from segpaint.studio.view.patients import patient_of


def ask_mask(studio: Studio, shell: Shell) -> None:
    """Ask for a mask file, and open it."""
    path = shell.ask_file("Open mask", f"Masks, results and requests ({patterns()} *.json);;All files (*)")
    if path is None:
        return
    if studio.scans.scan is not None and content_of(path) is Content.SCAN:
        from segpaint.gui.files.scan_masks import open_scan_mask

        open_scan_mask(studio, shell, path)
    else:
        open_file(studio, shell, path)


def ask_scan_mask(studio: Studio, shell: Shell) -> None:
    """Ask for a mask of the open scan, and open it."""
    endings = " ".join(f"*{ending}" for ending in ENDINGS)
    path = shell.ask_file("Open a mask of the scan", f"Masks ({endings});;All files (*)")
    if path is not None:
        from segpaint.gui.files.scan_masks import open_scan_mask

        open_scan_mask(studio, shell, path)


def open_file(studio: Studio, shell: Shell, path: Path) -> None:
    """Open a mask or a scan, or restore the request of a result."""
    if content_of(path) is Content.SCAN:
        open_scan(studio, shell, path)
    elif content_of(path) is Content.PROJECT:
        open_project(studio, shell, path)
    elif is_unsaved_work(path):
        open_kept(studio, shell, path)
    elif holds_request(path):
        open_request(studio, shell, path)
    else:
        open_mask(studio, shell, path)


def open_request(studio: Studio, shell: Shell, path: Path, source: str = "") -> bool:
    """Restore mask, labels, settings and image of a result, or of a request file; undoable.

    Parameters
    ----------
    source : str
        Where the image comes from, for the user; by default the name of the file.

    Returns
    -------
    bool
        False if that fails.
    """
    try:
        request = read_request(path)
        pixels = read_pixels(path) if path.suffix.lower() == ".png" else None
        studio.scans.seek(patient_of(request))
        is_image = pixels is not None and pixels.shape[:2] == request.final.mask.shape
        request = studio.taken_up.take(
            request, f"Take up from {source}" if source else f"Open {path.name}",
            pixels if is_image else None, source or path.name,
        )  # fmt: skip
    except SegPaintError as error:
        shell.warn(error)
        return False
    shell.quiet()
    if isinstance(request.origin, Withheld):
        shell.warn(
            f"{path.name} was made from a patient's image, which is not in it. To make it again, open that "
            "image as the reference, then this file once more."
        )
    studio.provenance.take(path.name, request)
    note(studio, path, Kind.MASK)
    return True


def open_mask(studio: Studio, shell: Shell, path: Path, *, fit: Fit | None = None) -> None:
    """Replace the open mask by one from a file; undoable."""
    from segpaint.gui.files.mask_reader import read_into
    from segpaint.io.foreign_masks import PictureError

    try:
        read_into(studio, shell, path, partial(_take, studio, shell, path), fit=fit)
    except WrongSizeError as error:
        ask_to_fit(shell, error, partial(open_mask, studio, shell, path))
    except PictureError as error:
        action = partial(references.open_image, studio, shell, path)
        as_scan = "Open as a scan", partial(open_scan, studio, shell, path)
        shell.ask(str(error), "Use it as the reference", action, other=as_scan)
    except SegPaintError as error:
        shell.warn(error)


def _take(studio: Studio, shell: Shell, path: Path, values: NDArray[np.uint8]) -> None:
    shell.quiet()
    studio.document.strokes.replace(values, f"Open {path.name}")
    note(studio, path, Kind.MASK)


def ask_checkpoint(studio: Studio, shell: Shell) -> None:
    """Ask for a checkpoint folder, and open it."""
    folder = shell.ask_folder("Open a checkpoint folder")
    if folder is not None:
        open_folder(studio, shell, folder)


def open_folder(studio: Studio, shell: Shell, folder: Path) -> None:
    """Open a checkpoint with what was last painted for it, or with its first example."""
    try:
        checkpoint = read_checkpoint(folder)
    except SegPaintError as error:
        shell.warn(error)
    else:
        shell.quiet()
        studio.open_checkpoint(checkpoint)
