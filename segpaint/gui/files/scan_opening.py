"""Opening a scan: what a file or folder holds is read off the window's thread, and can be given up."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.pictures.oddities import Oddities
from segpaint.core.volumes.scale import LEAST_WIDTH, MOST_WIDTH
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.recents import note
from segpaint.io.volume_files.file_kinds import ENDINGS
from segpaint.studio.document.recent import Kind
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.core.requests.checkpoint import Description
    from segpaint.core.volumes.volume import Volume
    from segpaint.io.volume_files.opening import Offers

SOON = 300
"""Milliseconds after which it is shown that something is being read."""
OFTEN = 0.2
"""Seconds between two counts of the files that were read."""
LANE = "opening"
USUAL_WIDTH = 200
OPEN_MASK = "File > Open mask of the scan"
QUESTION = "How wide is the whole picture, in millimetres?"


class _Cancelled(Exception):  # noqa: N818 - it is no error
    """The user has given up."""


def ask_scan(studio: Studio, shell: Shell) -> None:
    """Ask for a file, and open the scan in it."""
    endings = " ".join(f"*{ending}" for ending in ENDINGS)
    path = shell.ask_file("Open a scan", f"Scans and pictures ({endings});;All files (*)")
    if path is not None:
        open_scan(studio, shell, path)


def ask_scan_folder(studio: Studio, shell: Shell) -> None:
    """Ask for a folder, and open one of the scans in it."""
    folder = shell.ask_folder("Open a folder of scans")
    if folder is not None:
        open_scan(studio, shell, folder)


def open_scan(
    studio: Studio,
    shell: Shell,
    place: Path,
    wanted: str = "",
    then: Callable[[], None] | None = None,
    *,
    is_sure: bool = False,
) -> None:
    """Open a scan of a file or folder; of several, the user chooses one, unless one alone has the name wanted.

    What looks like labels does not take the place of an open scan before the user was asked.

    Parameters
    ----------
    then : callable, optional
        Is called once it is shown.
    is_sure : bool
        Whether it is a scan, whatever it looks like.
    """
    ScanOpening(studio, shell, place, wanted, then, is_sure=is_sure or then is not None).begin()


class ScanOpening(QObject):
    """A scan that is being opened.

    Parameters
    ----------
    place : Path
        A file or a folder.
    wanted, then, is_sure
        See `open_scan`.
    """

    counted = Signal(int)

    def __init__(
        self, studio: Studio, shell: Shell, place: Path, wanted: str, then: Callable[[], None] | None,
        *, is_sure: bool,
    ) -> None:  # fmt: skip
        super().__init__(studio)
        self._is_sure, self._odd = is_sure, Oddities()
        self._wanted, self._then = wanted, then
        self._studio, self._shell, self._place = studio, shell, place
        self._is_over, self._is_told = False, False
        self._files, self._reported = 0, 0.0
        self._remarks: tuple[str, ...] = ()
        self._key = ""
        self.counted.connect(self._on_count)

    def begin(self) -> None:
        """Look for what the file or folder holds."""
        QTimer.singleShot(SOON, self, self._tell)
        self._start(self._find, self._on_offers)

    def _find(self) -> Offers:
        from segpaint.io.volume_files.opening import find_offers  # on this thread, since it takes a while

        return find_offers(self._place, self._report)

    def _report(self, files: int) -> None:
        """Count files, on the thread that reads them."""
        if self._is_over:
            raise _Cancelled
        now = time.monotonic()
        if now - self._reported > OFTEN:
            self._reported = now
            self.counted.emit(files)

    @Slot(int)
    def _on_count(self, files: int) -> None:
        self._files = files
        if self._is_told:
            self._tell()

    @Slot()
    def _tell(self) -> None:
        if self._is_over:
            return
        self._is_told = True
        files = f" {self._files:,} files are looked through." if self._files else ""
        self._shell.ask(
            f"{self._place.name} is being opened.{files}", "Cancel", self.cancel, tone="",
            until=lambda: self._is_over,
        )  # fmt: skip

    @Slot()
    def cancel(self) -> None:
        """Give up; nothing is changed."""
        self._is_over = True
        self.deleteLater()

    def _start(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        self._studio.background.start(work, then, self._on_failed, lane=LANE)

    def _on_failed(self, error: Exception) -> None:
        if not self._is_over:
            self._end()
            self._shell.warn(error)

    def _end(self) -> None:
        if self._is_told and not self._is_over:
            self._shell.quiet()
        self.cancel()

    # ---- offers

    def _on_offers(self, found: Offers) -> None:
        if self._is_over:
            return
        self._remarks = found.remarks
        fitting = [offer for offer in found.offers if offer.name == self._wanted]
        if len(found.offers) == 1 or len(fitting) == 1:
            self._read((fitting or found.offers)[0].open)
            return
        from segpaint.gui.files.offers_dialog import OffersDialog

        if self._is_told:
            self._shell.quiet()
        dialog = self._shell.only(
            OffersDialog, partial(OffersDialog, self._place.name, found.offers, self._studio.background)
        )
        dialog.chosen.connect(self._read)
        dialog.rejected.connect(self.cancel)

    # ---- the volume

    @Slot(object)
    def _read(self, read: Callable[[], Volume]) -> None:
        self._is_told = False
        QTimer.singleShot(SOON, self, self._tell)
        self._start(partial(_looked_at, read, self._studio.document.checkpoint.description), self._on_volume)

    @Slot(object)
    def _on_volume(self, found: tuple[Volume, Oddities]) -> None:
        if self._is_over:
            return
        volume, self._odd = found
        if self._odd.labels and not self._is_sure and self._studio.scans.scan is not None:
            self._ask_whether_mask()
            return
        self._studio.scans.changed.connect(self._on_shown)
        self._studio.scans.failed.connect(self._on_unreadable)
        self._key = key_of(volume, self._place)
        self._studio.scans.open(volume, self._key, str(self._place.absolute()))

    def _ask_whether_mask(self) -> None:
        """Ask before labels take the place of the open scan."""
        studio, shell, place = self._studio, self._shell, self._place
        from segpaint.gui.files.scan_masks import open_scan_mask

        self._end()
        scan = studio.scans.scan
        again = partial(open_scan, studio, shell, place, self._wanted, is_sure=True)
        shell.ask(
            self._odd.labels, "Open it as the scan's mask", partial(open_scan_mask, studio, shell, place),
            other=("Open it as a scan", again), until=lambda: studio.scans.scan is not scan,
        )  # fmt: skip

    @Slot(object)
    def _on_unreadable(self, _error: Exception) -> None:
        """The window shows the error by itself."""
        self.cancel()

    @Slot()
    def _on_shown(self) -> None:
        scans = self._studio.scans
        scan = scans.scan
        if scan is None or scan.key != self._key or self._is_over:
            return  # another one, to which undo has led
        self._end()
        note(self._studio, self._place, Kind.SCAN)
        remarks = [*self._remarks, *scan.volume.remarks, *scan.new_damage()]
        remarks += self._odd.others
        if self._odd.labels:
            remarks.insert(0, f"{self._odd.labels} If so, open its scan, and this with {OPEN_MASK}.")
        doubt = self._studio.document.checkpoint.description.doubt(scan.volume.modality) or self._odd.doubt
        if doubt:
            remarks.insert(0, f"{doubt} Choose another model on the right.")
        if not scan.is_measured:
            sentence = " ".join(("The file does not give the size of its pixels.", *remarks))
            ask = partial(ask_width, self._studio, self._shell)
            click = "Click on a scale", partial(click_scale, self._studio, self._shell)
            is_done = partial(_is_answered, self._studio)
            self._shell.ask(sentence, "Give the width…", ask, other=click, until=is_done)
        elif remarks:
            self._shell.warn(" ".join(remarks), until=lambda: scans.scan is not scan)
        if self._then is not None:
            self._then()


def _looked_at(read: Callable[[], Volume], model: Description) -> tuple[Volume, Oddities]:
    """Read a volume, and look for what speaks against taking it for a scan; takes a while."""
    from segpaint.core.volumes.odd_volumes import oddities_of

    volume = read()
    return volume, oddities_of(volume, model)


def ask_width(studio: Studio, shell: Shell) -> None:
    """Ask how wide a picture is whose file does not give it."""
    scan = studio.scans.scan
    if scan is not None and scan.lacks_size:
        known = round(scan.width(studio.scans.place.plane)) if scan.is_measured else USUAL_WIDTH
        width = shell.ask_number("Width of the picture", QUESTION, known, LEAST_WIDTH, MOST_WIDTH)
        if width is not None:
            studio.scans.set_width(width)


def click_scale(studio: Studio, _shell: Shell) -> None:
    """Let two points be clicked on whose distance is known."""
    studio.view.switches.set("slice_panel", True)
    studio.scale.begin()


def _is_answered(studio: Studio) -> bool:
    return studio.scans.scan is None or studio.scans.scan.is_measured or studio.scale.is_on


def key_of(volume: Volume, place: Path) -> str:
    """Make a key of a series that holds no names, from its place in the patient or else from its file."""
    geometry = volume.geometry
    known = geometry.frame_of_reference or str(place.absolute())
    content = f"{known} {volume.name} {geometry.shape} {np.round(geometry.affine, 3).tolist()}"
    if volume.series:  # others may be alike but for it: the views of a breast, or a scan that is repeated
        content += f" {volume.series}"
    return hashlib.sha256(content.encode()).hexdigest()[:20]
