"""Writes with what a checkpoint finishes its images: what is filtered out, and what is added."""

from pathlib import Path

from segpaint.core.diffusion.network_files import to_json
from segpaint.core.files import write_together
from segpaint.core.requests.checkpoint import (
    DESCRIPTION,
    FEW_STEPS_FILES,
    FEW_STEPS_FOLDER,
    Checkpoint,
    has_few_steps,
)
from segpaint.core.requests.few_step_description import read_few_step_description
from segpaint.core.requests.scan_noise import ScanNoiseFigures


def write_finish(before: Checkpoint, after: Checkpoint, few: ScanNoiseFigures | None = None) -> None:
    """Write the description of a checkpoint, and that its network for few steps still belongs to the weights.

    Parameters
    ----------
    before : Checkpoint
        As it is on the disk.
    after : Checkpoint
        With the description to write.
    few : ScanNoiseFigures, optional
        What noise of scans the network for few steps leaves out, if it has one.

    Raises
    ------
    SegPaintError
        If a file cannot be read or written.
    """
    written: dict[Path, bytes | Path] = {}
    if after.description != before.description:
        written[after.folder / DESCRIPTION] = to_json(after.description.model_dump(mode="json"))
    if has_few_steps(after.folder):
        path = _few_step_path(after.folder)
        description = read_few_step_description(path)
        changed = description.model_copy(update={"teacher": after.fingerprint, "scan_noise": few})
        if description.teacher == before.fingerprint and changed != description:
            written[path] = to_json(changed.model_dump(mode="json"))
    if written:
        write_together(written)


def teacher_of(folder: Path) -> str:
    """Return the fingerprint of what a checkpoint's network for few steps was distilled from.

    Raises
    ------
    SegPaintError
        If it has none.
    """
    return read_few_step_description(_few_step_path(folder)).teacher


def _few_step_path(folder: Path) -> Path:
    return folder / FEW_STEPS_FOLDER / FEW_STEPS_FILES[0]
