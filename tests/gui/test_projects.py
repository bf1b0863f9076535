"""A project brings back all of the work, whatever has become of what it names."""

import json
import os
import shutil
import stat
import zipfile

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF

from segpaint.core.errors import SegPaintError
from segpaint.gui.files import references
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.projects import COPYING, ask_where_to_save_project, close_project, save_project
from segpaint.io.project_files import EDITS, HEAD, WORK
from segpaint.studio.document.settings import Purpose
from segpaint.studio.projects.project import read_project


@pytest.fixture
def reference_file(tmp_path, drawn_mask):
    (tmp_path / "patient").mkdir()
    path = tmp_path / "patient" / "slice.png"
    Image.fromarray(drawn_mask * 50).save(path)
    Image.fromarray(drawn_mask).save(path.with_name("slice_mask.png"))
    return path


@pytest.fixture
def project(studio, shell, qtbot, tmp_path, drawn_mask, reference_file):
    """A saved project, which was closed; then everything was set otherwise."""
    document, view = studio.document, studio.view
    references.open_image(studio, shell, reference_file)
    document.strokes.replace(drawn_mask, "Draw")
    document.strokes.replace(np.roll(drawn_mask, 2, axis=0), "Move")
    document.strokes.replace(np.roll(drawn_mask, 5, axis=0), "Move on")
    document.strokes.undo()
    document.set_label(document.table.indices[0], locked=True)
    view.overlay.set_opacity(0.3)
    view.viewpoint.zoom_at(QPointF(2, 3), 2)
    path = tmp_path / "case.segpaint"
    save(studio, shell, qtbot, path)
    close_project(studio, shell)
    document.set_reference(None)
    document.strokes.replace(np.zeros_like(drawn_mask), "Clear")
    document.set_label(document.table.indices[0], locked=False)
    view.overlay.set_opacity(0.9)
    view.viewpoint.fit()
    return path


def save(studio, shell, qtbot, path, **settings):
    with qtbot.waitSignal(studio.projects.saved):
        save_project(studio, shell, path, **settings)


def open_(studio, shell, qtbot, path):
    with qtbot.waitSignal(studio.projects.changed):
        open_file(studio, shell, path)
    if studio.projects.path is None:  # the project before was closed
        qtbot.waitUntil(lambda: studio.projects.path == path)


def test_it_brings_back_mask_labels_reference_settings_and_view(studio, shell, qtbot, project, drawn_mask):
    open_(studio, shell, qtbot, project)
    document, view = studio.document, studio.view
    assert np.array_equal(document.mask.values, np.roll(drawn_mask, 2, axis=0))
    assert document.locked == (document.table.indices[0],)
    assert np.array_equal(document.reference.image, drawn_mask * 50)
    assert np.array_equal(document.reference.mask, drawn_mask)
    assert document.settings.purpose is Purpose.EDIT
    assert view.overlay.opacity == 0.3
    assert not view.viewpoint.is_fitted
    assert studio.recent.files[0].kind == "project"


def test_its_edits_can_be_undone_and_redone_and_undo_leads_to_what_was_there_before(
    studio, shell, qtbot, project, drawn_mask
):
    open_(studio, shell, qtbot, project)
    document = studio.document
    strokes = document.strokes
    strokes.redo()
    assert np.array_equal(document.mask.values, np.roll(drawn_mask, 5, axis=0))
    strokes.undo()
    strokes.undo()
    assert np.array_equal(document.mask.values, drawn_mask)
    while strokes.stack.undoText() != "Open case.segpaint":
        strokes.undo()
    strokes.undo()
    assert not document.mask.values.any()
    assert document.reference is None
    strokes.stack.setIndex(strokes.stack.count())
    assert np.array_equal(document.mask.values, np.roll(drawn_mask, 5, axis=0))


