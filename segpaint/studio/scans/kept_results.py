"""Keeps the last result of each slice of a scan, for when the scan is opened again."""

import hashlib
import re
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.files import make_private, put_aside, write_atomically
from segpaint.core.requests.checkpoint import Checkpoint, Description
from segpaint.core.requests.origins import Withheld, digest_of
from segpaint.core.requests.request import Request
from segpaint.core.runs.branches import Branch
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.io.history_files import read_pixels
from segpaint.io.results import encode_image, read_request
from segpaint.studio.base.background import Background
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.runs import Runs
from segpaint.studio.scans.runs_aside import RunsAside
from segpaint.studio.scans.scan import Image, Page, Place, Scan, Slice, read_slice
from segpaint.studio.scans.scan_desk import ScanDesk

LANE = "results of slices"
FOLDER, ASIDE = Path("scans", "results"), "aside"
MOST = 2000
"""Results that are kept of all scans; beyond them the oldest are deleted."""
NUMBER = r"(-?[0-9][0-9.e+-]*)"
NAME = re.compile(rf"([a-z]+)-(\d+)-(\d+) ([0-9a-f]{{24}})(?: {NUMBER} {NUMBER} {NUMBER} {NUMBER})?")
"""Plane, slice, and time; the digest of the slice and of what the model saw of it; then, but for files of
earlier versions, centre and step of the frame."""

Found = dict[tuple[Place, Frame], tuple[Image, Request, Image]]
"""By slice and frame: what the model sees there, and what was made of that by which request."""


class KeptResults(QObject):
    """Saves the last result of each slice and frame, and recalls those that were made from the same pixels.

    A file holds the result and its request, without the patient's original. Its name holds the frame, and a
    digest that ties it to the pixels of the slice and of the frame: if the scan has changed, it is not shown.

    Parameters
    ----------
    work : Path
        The folder of unsaved work.
    """

    changed = Signal()
    """A slice has another result."""
    failed = Signal(object)
    """A `SegPaintError`: a result could not be written."""

    def __init__(
        self,
        opened: OpenDocument,
        runs: Runs,
        aside: RunsAside,
        desk: ScanDesk,
        background: Background,
        work: Path,
    ) -> None:
        super().__init__()
        self._opened, self._runs, self._desk, self._background = opened, runs, desk, background
        self._aside = aside
        aside.finished.connect(self._on_finished_aside)
        self._folder = work / FOLDER
        self._recalled: set[tuple[Scan, Plane, Frame]] = set()
        runs.run_finished.connect(self._on_finished)
        desk.slice_changed.connect(self._on_slice)

    @staticmethod
    def adopt(folder: Path, work: Path) -> None:
        """Take over what a second window has kept in its folder of unsaved work."""
        for path in sorted((folder / FOLDER).glob("*/*.png")):
            target = work / FOLDER / path.parent.name / path.name
            with suppress(OSError, SegPaintError):
                make_private(target.parent)
                if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
                    path.replace(target)

    @Slot(object)
    def _on_finished(self, branch: Branch) -> None:
        page, result = self._opened.document.strokes.page, branch.trajectory.result
        if isinstance(page, Page) and result is not None and not branch.is_draft:
            self._aside.forget(page)
            self.keep(page, page.scan.frames[page.place.plane], branch.request, result.noisy)

    @Slot(object, object, object, object)
    def _on_finished_aside(self, page: Page, frame: Frame, request: Request, pixels: Image) -> None:
        self.keep(page, frame, request, pixels)
        is_shown = page == self._opened.document.strokes.page and page.scan.frames[page.place.plane] == frame
        if is_shown and not self._runs.state.is_active:
            self._runs.show_result(request, pixels, str(page))

    def keep(self, page: Page, frame: Frame, request: Request, pixels: Image) -> None:
        """Keep the last result of a slice, which is shown with it from now on."""
        page.scan.results.pop((page.place, frame), None)
        page.scan.results[page.place, frame] = request, pixels  # now the newest
        self.changed.emit()
        description = self._opened.document.checkpoint.description
        write = partial(_write, self._path(page.scan), page, frame, description, request, pixels)
        self._background.start(write, None, self.failed.emit, lane=LANE)

    @Slot()
    def _on_slice(self) -> None:
        """Look for what was made in this plane and frame, once."""
        shown = self._desk.slice
        if shown is None:
            return
        scan, plane, frame = shown.page.scan, shown.page.place.plane, shown.frame
        if (scan, plane, frame) in self._recalled:
            return
        self._recalled = {one for one in self._recalled if one[0] is scan} | {(scan, plane, frame)}
        known = frozenset(scan.results)
        recall = partial(
            _recalled, self._path(scan), scan, plane, frame, self._opened.document.checkpoint, known
        )
        self._background.start(recall, partial(self._on_found, scan, frame), lane=LANE)

    def _on_found(self, scan: Scan, frame: Frame, found: Found) -> None:
        earlier = {}
        for (place, within), (image, request, pixels) in found.items():
            if (place, within) not in scan.results:
                scan.keep_image(place, within, image)
                earlier[place, within] = request, pixels
        scan.results = {**earlier, **scan.results}
        self.changed.emit()
        page = self._opened.document.strokes.page
        if not isinstance(page, Page) or page.scan is not scan or scan.frames[page.place.plane] != frame:
            return
        if (page.place, frame) in found and self._runs.request is None and not self._runs.state.is_active:
            self._runs.show_result(*scan.results[page.place, frame], str(page))

    def close(self) -> None:
        """Wait until all results are written."""
        self._background.flush(LANE)

    def _path(self, scan: Scan) -> Path:
        folder = self._opened.document.checkpoint.folder.resolve()
        return self._folder / f"{scan.key}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def _name(read: Slice, *, with_frame: bool = True) -> str:
    place, values, frame = read.page.place, read.values, read.frame
    digest = hashlib.sha256(f"{values.shape} {values.dtype} {digest_of(read.image)}".encode())
    digest.update(np.ascontiguousarray(values).tobytes())
    within = "".join(f" {float(number)!r}" for number in (*frame.centre, *frame.step)) if with_frame else ""
    return f"{place.plane.value}-{place.index}-{place.time} {digest.hexdigest()[:24]}{within}.png"


