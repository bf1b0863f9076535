"""A made image that is opened as a reference, or as a scan, stays synthetic in the window."""

import pytest
from PIL import Image

from segpaint import open_checkpoint
from segpaint.core.requests.kinds import about
from segpaint.gui.files.clipboard import copy_image
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.projects import close_project, save_project
from segpaint.gui.files.references import open_image
from segpaint.gui.making.figure_commands import panels_of
from segpaint.gui.running.image_title import ImageTitle, PatientBadge
from segpaint.gui.running.outdated_badge import OutdatedBadge
from segpaint.studio.document.settings import Purpose
from segpaint.studio.making.sweeping import befores


@pytest.fixture
def made(tiny_checkpoint, drawn_mask, tmp_path):
    result = open_checkpoint(tiny_checkpoint, "cpu").generate(drawn_mask, steps=3)
    return result.save(tmp_path / "made.png")[0]


@pytest.fixture
def title(loaded, qtbot):
    title = ImageTitle(loaded)
    qtbot.addWidget(title)
    return title


def make(studio, paint, finish):
    studio.document.paint_value = 4
    paint((26, 6))
    studio.runs.generate()
    finish(studio)


@pytest.mark.parametrize("purpose", [Purpose.EDIT, Purpose.NEAR])
def test_what_is_made_of_a_made_image_is_synthetic(
    loaded, shell, settings, paint, finish, panes, made, title, save, tmp_path, purpose
):
    open_image(loaded, shell, made)
    assert shell.warned[-1].endswith("it is synthetic, and shows no patient.")
    assert [panel.about.answer for panel in panels_of(loaded) if panel.about] == ["YES"]
    assert not befores(loaded.document, loaded.runs)[0].is_patient
    settings(edit_steps=4, steps=4, purpose=purpose)
    badge, outdated = PatientBadge(loaded, panes.image), OutdatedBadge(loaded, panes.image)
    make(loaded, paint, finish)
    assert badge.isHidden()
    assert outdated.isHidden()
    assert title.text() == "Synthetic image"
    save(loaded, tmp_path / "saved.png")
    with Image.open(tmp_path / "saved.png") as image:
        assert image.info["Kind"] == "made"
    request = loaded.runs.request
    loaded.document.set_reference(None)
    open_file(loaded, shell, tmp_path / "saved.png")  # its request brings the reference back
    assert loaded.document.reference.made_by == "tiny"
    assert loaded.document.request(request.precision).model_dump_json() == request.model_dump_json()


def test_an_image_of_its_own_beside_a_made_reference_is_no_revision_of_the_edit(
    loaded, shell, settings, paint, finish, made
):
    open_image(loaded, shell, made)
    settings(steps=2, edit_steps=2)
    make(loaded, paint, finish)
    settings(purpose=Purpose.NEW)
    loaded.runs.generate()
    finish(loaded)
    assert loaded.runs.request.origin is None


@pytest.mark.parametrize("copies", [False, True])
def test_a_project_that_is_opened_again_knows_it_still(studio, shell, qtbot, made, tmp_path, copies):
    open_image(studio, shell, made)
    path = tmp_path / "case.segpaint"
    with qtbot.waitSignal(studio.projects.saved):
        save_project(studio, shell, path, copies_reference=copies)
    close_project(studio, shell)
    studio.document.set_reference(None)
    with qtbot.waitSignal(studio.projects.changed):
        open_file(studio, shell, path)
    assert studio.document.reference.made_by == "tiny"


def test_a_made_reference_is_copied_with_its_mark(studio, shell, made):
    open_image(studio, shell, made)
    copy_image(studio, shell)
    assert shell.said[-1] == "Copied the reference, which is synthetic"


def test_a_slice_of_a_made_picture_is_synthetic(loaded, shell, settle, paint, finish, settings, made):
    from segpaint.gui.files.scan_opening import open_scan

    open_scan(loaded, shell, made)
    settle(loaded)
    settings(edit_steps=2)
    make(loaded, paint, finish)
    request, frame = loaded.runs.looked_at
    assert not about(request, frame.picture).shows_patient
