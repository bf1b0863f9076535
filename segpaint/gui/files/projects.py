"""Saving the document as a project, and opening one."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from segpaint.core.errors import SegPaintError
from segpaint.core.files import with_ending
from segpaint.core.labels.label_mapping import Rgb
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.recents import note
from segpaint.gui.files.scan_opening import open_scan
from segpaint.gui.files.size_question import ask_to_fit
from segpaint.io.image_files import encode_mask
from segpaint.io.project_files import ENDING
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.io.volume_files.file_kinds import ENDINGS
from segpaint.studio.document.document import Document
from segpaint.studio.document.recent import Kind
from segpaint.studio.runs.history import Kept
from segpaint.studio.scans.scan import Place, Scan
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.studio.projects.finding import Found
    from segpaint.studio.projects.project import Project, ScanPlace

BY_PATH = f"Project (*{ENDING})"
COPYING = f"Project, with the patient's image inside (*{ENDING})"
"""Offered where there is a reference; the first kind is chosen."""
LANE = "opening"


def why_not_close(studio: Studio) -> str:
    """Explain why no project can be closed; empty if one can."""
    return "" if studio.projects.path is not None else "No project is open"


def close_project(studio: Studio, shell: Shell) -> None:
    """Save the project, and go on without it."""
    path = studio.projects.path
    studio.projects.close()
    if path is not None:
        words = f"{path.name} is closed; what is painted from now on does not go into it"
        shell.say(words, 8000, until=lambda: studio.projects.path is not None)


def ask_where_to_save_project(studio: Studio, shell: Shell) -> None:
    """Ask where, and whether with a copy of the reference, and save the document as a project."""
    document, desk = studio.document, studio.projects
    kinds = [BY_PATH]
    if document.reference is not None and studio.scans.scan is None:
        kinds.append(COPYING)
    if desk.copies_reference:
        kinds.reverse()
    answer = shell.ask_where(
        "Save project", proposed_name(studio), ";;".join(kinds), lambda path, _kind: [with_ending(path, ENDING)]
    )
    if answer is not None:
        save_project(studio, shell, answer[0], copies_reference=answer[1] == COPYING)


def proposed_name(studio: Studio) -> str:
    """Propose the name of the open project, of the scan's file or folder, or of the model."""
    if (path := studio.projects.path) is not None:
        return path.name
    scan = studio.scans.scan
    named = Path(scan.path).name if scan is not None else ""
    ending = max((one for one in ENDINGS if named.lower().endswith(one)), key=len, default="")
    stem = named[: len(named) - len(ending)]
    return f"{stem or studio.document.checkpoint.folder.resolve().name}{ENDING}"


def save_project(studio: Studio, shell: Shell, path: Path, *, copies_reference: bool = False) -> None:
    """Save the document as a project."""
    studio.projects.save(path, copies_reference=copies_reference, then=partial(_on_saved, studio, shell, path))


def ask_project(studio: Studio, shell: Shell) -> None:
    """Ask for a project, and open it."""
    path = shell.ask_file("Open project", f"Projects (*{ENDING});;All files (*)")
    if path is not None:
        open_project(studio, shell, path)


def open_project(studio: Studio, shell: Shell, path: Path, instead: Path | None = None) -> None:
    """Open a project with what there is of it; undoable.

    Parameters
    ----------
    instead : Path, optional
        Where its reference or its scan lies by now.
    """
    ProjectOpening(studio, shell, path).begin(instead)


