"""A project of a scan brings back masks, frames, results and edits of all its slices."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from dicom_files import write_stack
from scan_volumes import make_volume

from segpaint.core.volumes.planes import Plane
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.projects import close_project, proposed_name, save_project
from segpaint.gui.files.scan_opening import open_scan
from segpaint.gui.running.image_title import about_shown
from segpaint.gui.scans.export_commands import NIFTI, export
from segpaint.io.project_files import EDITS, HEAD, SLICES, read_parts, write_parts
from segpaint.studio.document.settings import Purpose
from segpaint.studio.projects.project import read_project
from segpaint.studio.scans.scan import Page, Place


@pytest.fixture
def folder(tmp_path):
    values = np.random.default_rng(3).integers(-200, 200, (5, 40, 48)).astype(np.int16)
    return write_stack(tmp_path / "scan", values)


@pytest.fixture
def project(studio, shell, qtbot, settle, folder, tmp_path):
    """A saved project: slices 1 to 3 painted, the frame moved, the last edit undone."""
    open_scan(studio, shell, folder)
    qtbot.waitUntil(lambda: studio.scans.slice is not None)
    settle(studio)
    for index in (1, 2, 3):
        go_to(studio, settle, index)
        paint(studio, index)
    studio.scans.set_frame(studio.scans.frame.moved(1.0, -2.0))
    settle(studio)
    paint(studio, 1)
    paint(studio, 2)
    studio.document.strokes.undo()
    path = tmp_path / "case.segpaint"
    with qtbot.waitSignal(studio.projects.saved):
        save_project(studio, shell, path)
    return path


def go_to(studio, settle, index):
    studio.scans.go_to(Place(Plane.ACQUIRED, index))
    settle(studio)


def paint(studio, value):
    values = studio.document.mask.values.copy()
    values[4 * value : 4 * value + 6, 3:20] = value % 2 + 1
    studio.document.strokes.replace(values, f"Draw {value}")


def anew(open_studio, tmp_path):
    """Open a studio as on another machine."""
    open_studio()  # closes the one before
    shutil.rmtree(tmp_path / "work")
    studio = open_studio()
    shutil.rmtree(tmp_path / "work" / "scans", ignore_errors=True)
    return studio


def state(studio):
    """Everything that a project is to bring back."""
    scan, strokes = studio.scans.scan, studio.document.strokes
    pages = [page for page in strokes.painted_pages if isinstance(page, Page) and page.scan is scan]
    masks = {page.place.index: strokes.on_page(page).tolist() for page in pages}
    return masks, studio.scans.frame, studio.scans.place


def open_(studio, shell, qtbot, settle, path):
    open_file(studio, shell, path)
    qtbot.waitUntil(lambda: studio.projects.path == path)
    settle(studio)


@pytest.mark.parametrize("forgets", [False, True])
def test_all_of_it_comes_back_here_and_on_another_machine(
    open_studio, shell, qtbot, settle, project, tmp_path, forgets, studio
):
    before = state(studio)
    studio = anew(open_studio, tmp_path) if forgets else open_studio()
    open_(studio, shell, qtbot, settle, project)
    assert state(studio) == before
    strokes = studio.document.strokes
    assert strokes.stack.redoText().startswith("Draw 2")
    strokes.redo()
    settle(studio)
    assert (studio.document.mask.values[8:14, 3:20] == 1).all()
    strokes.undo()
    strokes.undo()
    settle(studio)
    assert state(studio) != before
    strokes.redo()
    assert state(studio) == before


def test_what_lies_outside_the_frame_and_what_was_erased_comes_back(
    open_studio, studio, shell, qtbot, settle, project, tmp_path
):
    go_to(studio, settle, 0)
    found = np.full_like(studio.document.mask.values, 1)
    studio.reference.take(replace(studio.document.reference, mask=found, used=(1,), is_found=True))
    studio.document.strokes.replace(np.zeros_like(found), "Erase")
    shown, whole = studio.scans.frame, state(studio)[0]
    far = shown.moved(30 * shown.step[0], 0)
    studio.scans.set_frame(far)
    settle(studio)
    studio.projects.flush()
    studio = anew(open_studio, tmp_path)
    open_(studio, shell, qtbot, settle, project)
    assert studio.scans.frame == far
    assert 0 in [page.place.index for page in studio.slice_runs.edited]
    studio.scans.set_frame(shown)
    settle(studio)
    assert state(studio)[0] == whole


def test_what_lay_outside_another_frame_is_no_part_of_a_project(studio, shell, qtbot, settle, project):
    before = state(studio)
    close_project(studio, shell)
    go_to(studio, settle, 4)
    paint(studio, 4)
    frame = studio.scans.frame
    studio.scans.set_frame(frame.moved(60 * frame.step[0], 0))
    settle(studio)
    open_(studio, shell, qtbot, settle, project)
    assert state(studio) == before


def test_what_was_painted_meanwhile_is_an_undo_away(studio, shell, qtbot, settle, project):
    before = state(studio)
    close_project(studio, shell)
    go_to(studio, settle, 4)
    paint(studio, 4)
    studio.scans.set_frame(studio.scans.frame.moved(3.0, 0.0))
    settle(studio)
    meanwhile, index = state(studio), studio.document.strokes.stack.index()
    open_(studio, shell, qtbot, settle, project)
    assert state(studio) == before
    studio.document.strokes.stack.setIndex(index)
    go_to(studio, settle, 4)
    settle(studio)
    assert state(studio) == meanwhile


def test_results_of_slices_come_back_with_the_share_that_is_the_patients(
    open_studio, studio, shell, qtbot, settle, project, tmp_path
):
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    go_to(studio, settle, 2)
    with qtbot.waitSignal(studio.history.added, timeout=60_000):
        studio.runs.generate()
    pixels, share = studio.runs.trajectory.result.noisy, about_shown(studio).share
    assert share
    go_to(studio, settle, 1)
    studio.projects.flush()
    assert [shown.slice for shown in read_project(project).head.shown] == [(Plane.ACQUIRED, 2, 0)]
    studio = anew(open_studio, tmp_path)
    open_(studio, shell, qtbot, settle, project)
    go_to(studio, settle, 2)
    assert np.array_equal(studio.runs.trajectory.result.noisy, pixels)
    assert about_shown(studio).share == share
    shell.answers = [(tmp_path / "edited.nii.gz", NIFTI)]
    export(studio, shell)
    qtbot.waitUntil(lambda: (tmp_path / "edited.nii.gz").exists(), timeout=20_000)


def test_painted_pixels_of_a_slice_are_saved_by_themselves(studio, shell, qtbot, settle, project):
    go_to(studio, settle, 4)
    paint(studio, 4)
    studio.projects.flush()
    assert {one.index for one in read_project(project).slices.slices} == {1, 2, 3, 4}


def test_no_pixel_of_the_scan_is_in_it(studio, project):
    kept = read_project(project)
    assert kept.work.reference is None
    assert kept.work.request.origin is None or not hasattr(kept.work.request.origin, "image")
    assert not kept.results
    assert not kept.references


def test_another_scan_closes_it(studio, shell, qtbot, settle, project, tmp_path):
    go_to(studio, settle, 4)
    paint(studio, 4)
    other = write_stack(tmp_path / "other", np.zeros((2, 30, 30), np.int16), series="1.2.9")
    with qtbot.waitSignal(studio.projects.changed):
        open_scan(studio, shell, other)
    assert studio.projects.path is None
    assert {one.index for one in read_project(project).slices.slices} == {1, 2, 3, 4}


def test_what_was_just_painted_without_a_scan_is_saved_when_one_is_opened(
    studio, shell, qtbot, settle, folder, tmp_path
):
    painted = np.zeros_like(studio.document.mask.values)
    path = tmp_path / "without.segpaint"
    with qtbot.waitSignal(studio.projects.saved):
        save_project(studio, shell, path)
    painted[3:9, 4:20] = 1
    studio.document.strokes.replace(painted, "Draw")
    open_scan(studio, shell, folder)
    qtbot.waitUntil(lambda: studio.scans.slice is not None)
    settle(studio)
    assert studio.projects.path is None
    assert np.array_equal(read_project(path).work.request.mask, painted)


@pytest.mark.parametrize("is_pending", [False, True])
def test_a_scan_that_is_closed_leaves_its_project_as_it_was(
    open_studio, studio, shell, qtbot, settle, project, is_pending
):
    settings = replace(studio.document.settings, purpose=Purpose.EDIT, margin=7, way="inversion", edit_steps=9)
    studio.document.change_settings(settings)
    studio.projects.flush()
    if is_pending:
        go_to(studio, settle, 4)
        paint(studio, 4)
    before = state(studio)
    studio.scans.close()
    assert studio.projects.path is None
    studio = open_studio()
    open_(studio, shell, qtbot, settle, project)
    assert studio.document.settings == settings
    assert state(studio) == before


def test_a_scan_that_was_moved_can_be_given(open_studio, studio, shell, qtbot, settle, project, folder):
    before = state(studio)
    moved = folder.rename(folder.with_name("moved"))
    studio = open_studio()
    open_file(studio, shell, project)
    qtbot.waitUntil(lambda: bool(shell.offers))
    text, answer, action = shell.offers[-1]
    assert str(folder) in text
    assert answer == "Find it…"
    shell.answers = [moved]
    action()
    qtbot.waitUntil(lambda: studio.projects.path == project)
    settle(studio)
    assert state(studio) == before


def test_masks_are_not_laid_on_another_patient(open_studio, studio, shell, qtbot, project, folder):
    shutil.rmtree(folder)
    write_stack(folder, np.random.default_rng(4).integers(-200, 200, (5, 40, 48)).astype(np.int16))
    studio = open_studio()
    open_file(studio, shell, project)
    qtbot.waitUntil(lambda: any("is another scan" in text for text, _, _ in shell.offers))
    assert studio.projects.path is None
    assert studio.scans.scan is not None


@pytest.mark.parametrize("part", [SLICES, EDITS, HEAD])
def test_a_project_of_slices_that_its_scan_does_not_have_is_not_opened(
    open_studio, studio, shell, qtbot, project, part
):
    parts = read_parts(project)
    content = json.loads(parts[part])
    if part == SLICES:
        content["slices"][0]["index"] = 5
    elif part == EDITS:
        content["edits"][0]["changes"][0]["slice"][1] = -1
    else:
        content["shown"] = [{"name": "1.png", "slice": ["acquired", 99, 0]}]
    write_parts(project, parts | {part: json.dumps(content).encode()})
    studio = open_studio()
    open_file(studio, shell, project)
    qtbot.waitUntil(lambda: any("slices that" in text for text in shell.warned))
    assert studio.projects.path is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/Trial 07/stack", "stack.segpaint"), ("/data/case-12.nii.gz", "case-12.segpaint"),
        ("/data/v1.2/heart.v2", "heart.v2.segpaint"),
    ],
)  # fmt: skip
def test_a_project_is_named_after_the_file_of_its_scan(studio, settle, path, name):
    studio.scans.open(make_volume(), "key", path)
    settle(studio)
    assert proposed_name(studio) == name
    studio.scans.close()
    assert proposed_name(studio) == f"{studio.document.checkpoint.folder.resolve().name}.segpaint"
