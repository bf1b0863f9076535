"""Saving the document as a project, and opening one."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from segpaint.core.errors import SegPaintError
from segpaint.core.files import with_ending
from segpaint.core.labels.label_mapping import Rgb
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.mask_reader import read_into
from segpaint.gui.files.recents import note
from segpaint.gui.files.size_question import ask_to_fit
from segpaint.io.image_files import encode_mask
from segpaint.io.project_files import ENDING
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.studio.document.projects import (
    KeptView,
    Project,
    find_reference,
    project_of,
    read_project,
    write_project,
)
from segpaint.studio.document.recent import Kind
from segpaint.studio.document.unsaved_work import check_meaning, take_up
from segpaint.studio.studio import Studio

BY_PATH = f"Project (*{ENDING})"
COPYING = f"Project, with the patient's image inside (*{ENDING})"
"""Offered where there is a reference; the first kind is chosen."""


def why_not(studio: Studio) -> str:
    """Explain why no project can be saved; empty if one can."""
    return "A project does not hold scans yet; the masks of this one are kept by themselves" * (
        studio.scans.scan is not None
    )


def ask_where_to_save_project(studio: Studio, shell: Shell) -> None:
    """Ask where, and whether with a copy of the reference, and save the document as a project."""
    kinds = BY_PATH if studio.document.reference is None else f"{BY_PATH};;{COPYING}"
    name = f"{studio.document.checkpoint.folder.resolve().name}{ENDING}"
    answer = shell.ask_where("Save project", name, kinds, lambda path, _kind: [with_ending(path, ENDING)])
    if answer is not None:
        save_project(studio, shell, answer[0], copies_reference=answer[1] == COPYING)


def save_project(studio: Studio, shell: Shell, path: Path, *, copies_reference: bool = False) -> None:
    """Save the document as a project."""
    document, overlay, viewpoint = studio.document, studio.view.overlay, studio.view.viewpoint
    centre = None if viewpoint.is_fitted else viewpoint.centre.toTuple()
    view = KeptView(
        centre=centre, zoom=viewpoint.zoom, opacity=overlay.opacity, is_outlined=overlay.is_outlined
    )
    project = project_of(document, view, _reference_path(studio), copies_reference=copies_reference)
    write = partial(write_project, path, project, document.checkpoint)
    studio.background.start(write, partial(_on_saved, studio, shell, path), shell.warn)


def _on_saved(studio: Studio, shell: Shell, path: Path, _nothing: None) -> None:
    note(studio, path, Kind.PROJECT)
    shell.say(f"Saved {path.name} in {path.parent}", 8000)


def _reference_path(studio: Studio) -> str:
    """Find where the reference lies; opening checks that it is the same image."""
    reference = studio.document.reference
    places = [file.path for file in studio.recent.files if file.kind == Kind.REFERENCE.value]
    return next((place for place in places if reference and Path(place).name == reference.name), "")


def ask_project(studio: Studio, shell: Shell) -> None:
    """Ask for a project, and open it."""
    path = shell.ask_file("Open project", f"Projects (*{ENDING});;All files (*)")
    if path is not None:
        open_project(studio, shell, path)


def open_project(studio: Studio, shell: Shell, path: Path) -> None:
    """Open a project with what there is of it; the mask is replaced undoably."""
    try:
        project = read_project(path)
        checkpoint = _checkpoint(studio, project)
        if checkpoint is None:
            _open_mask(studio, shell, path, project)
            return
        check_meaning(project.work, checkpoint)
        shell.quiet()
        _show(studio, shell, path, project, checkpoint)
    except SegPaintError as error:
        shell.warn(error)


def _checkpoint(studio: Studio, project: Project) -> Checkpoint | None:
    """Find the project's checkpoint by its name among those offered."""
    name, now = project.work.request.checkpoint, studio.document.checkpoint
    for folder in (now.folder, *studio.folders):
        if folder.resolve().name == name and folder.is_dir():
            return now if folder == now.folder else read_checkpoint(folder)
    return None


def _show(studio: Studio, shell: Shell, path: Path, project: Project, checkpoint: Checkpoint) -> None:
    problems, work, place = [], project.work, project.head.reference
    if place is not None:
        try:
            work = work.model_copy(update={"reference": find_reference(place, checkpoint)})
        except SegPaintError as error:
            problems.append(str(error))
    if checkpoint is not studio.document.checkpoint:
        studio.open_checkpoint(checkpoint)
    studio.scans.close()
    document = studio.document
    document.set_reference(work.reference)  # before the request, which may begin with it
    take_up(document, work)
    view = project.head.view
    studio.view.overlay.set_opacity(view.opacity)
    studio.view.overlay.set_outlined(view.is_outlined)
    studio.view.viewpoint.fit()
    if view.centre is not None:
        viewpoint = studio.view.viewpoint
        viewpoint.zoom_at(QPointF(*view.centre), view.zoom / viewpoint.zoom)
        viewpoint.pan((viewpoint.centre - QPointF(*view.centre)) * viewpoint.zoom)
    note(studio, path, Kind.PROJECT)
    if problems:
        shell.warn(f"{path.name} was opened without its reference. {' '.join(problems)}")
    asked = work.request.fingerprint
    studio.background.start(
        lambda: checkpoint.fingerprint == asked,
        partial(_on_compared, shell, path, checkpoint), shell.warn, lane="fingerprint",
    )  # fmt: skip


def _on_compared(shell: Shell, path: Path, checkpoint: Checkpoint, is_same: bool) -> None:
    if not is_same:
        name = checkpoint.folder.resolve().name
        shell.warn(f"{path.name} was saved with other weights of {name}; the same seed makes another image.")


def _open_mask(studio: Studio, shell: Shell, path: Path, project: Project, *, fit: Fit | None = None) -> None:
    """Open the mask of a project for whose checkpoint there is no folder; its labels are asked about."""
    work = project.work
    png = encode_mask(work.request.mask, LabelTable(work.labels))
    names: dict[int | Rgb, str] = {label.index: label.name for label in work.labels}
    try:
        take = partial(_take, studio, shell, path, work.request.checkpoint)
        read_into(studio, shell, path, take, fit=fit, content=png, names=names)
    except WrongSizeError as error:
        ask_to_fit(shell, error, partial(_open_mask, studio, shell, path, project))
    except SegPaintError as error:
        shell.warn(error)


def _take(studio: Studio, shell: Shell, path: Path, name: str, values: NDArray[np.uint8]) -> None:
    studio.document.strokes.replace(values, f"Open {path.name}")
    shell.warn(f"The model {name} of {path.name} is not here, so its mask alone was opened for this one.")
