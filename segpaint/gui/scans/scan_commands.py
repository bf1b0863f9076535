"""The commands of a scan: slices, planes, windows of values, the frame."""

from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.gui.commands.command import Command, Submenu, Toggle, switch
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.scan_opening import ask_width, click_scale
from segpaint.gui.scans.scan_panel import PLANES
from segpaint.gui.scans.slice_view import ORIGINAL
from segpaint.gui.scans.value_windows import offered
from segpaint.studio.studio import Studio

MENU = "Scan"
NONE = "No scan is open; open one from the File menu"
GROWTH = 1.1
"""How much larger the frame gets with one command."""


def needs_scan(studio: Studio) -> str:
    """Require an open scan."""
    return "" if studio.scans.scan is not None else NONE


def needs_times(studio: Studio) -> str:
    """Require a scan over time."""
    scan = studio.scans.scan
    if scan is None:
        return NONE
    return "" if scan.volume.voxels.times > 1 else "The scan has one time only"


def step(slices: int, studio: Studio, _shell: Shell) -> None:
    """Move by some slices."""
    studio.scans.step(slices)


def step_in_time(times: int, studio: Studio, _shell: Shell) -> None:
    """Move by some times, around the end of a cycle."""
    scan, place = studio.scans.scan, studio.scans.place
    if scan is not None:
        studio.scans.set_time((place.time + times) % scan.volume.voxels.times)


def needs_edit(studio: Studio) -> str:
    """Require an edited slice."""
    if studio.scans.scan is None:
        return NONE
    return "" if studio.edited.values is not None else "This slice was not edited yet in its frame"


def needs_finder(studio: Studio) -> str:
    """Require a segmenter that can look for the frame's place."""
    if lacking := needs_size(studio):
        return lacking
    if not studio.reference.can_find_labels:
        return "The model has no segmenter to find labels"
    if not studio.runs.is_ready:
        return "The model is not loaded yet"
    return "It is looking" if studio.frames.is_busy else ""


def size_frame(studio: Studio, _shell: Shell) -> None:
    """Give the frame the size that the model was trained on, around its middle."""
    frame, step = studio.scans.frame, studio.document.checkpoint.description.pixel_spacing
    scan = studio.scans.scan
    if frame is not None and scan is not None and step is not None:
        rows, columns = scan.spacing(studio.scans.place.plane)
        studio.scans.set_frame(Frame(frame.centre, frame.side, (step / rows, step / columns)))


def needs_size(studio: Studio) -> str:
    """Require that scan and model have sizes in millimetres."""
    scan = studio.scans.scan
    if scan is None:
        return NONE
    if not scan.is_measured:
        return "The file does not give the size of its pixels"
    known = studio.document.checkpoint.description.pixel_spacing is not None
    return "" if known else "The model's images had no single size"


def scale_frame(factor: float, studio: Studio, _shell: Shell) -> None:
    """Make the frame larger or smaller around its middle."""
    frame = studio.scans.frame
    if frame is not None:
        studio.scans.set_frame(frame.scaled(factor))


def needs_no_size(studio: Studio) -> str:
    """Require a scan whose file does not give its size."""
    scan = studio.scans.scan
    if scan is None:
        return NONE
    return "" if scan.lacks_size else "The file gives the size of its pixels"


def fill_windows(menu: QMenu, studio: Studio, _shell: Shell) -> None:
    """List the windows of values."""
    for name, window in offered(studio):
        action = QAction(name, menu)
        action.triggered.connect(partial(studio.scans.set_window, window))
        menu.addAction(action)


def _plane_row(plane: Plane, place: int, hint: str) -> Toggle:
    return Toggle(
        key=f"plane_{plane.value}", text=PLANES[plane], hint=hint, menu="Scan/Plane", place=place,
        choice="plane", run=lambda studio, _shell, _on: studio.scans.set_plane(plane),
        is_on=lambda studio: studio.scans.scan is not None and studio.scans.place.plane is plane,
        enabled=needs_scan,
    )  # fmt: skip


