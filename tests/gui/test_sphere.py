"""A ball as brush paints on the slices of an open scan beside the one shown, in one edit."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from scan_volumes import make_volume

from segpaint.core.volumes.planes import Plane
from segpaint.studio.scans.scan import Page

RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def on_scan(easel, settle):
    """An easel on the third of six slices, with a ball of nine pixels as brush, 2.5 mm apart."""
    studio = easel.studio
    studio.scans.open(make_volume(spacing=(1.0, 1.0, 2.5)), "key")
    settle(studio)
    studio.scans.go_to(replace(studio.scans.place, index=2))
    settle(studio)
    studio.document.paint_value = 4
    studio.view.tools.change(size=9, sphere=True)
    return easel


def masks(easel):
    """Return the masks of all slices of the plane that is shown, by index."""
    studio = easel.studio
    scan, place = studio.scans.scan, studio.scans.place
    pages = [Page(scan, replace(place, index=index)) for index in range(scan.volume.count(place.plane))]
    return np.stack([studio.document.strokes.on_page(page) for page in pages])


def ball(easel, row, column, size=9, middle=2):
    """Compute the voxels of a ball, in millimetres."""
    scan, plane = easel.studio.scans.scan, easel.studio.scans.place.plane
    frame, (between, tall, wide) = scan.frames[plane], scan.geometry(plane).spacing
    slices, rows, columns = np.indices(masks(easel).shape).astype(float)
    down = (rows - row) * frame.step[0] * tall
    right = (columns - column) * frame.step[1] * wide
    radius = size / 2 * frame.step[0] * tall
    return (slices - middle) ** 2 * between**2 + down**2 + right**2 <= radius**2


def test_it_reaches_as_far_as_its_radius_in_millimetres_and_is_undone_in_one_step(on_scan, hand):
    document = on_scan.studio.document
    count, place = document.strokes.stack.count(), on_scan.studio.scans.place
    hand(on_scan, (16, 16))
    expected = ball(on_scan, 16, 16)
    np.testing.assert_array_equal(masks(on_scan) == 4, expected)
    assert 3 <= expected.any(axis=(1, 2)).sum() < 6
    assert document.strokes.stack.count() == count + 1
    assert document.strokes.stack.undoText().startswith("Brush, bone, slice 3 and ")
    document.strokes.undo()
    assert not masks(on_scan).any()
    document.strokes.redo()
    np.testing.assert_array_equal(masks(on_scan) == 4, expected)
    assert on_scan.studio.scans.place == place


def test_undo_leads_back_to_the_slice_painted_on(on_scan, hand, settle):
    studio = on_scan.studio
    hand(on_scan, (16, 16))
    studio.scans.go_to(replace(studio.scans.place, index=5))
    settle(studio)
    studio.document.strokes.undo()
    settle(studio)
    assert studio.scans.place.index == 2
    assert not masks(on_scan).any()


def test_locks_and_what_may_be_covered_hold_on_each_slice(on_scan, hand):
    document, scan = on_scan.studio.document, on_scan.studio.scans.scan
    heart = np.zeros_like(document.mask.values)
    heart[:, :16] = 2
    pages = [Page(scan, replace(on_scan.studio.scans.place, index=index)) for index in range(6)]
    document.strokes.replace_pages(dict.fromkeys(pages, heart), "Paint hearts")
    document.set_label(2, locked=True)
    hand(on_scan, (16, 16))
    np.testing.assert_array_equal(masks(on_scan) == 2, np.broadcast_to(heart == 2, (6, *heart.shape)))
    np.testing.assert_array_equal(masks(on_scan) == 4, ball(on_scan, 16, 16) & (heart != 2))


def test_erasing_goes_one_label_out_on_each_slice_however_long_the_stroke(on_scan, hand):
    document, scan = on_scan.studio.document, on_scan.studio.scans.scan
    heart = np.full_like(document.mask.values, 2)  # inside a body
    pages = [Page(scan, replace(on_scan.studio.scans.place, index=index)) for index in range(6)]
    document.strokes.replace_pages(dict.fromkeys(pages, heart), "Paint hearts")
    hand(on_scan, (16, 16), (17, 16), (16, 16), button=RIGHT)
    changed = masks(on_scan) == 1
    np.testing.assert_array_equal(changed, ball(on_scan, 16, 16) | ball(on_scan, 16, 17))
    assert set(np.unique(masks(on_scan))) == {1, 2}


def test_a_loop_is_filled_on_each_slice_where_it_closes(on_scan, hand):
    on_scan.studio.view.tools.change(size=5, fills_loops=True)
    hand(on_scan, (8, 8), (24, 8), (24, 24), (8, 24), (8, 8))
    assert [int(mask[16, 16]) for mask in masks(on_scan)][1:4] == [4, 4, 4]


def test_what_ends_a_stroke_early_loses_nothing(on_scan, qtbot, settle):
    studio, viewport = on_scan.studio, on_scan.canvas.viewport()
    middle = viewport.rect().center()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=middle)
    studio.scans.step(1)
    settle(studio)
    painted = masks(on_scan)
    assert painted[1].any()
    assert painted[3].any()
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=middle)
    np.testing.assert_array_equal(masks(on_scan), painted)


def test_it_stays_in_the_plane_painted_in(on_scan, hand, settle):
    studio = on_scan.studio
    studio.scans.set_plane(Plane.CORONAL)
    settle(studio)
    index = studio.scans.place.index
    hand(on_scan, (16, 16))
    np.testing.assert_array_equal(masks(on_scan) == 4, ball(on_scan, 16, 16, middle=index))
    pages = studio.document.strokes.painted_pages
    assert {page.place.plane for page in pages if isinstance(page, Page)} == {Plane.CORONAL}


def test_without_slices_it_is_a_brush_and_states_what_it_needs(window, hand, settle, qtbot):
    studio = window.studio
    switch = window.options_bar.switches
    sphere = next(action for action in switch.switches.values() if "ball" in action.toolTip().lower())
    assert not sphere.isEnabled()
    assert "open scan" in sphere.toolTip().lower()
    studio.view.tools.change(sphere=True, square=True, size=5)
    studio.document.strokes.replace(np.zeros_like(studio.document.mask.values), "Blank")
    hand(window, (16, 16))
    assert (studio.document.mask.values > 0).sum() == 25
    studio.scans.open(make_volume(is_measured=False), "unmeasured")
    settle(studio)
    assert not sphere.isEnabled()
    assert "distance" in sphere.toolTip()
    studio.scans.open(make_volume(), "key")
    qtbot.waitUntil(lambda: studio.scans.scan.key == "key")
    assert sphere.isEnabled()
    assert sphere.isChecked()