def _write(
    folder: Path, page: Page, frame: Frame, description: Description, request: Request, pixels: Image
) -> None:
    name = _name(read_slice(page, frame, description))
    for parent in (folder.parent.parent, folder.parent, folder):
        make_private(parent)
    write_atomically(folder / name, encode_image(pixels, request), private=True)
    kept = list(folder.parent.glob("*/*.png"))
    if len(kept) > MOST:
        with suppress(OSError):  # another window is deleting, too
            for path in sorted(kept, key=lambda path: path.stat().st_mtime)[: len(kept) - MOST]:
                path.unlink()


def _recalled(
    folder: Path,
    scan: Scan,
    plane: Plane,
    frame: Frame,
    checkpoint: Checkpoint,
    known: Collection[tuple[Place, Frame]],
) -> Found:
    """Read the results of a plane that were made from what the model sees in their frames; the newest last.

    Parameters
    ----------
    frame : Frame
        Of files whose names hold none.
    known : collection of tuple of (Place, Frame)
        Those that need not be read.
    """
    found: Found = {}
    for path in sorted(folder.glob(f"{plane.value}-*.png"), key=_age):
        named = NAME.fullmatch(path.stem)
        if named is None:
            continue
        place = Place(plane, int(named[2]), int(named[3]))
        if place.index >= scan.volume.count(plane) or place.time >= scan.volume.voxels.times:
            continue
        with suppress(SegPaintError):  # the slice cannot be read, which is reported when it is looked at
            within = _frame_in(named, frame)
            if (place, within) in known:
                continue
            read = read_slice(Page(scan, place), within, checkpoint.description)
            is_same = _name(read, with_frame=named[5] is not None) == path.name
            if is_same and (made := _read(path, read.image, checkpoint)) is not None:
                found[place, within] = read.image, *made
    return found


def _frame_in(named: re.Match[str], usual: Frame) -> Frame:
    """Read the frame in the name of a file, or return the usual one."""
    if named[5] is None:
        return usual
    try:
        row, column, tall, wide = (float(named[number]) for number in range(5, 9))
    except ValueError:  # the file was renamed, and cannot fit
        return usual
    return Frame((row, column), usual.side, (tall, wide))


def _age(path: Path) -> tuple[float, str]:
    with suppress(OSError):  # another window has deleted it
        return path.stat().st_mtime, path.name
    return 0.0, path.name


def _read(path: Path, image: Image, checkpoint: Checkpoint) -> tuple[Request, Image] | None:
    """Read a result; what is damaged is put aside, and what another model made is left alone."""
    try:
        request, pixels = read_request(path), read_pixels(path)
        if isinstance(request.origin, Withheld):
            request = request.with_reference(image)
    except SegPaintError:
        with suppress(OSError):
            put_aside(path, path.parent.parent / ASIDE)
        return None
    is_own = request.checkpoint == checkpoint.folder.name
    return (request, pixels) if is_own and pixels.shape == image.shape else None