def test_it_is_saved_by_itself_from_then_on(studio, shell, qtbot, project, drawn_mask):
    open_(studio, shell, qtbot, project)
    studio.document.strokes.replace(np.roll(drawn_mask, 7, axis=1), "Later")
    studio.projects.flush()
    assert np.array_equal(read_project(project).work.request.mask, np.roll(drawn_mask, 7, axis=1))
    close_project(studio, shell)
    assert studio.projects.path is None
    studio.document.strokes.replace(drawn_mask, "Not in it")
    studio.projects.flush()
    assert np.array_equal(read_project(project).work.request.mask, np.roll(drawn_mask, 7, axis=1))


def test_another_model_closes_it_with_all_that_was_painted(studio, shell, qtbot, project, drawn_mask, tmp_path):
    open_(studio, shell, qtbot, project)
    studio.document.strokes.replace(np.roll(drawn_mask, 7, axis=1), "Later")
    studio.open_checkpoint(copy_of(studio.document.checkpoint, tmp_path / "other model"))
    assert studio.projects.path is None
    assert np.array_equal(read_project(project).work.request.mask, np.roll(drawn_mask, 7, axis=1))


def copy_of(checkpoint, folder):
    from segpaint.core.requests.checkpoint import read_checkpoint

    shutil.copytree(checkpoint.folder, folder)
    return read_checkpoint(folder)


def test_what_another_program_has_changed_is_not_replaced(studio, shell, qtbot, project, drawn_mask):
    open_(studio, shell, qtbot, project)
    project.write_bytes(project.read_bytes() + b"more")
    before = project.read_bytes()
    with qtbot.waitSignal(studio.projects.failed) as failed:
        studio.document.strokes.replace(drawn_mask, "Later")
        studio.projects.flush()
    assert "changed by another program" in str(failed.args[0])
    assert project.read_bytes() == before


def test_its_results_come_into_the_history_once_and_the_last_one_is_shown(
    studio, shell, qtbot, project, open_studio, tmp_path
):
    open_(studio, shell, qtbot, project)
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    with qtbot.waitSignal(studio.history.added, timeout=30_000):
        studio.runs.generate()
    pixels = studio.runs.trajectory.result.noisy
    studio.projects.flush()
    assert len(read_project(project).results) == 1
    open_(studio, shell, qtbot, project)
    assert len(list((tmp_path / "work" / "history").glob("*.png"))) == 1
    shutil.rmtree(tmp_path / "work" / "history")
    studio = open_studio()
    open_(studio, shell, qtbot, project)
    assert np.array_equal(studio.runs.trajectory.result.noisy, pixels)
    assert studio.runs.branches.current.source == "case.segpaint"
    assert len(list((tmp_path / "work" / "history").glob("*.png"))) == 1


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
def test_only_its_owner_may_read_it(project):
    assert stat.S_IMODE(project.stat().st_mode) == 0o600


@pytest.mark.parametrize("copies", [False, True])
def test_a_patients_pixels_are_in_it_only_if_a_copy_was_asked_for(
    studio, shell, qtbot, project, reference_file, copies, drawn_mask
):
    open_(studio, shell, qtbot, project)
    other = project.with_name("other.segpaint")
    save(studio, shell, qtbot, other, copies_reference=copies)
    kept = read_project(other)
    assert (kept.work.reference is not None) is copies
    close_project(studio, shell)
    reference_file.unlink()
    open_(studio, shell, qtbot, other)
    assert (studio.document.reference is not None) is copies
    assert studio.projects.copies_reference is copies


def test_whether_to_copy_the_reference_is_asked(studio, shell, qtbot, project):
    open_(studio, shell, qtbot, project)
    shell.answers = [(project.with_name("copy"), COPYING)]
    with qtbot.waitSignal(studio.projects.saved):
        ask_where_to_save_project(studio, shell)
    assert studio.projects.path == project.with_name("copy.segpaint")
    assert read_project(studio.projects.path).work.reference is not None


def test_a_folder_that_was_moved_with_its_reference_is_found(studio, shell, qtbot, project, reference_file):
    moved = project.parent / "elsewhere"
    moved.mkdir()
    shutil.move(project, moved / project.name)
    shutil.move(reference_file.parent, moved / "patient")
    open_(studio, shell, qtbot, moved / project.name)
    assert studio.document.reference is not None


