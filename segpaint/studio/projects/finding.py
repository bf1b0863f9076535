"""Finds what a project names: its model, its reference, its scan. Takes a while, so on another thread."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.requests.origins import digest_of
from segpaint.io.references import read_reference
from segpaint.io.results import maker_of
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.studio.document.document import Reference
from segpaint.studio.projects.project import Project, ReferencePlace, ScanPlace, read_project


@dataclass(frozen=True, eq=False)
class Found:
    """A project with what was found of it.

    Attributes
    ----------
    checkpoint : Checkpoint or None
        None if its model is not among those offered.
    is_same : bool
        Whether the model has the same weights still.
    reference : Reference or None
    scan : Path or None
        Where its scan lies.
    missing : str
        Why its reference was not found, in a sentence; empty if nothing is missing.
    """

    project: Project
    checkpoint: Checkpoint | None
    is_same: bool = True
    reference: Reference | None = None
    scan: Path | None = None
    missing: str = ""


def find_project(path: Path, folders: Sequence[Path], instead: Path | None = None) -> Found:
    """Read a project, and find what it names.

    Parameters
    ----------
    folders : sequence of Path
        Checkpoints, of which those of the right name are looked at first.
    instead : Path, optional
        Where the reference or the scan lies by now.

    Raises
    ------
    SegPaintError
        If the project cannot be read, or does not fit its model.
    """
    project = read_project(path)
    checkpoint = _find_checkpoint(project, folders)
    if checkpoint is None:
        return Found(project, None)
    project.check_fit(checkpoint)
    is_same = checkpoint.fingerprint == project.work.request.fingerprint
    head, reference, scan, missing = project.head, project.work.reference, None, ""
    if head.scan is not None:
        scan = instead or _existing(head.scan, path)
    elif head.reference is not None:
        try:
            reference = _find_reference(head.reference, path, checkpoint, instead)
        except SegPaintError as error:
            missing = str(error)
    return Found(project, checkpoint, is_same, reference, scan, missing)


def _find_checkpoint(project: Project, folders: Sequence[Path]) -> Checkpoint | None:
    """Find the checkpoint by its name, or else by its weights: its folder may have another name here."""
    asked = project.work.request
    named = sorted(folders, key=lambda folder: folder.resolve().name != asked.checkpoint)
    likely: Checkpoint | None = None
    for folder in named:
        with suppress(SegPaintError):  # one that is gone, or damaged
            checkpoint = read_checkpoint(folder)
            if checkpoint.fingerprint == asked.fingerprint:
                return checkpoint
            if folder.resolve().name == asked.checkpoint:
                likely = likely or checkpoint
    return likely


def _existing(place: ScanPlace, project: Path) -> Path | None:
    return next((path for path in place.places(project) if path.exists()), None)


def _find_reference(
    place: ReferencePlace, project: Path, checkpoint: Checkpoint, instead: Path | None
) -> Reference:
    """Read the reference from where it lies.

    Raises
    ------
    SegPaintError
        If it is gone, or its pixels are others by now.
    """
    description = checkpoint.description
    problem = SegPaintError(f"The file of its reference {place.name} is not known.")
    for path in (instead,) if instead is not None else place.places(project):
        problem = SegPaintError(f"{path} shows another image than its reference {place.name} by now.")
        try:
            for fit in (Fit.STRETCH, Fit.PAD) if place.is_resampled else (None,):
                image = read_reference(path, description.size, description.channels, fit)
                if digest_of(image) == place.digest and place.mask.shape == image.shape[:2]:
                    return Reference(
                        place.name, image, place.mask, place.used, place.is_resampled, place.pixel_spacing,
                        str(path.absolute()), made_by=maker_of(path),
                    )  # fmt: skip
        except WrongSizeError:
            continue
        except SegPaintError as error:
            problem = error
    raise problem
