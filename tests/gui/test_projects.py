"""A project brings back the document, whatever has become of what it names."""

import json
import os
import stat
import zipfile

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF
from shells import NotingShell

from segpaint.core.errors import SegPaintError
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.projects import save_project
from segpaint.gui.files.recents import note
from segpaint.io.project_files import HEAD, WORK
from segpaint.studio.document.document import Reference
from segpaint.studio.document.projects import read_project
from segpaint.studio.document.recent import Kind


@pytest.fixture
def shell():
    return NotingShell()


@pytest.fixture
def reference_file(tmp_path, drawn_mask):
    path = tmp_path / "slice.png"
    Image.fromarray(drawn_mask * 50).save(path)
    return path


@pytest.fixture
def project(studio, shell, qtbot, tmp_path, drawn_mask, reference_file):
    """A saved project, after which everything is set otherwise."""
    document, view = studio.document, studio.view
    image = np.asarray(Image.open(reference_file))
    document.set_reference(Reference("slice.png", image, drawn_mask, document.used))
    note(studio, reference_file, Kind.REFERENCE)
    document.strokes.replace(drawn_mask, "Draw")
    document.set_label(document.table.indices[0], locked=True)
    view.overlay.set_opacity(0.3)
    view.viewpoint.zoom_at(QPointF(2, 3), 2)
    path = tmp_path / "case.segpaint"
    save(studio, shell, qtbot, path)
    document.set_reference(None)
    document.strokes.replace(np.zeros_like(drawn_mask), "Clear")
    document.set_label(document.table.indices[0], locked=False)
    view.overlay.set_opacity(0.9)
    view.viewpoint.fit()
    return path


def save(studio, shell, qtbot, path, **settings):
    save_project(studio, shell, path, **settings)
    qtbot.waitUntil(path.exists)


def test_it_brings_back_mask_labels_reference_and_view(studio, shell, project, drawn_mask):
    before = studio.document.strokes.stack.index()
    open_file(studio, shell, project)
    document, view = studio.document, studio.view
    assert np.array_equal(document.mask.values, drawn_mask)
    assert document.locked == (document.table.indices[0],)
    assert np.array_equal(document.reference.image, drawn_mask * 50)
    assert np.array_equal(document.reference.mask, drawn_mask)
    assert view.overlay.opacity == 0.3
    assert not view.viewpoint.is_fitted
    assert document.strokes.stack.index() == before + 1
    assert studio.recent.files[0].kind == "project"


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
def test_only_its_owner_may_read_it(project):
    assert stat.S_IMODE(project.stat().st_mode) == 0o600


@pytest.mark.parametrize("copies", [False, True])
def test_a_patients_pixels_are_in_it_only_if_a_copy_was_asked_for(
    studio, shell, qtbot, project, reference_file, copies, drawn_mask
):
    open_file(studio, shell, project)
    other = project.with_name("other.segpaint")
    save(studio, shell, qtbot, other, copies_reference=copies)
    kept = read_project(other)
    assert (kept.work.reference is not None) is copies
    reference_file.unlink()
    open_file(studio, shell, other)
    assert (studio.document.reference is not None) is copies


def test_a_reference_that_shows_another_image_is_left_out(studio, shell, project, reference_file, drawn_mask):
    Image.fromarray(255 - drawn_mask).save(reference_file)
    open_file(studio, shell, project)
    assert np.array_equal(studio.document.mask.values, drawn_mask)
    assert studio.document.reference is None
    assert any("shows another image by now" in str(warning) for warning in shell.warned)


def rewritten(project, change):
    with zipfile.ZipFile(project) as parts:
        contents = {name: parts.read(name) for name in parts.namelist()}
    change(contents)
    with zipfile.ZipFile(project, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in contents.items():
            parts.writestr(name, content)


def test_without_its_model_the_mask_is_opened(studio, shell, project, drawn_mask):
    def rename(contents):
        work = json.loads(contents[WORK])
        work["request"]["checkpoint"] = "gone"
        contents[WORK] = json.dumps(work).encode()

    rewritten(project, rename)
    open_file(studio, shell, project)
    assert np.array_equal(studio.document.mask.values, drawn_mask)
    assert any("The model gone" in str(warning) for warning in shell.warned)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda parts: parts.update({"../outside.json": b"{}"}), "does not hold"),
        (lambda parts: parts.pop(HEAD), "does not hold"),
        (lambda parts: parts.update({WORK: bytes(65 * 2**20)}), "would unpack to more"),
        (lambda parts: parts.update({f"{number}.json": b"" for number in range(200)}), "more files"),
        (lambda parts: parts.update({HEAD: b'{"format": 2, "view": {}}'}), "format"),
    ],
)
def test_what_is_no_project_is_refused_by_name(project, change, words):
    rewritten(project, change)
    with pytest.raises(SegPaintError, match=words) as caught:
        read_project(project)
    assert str(project) in str(caught.value)