ROWS = (
    Command(
        key="slice_next", text="Next slice", run=partial(step, 1), menu=MENU, place=100, keys=("PgDown",),
        icon=MDI7.chevron_down, hint="Also by the wheel over the scan", enabled=needs_scan,
    ),
    Command(
        key="slice_previous", text="Previous slice", run=partial(step, -1), menu=MENU, place=101,
        keys=("PgUp",), icon=MDI7.chevron_up, enabled=needs_scan,
    ),
    Command(
        key="slice_first", text="First slice", run=partial(step, -(10**6)), menu=MENU, place=102,
        keys=("Ctrl+PgUp",), enabled=needs_scan,
    ),
    Command(
        key="slice_last", text="Last slice", run=partial(step, 10**6), menu=MENU, place=103,
        keys=("Ctrl+PgDown",), enabled=needs_scan,
    ),
    Command(
        key="time_next", text="Next time", run=partial(step_in_time, 1), menu=MENU, place=110,
        keys=("Shift+PgDown",), hint="Of a cine; after the last time comes the first", enabled=needs_times,
    ),
    Command(
        key="time_previous", text="Previous time", run=partial(step_in_time, -1), menu=MENU, place=111,
        keys=("Shift+PgUp",), enabled=needs_times,
    ),
    Submenu(path="Scan/Plane", place=200),
    _plane_row(Plane.ACQUIRED, 100, "The slices as they were scanned"),
    _plane_row(Plane.AXIAL, 101, "Seen from the feet, the patient's right on the left"),
    _plane_row(Plane.CORONAL, 102, "Seen from the front"),
    _plane_row(Plane.SAGITTAL, 103, "Seen from the left"),
    Submenu(path="Scan/Window of values", place=201, fill=fill_windows),
    Command(
        key="values_reset", text="Reset the window of values", menu=MENU, place=202,
        run=lambda studio, _shell: studio.scans.reset_window(),
        hint="Also a double click on the slice with the right button", enabled=needs_scan,
    ),
    switch(
        "slice_panel", text="Whole slice", menu="View", place=304,
        hint="Show the slice of an open scan left of the mask, where there is room for it", remembered=True,
        default=True,
    ),
    switch(
        ORIGINAL, text="Original slice", menu=MENU, place=203, keys=("Ctrl+Alt+O",), icon=MDI7.image_outline,
        hint="Show the slice as it was scanned, to compare it with the edited one", enabled=needs_edit,
    ),
    Command(
        key="frame_body", text="Lay the frame around the body",
        run=lambda studio, _shell: studio.frames.lay_on_body(), menu=MENU, place=300,
        hint="The frame is the square that the model sees", enabled=needs_scan,
    ),
    Command(
        key="frame_labels", text="Lay the frame where the labels are",
        run=lambda studio, _shell: studio.frames.look(), menu=MENU, place=301,
        hint="The model's segmenter looks for them all over this slice", enabled=needs_finder,
    ),
    Command(
        key="frame_size", text="Give the frame the model's size", run=size_frame, menu=MENU, place=302,
        hint="Pixels as wide as in the images that the model was trained on", enabled=needs_size,
    ),
    Command(
        key="frame_larger", text="Larger frame", run=partial(scale_frame, GROWTH), menu=MENU, place=303,
        enabled=needs_scan,
    ),
    Command(
        key="frame_smaller", text="Smaller frame", run=partial(scale_frame, 1 / GROWTH), menu=MENU, place=304,
        enabled=needs_scan,
    ),
    Command(
        key="scan_width", text="Width of the picture…", run=ask_width, menu=MENU, place=600,
        hint="For files that do not give the size of their pixels", enabled=needs_no_size,
    ),
    Command(
        key="scan_scale", text="Click on a scale", run=click_scale, menu=MENU, place=601, icon=MDI7.ruler,
        hint="Two points whose distance you know, such as on a ruler, give the size of the pixels",
        enabled=needs_no_size,
    ),
    Command(
        key="scan_close", text="Close the scan", run=lambda studio, _shell: studio.scans.close(), menu=MENU,
        place=602, icon=MDI7.close, hint="The mask and the reference from before come back", enabled=needs_scan,
    ),
)  # fmt: skip
