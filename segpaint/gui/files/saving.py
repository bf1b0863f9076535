"""Saves images and masks without blocking on a slow disk."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.files import write_atomically
from segpaint.core.labels.labels import LabelTable
from segpaint.gui.commands.shell import Shell
from segpaint.io.image_files import FORMATS, write_mask_as
from segpaint.io.results import write_result
from segpaint.studio.studio import Studio

PNG = "PNG (*.png)"
NOTHING = "There is no finished image to save yet; generate one first."


def ask_where_to_save(studio: Studio, shell: Shell) -> None:
    """Ask where, and save image, mask and request."""
    request = studio.runs.request
    if request is None or studio.runs.trajectory.result is None:
        shell.warn(NOTHING)
        return
    title = "Save the finished image, its mask and its request"
    answer = shell.ask_where(title, f"{request.checkpoint}_{request.seed}.png", PNG)
    if answer is not None:
        save_to(studio, shell, answer[0])


def save_to(studio: Studio, shell: Shell, path: Path) -> None:
    """Save the finished image with its mask and its request."""
    result, request = studio.runs.trajectory.result, studio.runs.request
    if result is None or request is None:
        shell.warn(NOTHING)
        return
    write = partial(write_result, path, result.noisy, request, studio.document.table)
    studio.background.start(write, partial(_report, shell), shell.warn)


def ask_where_to_save_mask(studio: Studio, shell: Shell) -> None:
    """Ask where, and save the mask alone."""
    answer = shell.ask_where(
        "Save mask", "mask.png", ";;".join(one.kind for one in FORMATS.values() if one.write_mask)
    )
    if answer is not None:
        document = studio.document
        write = partial(_write_mask, answer[0], document.mask.snapshot(), document.table)
        studio.background.start(write, partial(_report, shell), shell.warn)


def _write_mask(path: Path, values: NDArray[np.uint8], table: LabelTable) -> list[Path]:
    write_atomically(path, write_mask_as(path, values, table))
    return [path]


def _report(shell: Shell, files: list[Path]) -> None:
    names = ", ".join(file.name for file in files)
    shell.say(f"Saved {names} in {files[0].parent}", 8000)
