"""Opening a real image to edit, with its mask."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.recents import note
from segpaint.gui.files.scan_opening import open_scan
from segpaint.gui.files.size_question import ask_to_fit
from segpaint.io.image_files import patterns
from segpaint.io.references import mask_beside, oddities_beside, read_reference
from segpaint.io.results import holds_request, maker_of, read_request
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.studio.document.document import Reference
from segpaint.studio.document.recent import Kind
from segpaint.studio.studio import Studio

RESAMPLED = "was resampled. Nobody knows how wide its pixels are now: sizes are in pixels, not in millimetres."


def ask_image(studio: Studio, shell: Shell) -> None:
    """Ask for a real image, and open it."""
    path = shell.ask_file("Open a reference: a real image", f"Images ({patterns()});;All files (*)")
    if path is not None:
        open_image(studio, shell, path)


def open_image(studio: Studio, shell: Shell, path: Path, *, fit: Fit | None = None) -> None:
    """Take an image as the reference, with the mask beside it or, if there is none, one to be found."""
    description = studio.document.checkpoint.description
    try:
        image = read_reference(path, description.size, description.channels, fit)
        beside = mask_beside(path)
        if beside is not None:
            from segpaint.gui.files.mask_reader import read_into

            take = partial(_with_mask, studio, shell, path, beside, image, fit is not None)
            read_into(studio, shell, beside, take, fit=fit)
    except WrongSizeError as error:
        _ask_about_size(studio, shell, path, error)
        return
    except SegPaintError as error:
        shell.warn(error)
        return
    if beside is None:
        _without_mask(studio, shell, path, image, fit is not None)


def _ask_about_size(studio: Studio, shell: Shell, path: Path, error: WrongSizeError) -> None:
    """Offer to lay a frame on an image, which keeps its sizes, or to resample it."""
    again = partial(open_image, studio, shell, path)
    if mask_beside(path) is not None:  # of the same size, and to be resampled with it
        ask_to_fit(shell, error, again)
        return
    resample = ("Pad with background", Fit.PAD) if error.distortion else ("Resample", Fit.STRETCH)
    shell.ask(
        f"{error.problem} As a scan it keeps its size, and the model sees a part of it.", "Open as a scan",
        partial(open_scan, studio, shell, path), other=(resample[0], partial(again, fit=resample[1])),
    )  # fmt: skip


def _with_mask(
    studio: Studio,
    shell: Shell,
    path: Path,
    beside: Path,
    image: NDArray[np.uint8],
    is_resampled: bool,
    mask: NDArray[np.uint8],
) -> None:
    shell.quiet()
    is_near = beside.parent == path.resolve().parent  # else it lies elsewhere in a data set
    studio.reference.take(
        Reference(
            path.name,
            image,
            mask,
            studio.document.table.indices,
            is_resampled,
            path=str(path.absolute()),
            labels_from=f"from {beside.relative_to(beside.parents[0 if is_near else 3])}",
            made_by=maker_of(path),
        )
    )
    resampled = f"{path.name} {RESAMPLED}" if is_resampled else ""
    sentences = _what_it_is(path) or resampled, _odd(studio, path)
    if any(sentences):
        shell.warn(" ".join(filter(None, sentences)))
    note(studio, path, Kind.REFERENCE)


def _what_it_is(path: Path) -> str:
    """Report what an image is that SegPaint has written itself; empty of others."""
    if maker_of(path):
        return f"{path.name} was made by SegPaint from a mask: it is synthetic, and shows no patient."
    if not holds_request(path):
        return ""
    try:
        read_request(path)
    except SegPaintError:
        return f"{path.name} was written by SegPaint, but what it is made of cannot be read."
    return f"{path.name} was edited from a patient's image, or led towards one, by SegPaint."


def _odd(studio: Studio, path: Path) -> str:
    """Report in sentences what speaks against taking a file for an image; empty if nothing does."""
    found = oddities_beside(path, studio.document.checkpoint.description)
    labels = f"{found.labels} If so, open it with File > Open mask." if found.labels else ""
    return " ".join(filter(None, (labels, *found.others)))


def _without_mask(
    studio: Studio, shell: Shell, path: Path, image: NDArray[np.uint8], is_resampled: bool
) -> None:
    name, was_painted = path.name, bool(studio.document.mask.values.any())
    blank = np.zeros(studio.document.mask.shape, np.uint8)
    where = str(path.absolute())
    studio.reference.take(Reference(name, image, blank, (), is_resampled, path=where, made_by=maker_of(path)))
    note(studio, path, Kind.REFERENCE)
    has_labels = partial(_has_labels, studio, image)
    back = "Undo brings back what was painted before." if was_painted else ""
    more = "".join(f" {sentence}" for sentence in (back, _odd(studio, path)) if sentence)
    if studio.reference.can_find_labels:
        shell.ask(
            f"{name} has no mask beside it. The model's segmenter can find its labels, or paint them "
            f"and press the tick beside the reference.{more}",
            "Find the labels",
            partial(studio.reference.find_labels, name, image),
            until=has_labels,
        )
    else:
        shell.warn(
            f"{name} has no mask beside it, and this model has no segmenter to find its labels: paint "
            f"them, and press the tick beside the reference.{more}",
            until=has_labels,
        )


def _has_labels(studio: Studio, image: NDArray[np.uint8]) -> bool:
    """Check whether an image is a reference with labels, or no longer the reference."""
    reference = studio.reference.current
    return reference is None or reference.image is not image or bool(reference.used)


def find_labels(studio: Studio, shell: Shell) -> None:
    """Find the labels of the reference by the segmenter."""
    reference = studio.reference.current
    if reference is None:
        return
    if studio.reference.can_find_labels:
        studio.reference.find_labels(reference.name, reference.image)
    else:
        shell.warn(
            "This model has no segmenter; paint the labels, and press the tick.",
            until=lambda: studio.reference.current is not reference,
        )
