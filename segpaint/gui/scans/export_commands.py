"""The commands that edit all changed slices, and save the scan with them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.commands.at_work import at_work
from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.gui.scans.scan_commands import needs_scan
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.scans.editing import EditedScan
    from segpaint.studio.scans.edited_slices import EditedSlices

NIFTI, NRRD = "NIfTI (*.nii.gz)", "NRRD for 3D Slicer (*.nrrd)"
NOBODYS, IN_STUDY = (
    "DICOM folder, without the patient's identity (*)",
    "DICOM folder, in the patient's study (*)",
)
PNG = "PNG of the slice shown (*.png)"
KINDS = {NIFTI: "nifti", NRRD: "nrrd", NOBODYS: "dicom", IN_STUDY: "dicom", PNG: "png"}
"""The formats, by what the dialog calls them."""


def needs_changed_slice(studio: Studio) -> str:
    """Require slices whose masks were changed, and that edits of the reference are asked for."""
    if lacking := needs_scan(studio):
        return lacking
    if not studio.slice_runs.is_possible:
        return "Choose “The reference, edited” first, and wait until the model is loaded"
    if studio.slice_runs.is_busy:
        return "It is under way"
    return "" if studio.slice_runs.edited else "No mask of this plane differs from what is on its slice"


def needs_edited_slice(studio: Studio) -> str:
    """Require an edited image of a slice of the open scan."""
    if lacking := needs_scan(studio):
        return lacking
    from segpaint.studio.scans.edited_slices import edited_slices

    found = edited_slices(studio.scans, studio.document.strokes)
    return "" if found is not None else "No slice was edited yet in this plane"


def export(studio: Studio, shell: Shell) -> None:
    """Ask where, and put all edited slices back into the scan, with their masks."""
    from segpaint.studio.scans.edited_slices import edited_slices

    found = edited_slices(studio.scans, studio.document.strokes)
    if found is None:
        return
    kinds = [NIFTI, NRRD]
    if found.volume.sources:
        kinds = [NOBODYS, IN_STUDY, *kinds]
    elif Path(found.volume.name).suffix.lower() in (".nrrd", ".nhdr"):
        kinds.reverse()
    shown = studio.scans.place.index
    if shown in found.images:
        kinds.append(PNG)
    name = f"{_stem(found.volume.name)}-edited"
    what = "Save" if found.volume.made_by else "Save PATIENT DATA:"
    title = f"{what} the scan with its edited slices ({len(found.images)})"
    answer = shell.ask_where(title, name, ";;".join(kinds), partial(_files, shown))
    if answer is not None:
        path, kind = answer
        if kind == PNG:
            found = replace(found, images={shown: found.images[shown]}, masks={})
        work = partial(_write, found, studio.document.checkpoint, shown, path, kind)
        sentence = "Putting the edited slices back into the scan…"
        at_work(studio.background, shell, sentence, work, partial(_report, shell))


def _files(shown: int, path: Path, kind: str) -> list[Path]:
    from segpaint.scans.writing import scan_files

    stem = _stem(path.name)
    if kind == PNG:
        number = f"-slice-{shown + 1}"
        stem = stem.removesuffix(number) + number
    return scan_files(path.parent, stem, KINDS[kind])


def _stem(name: str) -> str:
    for ending in (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".png"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def _write(
    found: EditedSlices, checkpoint: Checkpoint, shown: int, path: Path, kind: str
) -> tuple[EditedScan, list[Path]]:
    from segpaint.api import OpenCheckpoint
    from segpaint.scans.collecting import collect
    from segpaint.scans.editing import EditableScan
    from segpaint.scans.slice_picture import about_slice, write_slice
    from segpaint.scans.writing import write_scan

    scan = EditableScan(OpenCheckpoint(checkpoint, "cpu"), found.volume, found.plane, found.time)
    made = collect(scan, found.frame, found.images, found.masks)
    if found.is_found:
        made = replace(made, finder=checkpoint.description.name)
    files = _files(shown, path, kind)
    if kind == PNG:
        return replace(made, about=about_slice(made, shown)), write_slice(files[0], made, shown)
    write_scan(files, made, in_study=kind == IN_STUDY)
    return made, files


def _report(shell: Shell, saved: tuple[EditedScan, list[Path]]) -> None:
    made, files = saved
    names = ", ".join(file.name for file in files)
    patients = f"{made.about.share} of the voxels are the patient's"
    own = patients if made.about.shows_patient else "it shows no patient"
    shell.say(f"Saved {names} in {files[0].parent}: {own}. {made.comparison}", 20_000)


ROWS = (
    Command(
        key="edit_slices", text="Generate all changed slices", menu="Scan", place=450,
        run=lambda studio, _shell: studio.slice_runs.start(), icon=MDI7.layers_edit,
        hint="Every slice whose mask was changed, with the same settings and seed, so that neighbours agree",
        enabled=needs_changed_slice,
    ),
    Command(
        key="save_scan", text="Save the edited scan…", run=export, menu="File", place=202,
        icon=MDI7.content_save_move_outline,
        hint="All edited slices at the scan's own resolution, with their masks; or one of them as PNG",
        enabled=needs_edited_slice,
    ),
)  # fmt: skip
