"""Saves images and masks without blocking on a slow disk."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.files import write_atomically
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.kinds import about
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.request import Request
from segpaint.gui.commands.shell import Shell
from segpaint.io.image_files import FORMATS, mask_file, write_mask_as
from segpaint.io.results import result_files, write_result
from segpaint.studio.studio import Studio

PNG = "PNG (*.png)"
WITHOUT, WITH = "PNG, without the patient's original (*.png)", "PNG, with the patient's original inside (*.png)"
"""Kinds of an image made from a patient's; the first is chosen."""
NOTHING = "There is no finished image to save yet; generate one first."


def ask_where_to_save(studio: Studio, shell: Shell) -> None:
    """Ask where, and save image, mask and request.

    For an image that was made from a patient's, the question shows so, and offers to include the original.
    """
    result, request = studio.runs.trajectory.result, studio.runs.request
    if request is None or result is None:
        shell.warn(NOTHING, until=lambda: studio.runs.trajectory.result is not None)
        return
    what = about(request, result.noisy)
    title, kinds = "Save the finished image, its mask and its request", PNG
    if what.shows_patient:
        title = "Save PATIENT DATA"
        if what.own is not None:
            title += f": {what.share} of the pixels are the patient's own"
        kinds = f"{WITHOUT};;{WITH}"
    answer = shell.ask_where(
        title, f"{proposed_stem(studio)}.png", kinds, lambda path, _kind: result_files(path)
    )
    if answer is not None:
        _save(studio, shell, answer[0], result.noisy, request, answer[1] == WITH)


def proposed_stem(studio: Studio) -> str:
    """Propose a file's name, without its ending, for what is made of the run looked at."""
    request, reference = studio.runs.request, studio.document.reference
    if request is None:
        return studio.document.checkpoint.folder.resolve().name
    if isinstance(request.origin, Counterfactual) and reference is not None:
        return f"{Path(reference.name).stem}_edited_{request.seed}"
    return f"{request.checkpoint}_{request.seed}"


def save_to(studio: Studio, shell: Shell, path: Path, *, include_reference: bool = False) -> None:
    """Save the finished image with its mask and its request."""
    result, request = studio.runs.trajectory.result, studio.runs.request
    if result is None or request is None:
        shell.warn(NOTHING, until=lambda: studio.runs.trajectory.result is not None)
        return
    _save(studio, shell, path, result.noisy, request, include_reference)


def _save(
    studio: Studio,
    shell: Shell,
    path: Path,
    pixels: NDArray[np.uint8],
    request: Request,
    include_reference: bool,
) -> None:
    document, branch, judgement = studio.document, studio.runs.branches.current, studio.judging.judgement
    table, spacing = document.table, document.pixel_spacing
    masks: dict[str, NDArray[np.uint8]] = {"mask": request.final.mask}
    if isinstance(request.origin, Counterfactual):
        masks["reference"] = request.origin.mask
    if judgement is not None:
        masks["found"] = judgement.found
    # Only what is being measured: a file that is saved without is the same as one of the command line.
    measuring = studio.view.measuring
    ruler, with_sizes = measuring.ruler(spacing), measuring.shows_sizes

    def write() -> list[Path]:
        from segpaint.core.masks.measure_table import measure_numbers

        return write_result(
            path, pixels, request, table, include_reference=include_reference,
            found=branch.found if branch is not None else None,
            measured=({"sizes": measure_numbers(masks, table, spacing)} if with_sizes else {}) | ruler,
        )  # fmt: skip

    studio.background.start(write, partial(_report, shell), shell.warn)


def ask_where_to_save_mask(studio: Studio, shell: Shell) -> None:
    """Ask where, and save the mask alone."""
    kinds = {one.kind: one.suffix for one in FORMATS.values() if one.write_mask}
    answer = shell.ask_where(
        "Save mask", "mask.png", ";;".join(kinds), lambda path, kind: [mask_file(path, kinds.get(kind, ".png"))]
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