def test_a_reference_that_was_renamed_can_be_given(studio, shell, qtbot, project, reference_file):
    reference_file.rename(reference_file.with_name("renamed.png"))
    open_(studio, shell, qtbot, project)
    assert studio.document.reference is None
    text, answer, action = shell.offers[-1]
    assert "without its reference" in text
    assert answer == "Find it…"
    shell.answers = [reference_file.with_name("renamed.png")]
    action()
    qtbot.waitUntil(lambda: studio.document.reference is not None)


def test_a_reference_that_shows_another_image_is_left_out(
    studio, shell, qtbot, project, reference_file, drawn_mask
):
    Image.fromarray(255 - drawn_mask).save(reference_file)
    open_(studio, shell, qtbot, project)
    assert np.array_equal(studio.document.mask.values, np.roll(drawn_mask, 2, axis=0))
    assert studio.document.reference is None
    assert any("shows another image" in text for text, _, _ in shell.offers)


def rewritten(project, change):
    with zipfile.ZipFile(project) as parts:
        contents = {name: parts.read(name) for name in parts.namelist()}
    change(contents)
    with zipfile.ZipFile(project, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in contents.items():
            parts.writestr(name, content)


def changed(part, change):
    """Change a part of JSON."""

    def rewrite(parts):
        content = json.loads(parts[part])
        change(content)
        parts[part] = json.dumps(content).encode()

    return rewrite


def rename_the_model(work):
    work["request"].update(checkpoint="gone", fingerprint="0" * 64)


def test_without_its_model_the_mask_is_opened(studio, shell, qtbot, project, drawn_mask):
    rewritten(project, changed(WORK, rename_the_model))
    open_file(studio, shell, project)
    qtbot.waitUntil(lambda: any("The model gone" in warning for warning in shell.warned))
    assert np.array_equal(studio.document.mask.values, np.roll(drawn_mask, 2, axis=0))
    assert studio.projects.path is None


def test_a_model_whose_folder_has_another_name_is_found_by_its_weights(
    studio, shell, qtbot, project, drawn_mask
):
    rewritten(project, changed(WORK, lambda work: work["request"].update(checkpoint="gone")))
    open_(studio, shell, qtbot, project)
    assert np.array_equal(studio.document.mask.values, np.roll(drawn_mask, 2, axis=0))


def beyond(edits):
    edits["edits"][0]["changes"][0]["top"] = 10_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda parts: parts.update({"../outside.json": b"{}"}), "holds '../outside.json'"),
        (lambda parts: parts.update({"results/../../a.png": b"{}"}), "holds 'results/"),
        (lambda parts: parts.pop(HEAD), "does not hold"),
        (lambda parts: parts.update({WORK: bytes(257 * 2**20)}), "would unpack to more"),
        (lambda parts: parts.update({f"results/{number}.png": b"" for number in range(2001)}), "more files"),
        (changed(HEAD, lambda head: head.update(format=2)), "newer SegPaint"),
        (changed(EDITS, lambda edits: edits.update(done=-1)), "done"),
    ],
)
def test_what_is_no_project_is_refused_by_name(project, change, words):
    rewritten(project, change)
    with pytest.raises(SegPaintError, match=words) as caught:
        read_project(project)
    assert str(project) in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed(EDITS, beyond), "beyond the mask"),
        (changed(EDITS, lambda edits: edits.update(done=99)), "shorter"),
        (changed(WORK, lambda work: work["labels"][0].update(name="spleen")), "called spleen"),
    ],
)
def test_what_does_not_fit_its_model_changes_nothing(studio, shell, qtbot, project, change, words):
    rewritten(project, change)
    before = studio.document.strokes.stack.index()
    open_file(studio, shell, project)
    qtbot.waitUntil(lambda: any(words in warning for warning in shell.warned))
    assert studio.document.strokes.stack.index() == before
    assert studio.projects.path is None