class ProjectOpening(QObject):
    """A project that is being opened."""

    def __init__(self, studio: Studio, shell: Shell, path: Path) -> None:
        super().__init__(studio)
        self._studio, self._shell, self._path = studio, shell, path

    def begin(self, instead: Path | None = None) -> None:
        """Read it, and find what it names."""
        from segpaint.studio.projects.finding import find_project

        studio = self._studio
        folders = [studio.document.checkpoint.folder, *studio.folders]
        find = partial(find_project, self._path, folders, instead)
        studio.background.start(find, self._on_found, self._on_failed, lane=LANE)

    def _on_failed(self, error: Exception) -> None:
        self._shell.warn(error)
        self.deleteLater()

    def _on_found(self, found: Found) -> None:
        if found.checkpoint is None:
            open_mask_of(self._studio, self._shell, self._path, found.project)
        elif found.project.head.scan is None:
            self._open_model(found.checkpoint)
            self._studio.scans.close()
            self._take_results(found)
        elif found.scan is None:
            place = found.project.head.scan
            self._shell.ask(
                f"{self._path.name} was painted on the scan {place.name}, which is not at {place.path} by now.",
                "Find it…", partial(self._ask_for, place),
            )  # fmt: skip
        else:
            self._open_model(found.checkpoint)
            self._open_scan(found, found.project.head.scan, found.scan)

    def _open_model(self, checkpoint: Checkpoint) -> None:
        self._shell.quiet()
        if checkpoint.folder.resolve() != self._studio.document.checkpoint.folder.resolve():
            self._studio.open_checkpoint(checkpoint)

    # ---- the scan

    def _ask_for(self, place: ScanPlace) -> None:
        title = f"Where is the scan {place.name} by now?"
        shell = self._shell
        path = shell.ask_folder(title) if place.is_folder else shell.ask_file(title, "All files (*)")
        if path is not None:
            self.begin(path)

    def _open_scan(self, found: Found, place: ScanPlace, path: Path) -> None:
        scan = self._studio.scans.scan
        if scan is not None and scan.path == str(path.absolute()) and scan.volume.name == place.name:
            self._on_scan(found, place)
        else:
            open_scan(self._studio, self._shell, path, place.name, partial(self._on_scan, found, place))

    def _on_scan(self, found: Found, place: ScanPlace) -> None:
        studio, scan = self._studio, self._studio.scans.scan
        if scan is None:
            return
        try:
            is_same = scan.digest == place.digest
        except SegPaintError as error:
            self._shell.warn(error)
            return
        if not is_same:
            self._shell.ask(
                f"{scan.path} is another scan than the one of {self._path.name}, so no mask was opened on it.",
                "Find that one…", partial(self._ask_for, place),
            )  # fmt: skip
            return
        if not all(scan.has_slice(one) for one in found.project.places):
            self._shell.warn(
                f"{self._path.name} is damaged: it holds masks of slices that {place.name} does not have, "
                "so none was opened. Open the scan by itself, or an earlier copy of the project."
            )
            return
        if place.width is not None and not scan.is_measured:
            studio.scans.set_width(place.width)
        self._take_results(found)

    # ---- the rest

    def _take_results(self, found: Found) -> None:
        """Take its results into the history, then show everything."""
        studio, project = self._studio, found.project
        studio.projects.close()  # results that come now are not of the one before
        scan, document = studio.scans.scan, studio.document
        studio.history.take_in(project.results, project.references, partial(self._show, found, document, scan))

    def _show(self, found: Found, document: Document, scan: Scan | None, results: dict[str, Kept]) -> None:
        from segpaint.studio.projects.restoring import restore, restore_scan, restore_view

        studio, project, name = self._studio, found.project, self._path.name
        self.deleteLater()
        if document is not studio.document or scan is not studio.scans.scan:
            return  # the user has gone elsewhere
        if project.head.scan is not None:
            restore_scan(document, studio.scans, project, results, name)
        else:
            restore(document, project, found.reference, name)
        restore_view(studio.view, project.head.view)
        for shown in project.head.shown:
            if shown.name in results and (shown.slice is None or Place(*shown.slice) == studio.scans.place):
                result = results[shown.name]
                request, reference = result.request, document.reference
                with suppress(SegPaintError):  # made from another image
                    request = request.with_reference(reference.image) if reference else request
                studio.runs.show_result(request, result.pixels, name)
        note(studio, self._path, Kind.PROJECT)
        files = [kept.path for kept in results.values()]
        studio.projects.take(self._path, files, copies_reference=project.work.reference is not None)
        self._remark(found)

    def _remark(self, found: Found) -> None:
        name = self._path.name
        if found.missing:
            self._shell.ask(
                f"{name} was opened without its reference. {found.missing}", "Find it…",
                partial(_ask_for_reference, self._studio, self._shell, self._path),
            )  # fmt: skip
        elif not found.is_same:
            model = found.project.work.request.checkpoint
            self._shell.warn(
                f"{name} was saved with other weights of {model}; the same seed makes another image."
            )


def _ask_for_reference(studio: Studio, shell: Shell, project: Path) -> None:
    path = shell.ask_file("Where is the reference by now?", "All files (*)")
    if path is not None:
        open_project(studio, shell, project, path)


def open_mask_of(studio: Studio, shell: Shell, path: Path, project: Project, *, fit: Fit | None = None) -> None:
    """Open the mask of a project for whose checkpoint there is no folder; its labels are asked about."""
    from segpaint.gui.files.mask_reader import read_into

    work = project.work
    png = encode_mask(work.request.mask, LabelTable(work.labels))
    names: dict[int | Rgb, str] = {label.index: label.name for label in work.labels}
    try:
        take = partial(_take, studio, shell, path, work.request.checkpoint)
        read_into(studio, shell, path, take, fit=fit, content=png, names=names)
    except WrongSizeError as error:
        ask_to_fit(shell, error, partial(open_mask_of, studio, shell, path, project))
    except SegPaintError as error:
        shell.warn(error)


def _take(studio: Studio, shell: Shell, path: Path, name: str, values: NDArray[np.uint8]) -> None:
    studio.document.strokes.replace(values, f"Open {path.name}")
    shell.warn(f"The model {name} of {path.name} is not here, so its mask alone was opened for this one.")


def _on_saved(studio: Studio, shell: Shell, path: Path) -> None:
    note(studio, path, Kind.PROJECT)
    words = f"Saved {path.name} in {path.parent}; it is saved by itself from now on"
    shell.say(words, 8000, until=lambda: studio.projects.path != path)
