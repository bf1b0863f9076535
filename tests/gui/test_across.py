"""What was painted in one plane of a scan is shown on the slices of the others."""

from dataclasses import replace

import numpy as np
import pytest
from scan_volumes import make_volume

from segpaint.core.volumes.planes import Plane
from segpaint.gui.scans.scan_panel import ScanPanel
from segpaint.studio.scans.across import masks_across
from segpaint.studio.scans.scan import Page


@pytest.fixture
def painted(studio, settle):
    """A studio with labels painted on two acquired slices, a different one on each."""
    studio.scans.open(make_volume(spacing=(1.0, 1.3, 7.0)), "key")
    settle(studio)
    for index, label in ((2, 1), (4, 2)):
        studio.scans.go_to(replace(studio.scans.place, index=index))
        settle(studio)
        mask = np.zeros_like(studio.document.mask.values)
        mask[6:20, 8:28] = label
        studio.document.strokes.replace(mask, "Draw")
    return studio


@pytest.mark.parametrize("plane", [Plane.CORONAL, Plane.SAGITTAL])
def test_every_pixel_has_the_label_of_the_painted_slice_it_lies_in(painted, settle, plane):
    studio, scan = painted, painted.scans.scan
    whole = np.zeros(scan.geometry(Plane.ACQUIRED).shape, np.uint8)
    frame = scan.frames[Plane.ACQUIRED]
    for page in studio.document.strokes.painted_pages:
        if isinstance(page, Page):
            whole[page.place.index] = frame.put_mask(studio.document.strokes.on_page(page), whole.shape[1:])
    studio.scans.set_plane(plane)
    settle(studio)
    page = studio.document.strokes.page
    across = masks_across(studio.document.strokes, page)
    voxels = scan.volume.view(Plane.ACQUIRED).undo(whole)
    expected = scan.volume.view(plane).apply(voxels)[page.place.index]
    assert set(np.unique(across)) == {0, 1, 2}
    assert np.mean(across != expected) < 0.01  # pixels whose middle lies on a border go either way


def test_the_pane_shows_them_until_they_are_undone(painted, settle, qtbot):
    studio, panel = painted, ScanPanel(painted)
    qtbot.addWidget(panel)
    panel.resize(320, 500)
    studio.scans.set_plane(Plane.CORONAL)
    settle(studio)
    count = studio.document.strokes.stack.count()
    shown = panel.view.grab().toImage()
    assert not studio.document.mask.values.any()
    strokes = studio.document.strokes
    pages = [page for page in strokes.painted_pages if isinstance(page, Page)]
    strokes.replace_pages({page: np.zeros_like(strokes.on_page(page)) for page in pages}, "Erase")
    assert masks_across(strokes, strokes.page) is None
    assert panel.view.grab().toImage() != shown
    assert studio.document.strokes.stack.count() == count + 1
