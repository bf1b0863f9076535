"""Opening the mask of a whole scan, with the meanings of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.label_mapping import Guess, Reason, SourceValue, guess_targets, lookup, means_itself
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import View
from segpaint.gui.commands.at_work import at_work
from segpaint.gui.commands.shell import Shell
from segpaint.io.foreign_masks import MOST_PLACES, ForeignMask
from segpaint.studio.scans.scan import Page, Scan
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.gui.files.mapping_dialog import MappingDialog
    from segpaint.io.volume_files.masks import MaskVolume

LANE = "opening"


@dataclass(frozen=True)
class _Read:
    """A mask that was read: the place of each voxel's value among the sources, and one slice for a preview."""

    places: NDArray[np.uint8]
    foreign: ForeignMask
    remarks: tuple[str, ...]


def open_scan_mask(studio: Studio, shell: Shell, path: Path) -> None:
    """Give every slice of the plane looked at the mask in a file; undone in one step."""
    page = studio.document.strokes.page
    if not isinstance(page, Page):
        shell.warn("No scan is open to which the mask could belong; open the scan first.")
        return
    frame, view = page.scan.frames[page.place.plane], page.scan.volume.view(page.place.plane)
    read = partial(_read, path, page, view, frame)
    sentence = f"{path.name} is being read…"
    at_work(studio.background, shell, sentence, read, partial(_on_read, studio, shell, page.scan), lane=LANE)


def _read(path: Path, page: Page, view: View, frame: Frame) -> _Read:
    from segpaint.io.volume_files.masks import read_mask_volume  # on this thread, since it takes a while

    mask = read_mask_volume(path, page.scan.volume.geometry)
    counts = np.bincount(mask.values.ravel())
    values = np.flatnonzero(counts)
    if len(values) > MOST_PLACES:
        raise SegPaintError(f"{path} has {len(values)} labels; at most {MOST_PLACES} can be opened.")
    places = np.zeros(len(counts), np.uint8)
    places[values] = np.arange(len(values))
    placed = places[mask.values]
    sources = tuple(_source(mask, value, int(counts[value])) for value in values.tolist())
    turned = view.apply(placed)
    shown = turned[page.place.index]
    if len(np.unique(shown)) == 1:  # nothing to see there
        shown = turned[int(np.argmax([np.count_nonzero(one) for one in turned]))]
    preview = frame.cut_mask(np.asarray(shown, np.uint8)).astype(np.int32)
    return _Read(placed, ForeignMask(path, preview, sources), mask.remarks)


def _source(mask: MaskVolume, value: int, pixels: int) -> SourceValue:
    color = mask.colors.get(value)
    rgb = None if color is None else tuple(bytes.fromhex(color[1:]))
    name = mask.names.get(value, "background" if value == 0 else "")
    return SourceValue(value, pixels, None if rgb is None else (rgb[0], rgb[1], rgb[2]), name)


def _on_read(studio: Studio, shell: Shell, scan: Scan, read: _Read) -> None:
    if studio.scans.scan is not scan:
        return  # another scan was opened meanwhile
    shell.quiet()
    table, sources = studio.document.table, read.foreign.sources
    guesses = guess_targets(sources, table)
    remembered = studio.mappings.recall(sources, table)
    ask = partial(_ask, studio, shell, scan, read)
    if means_itself(sources, guesses):
        _take(studio, read, [source.index for source in sources])
        _remark(shell, read)
    elif remembered is not None:
        _take(studio, read, remembered)
        again = [Guess(target, None if target is None else Reason.REMEMBERED) for target in remembered]
        same = f"{read.foreign.path.name}: its values mean the same labels as last time."
        unusual = bool(read.remarks)  # a warning stays until it is read
        sentence = " ".join((*read.remarks, same))
        tone = "warning" if unusual else ""
        shell.ask(sentence, "Change…", partial(ask, again), passing=not unusual, tone=tone)
    elif not len(table):
        shell.warn(f"This model knows no labels that {read.foreign.path} could hold.")
    else:
        ask(guesses)


def _ask(studio: Studio, shell: Shell, scan: Scan, read: _Read, guesses: Sequence[Guess]) -> None:
    if studio.scans.scan is not scan:
        return
    from segpaint.gui.files.mapping_dialog import MappingDialog

    dialog = shell.only(MappingDialog, partial(MappingDialog, read.foreign, guesses, studio.document.table))
    studio.opened.switched.connect(dialog.reject)
    dialog.accepted.connect(partial(_accept, studio, shell, read, dialog))


def _accept(studio: Studio, shell: Shell, read: _Read, dialog: MappingDialog) -> None:
    if dialog.remember.isEnabled() and dialog.remember.isChecked():
        studio.mappings.keep(read.foreign.sources, dialog.targets, studio.document.table)
    _take(studio, read, dialog.targets)
    _remark(shell, read)


def _take(studio: Studio, read: _Read, targets: Sequence[int | None]) -> None:
    meanings = lookup(targets)
    studio.slice_masks.read(partial(_translated, read.places, meanings), f"Open {read.foreign.path.name}")


def _remark(shell: Shell, read: _Read) -> None:
    if read.remarks:
        shell.warn(" ".join(read.remarks))


def _translated(places: NDArray[np.uint8], meanings: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return meanings[places]
