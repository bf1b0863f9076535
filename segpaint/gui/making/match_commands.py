"""Saving what is before and after as a matched pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.kinds import about
from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.gui.making.figure_commands import about_other, panels_of
from segpaint.studio.studio import Studio
from segpaint.studio.view.patients import patient_of

if TYPE_CHECKING:
    from segpaint.gui.making.match_dialog import MatchDialog
    from segpaint.paired.matched import MatchedPair


def obstacle(studio: Studio) -> str:
    """Return why there is no before and after to save, in a sentence; empty if there is."""
    looked, comparison = studio.runs.looked_at, studio.view.comparison
    if looked is None:
        return "There is no image yet, and so no before and after"
    request, frame = looked
    if not frame.is_last:
        return "A step of a run is shown; look at the finished image"
    before = comparison.before
    if before is None and comparison.mixes_patients:
        return "The two images are of different patients"
    if before is None:
        return "Nothing is before this image: edit a reference, branch off, change a made image, or pin one"
    if not before.is_finished:
        return "The image before was never finished"
    if before.patient != patient_of(request):
        return "One of the two images is a patient's, and the other was made without it"
    if before.pixels.shape[:2] != frame.picture.shape[:2]:
        return "The two images differ in size"
    return ""


def pair_of(studio: Studio) -> MatchedPair:
    """Return the image that the one looked at is compared with, and this one.

    Raises
    ------
    SegPaintError
        If there are no two.
    """
    from segpaint.paired.matched import MatchedPair, Side

    looked, before, reference = studio.runs.looked_at, studio.view.comparison.before, studio.document.reference
    if obstacle(studio) or looked is None or before is None:
        raise SegPaintError(f"{obstacle(studio)}.")
    request, frame = looked
    if before.request is not None:
        used = before.request.final.used
    elif reference is not None and before.pixels is reference.image:
        used = reference.used
    else:
        used = request.final.used
    judgement = studio.judging.judgement
    return MatchedPair(
        Side(before.pixels, before.mask, used, about_other(studio, before), before.request),
        Side(frame.picture, request.final.mask, request.final.used, about(request, frame.picture), request),
        studio.document.checkpoint.table,
        studio.anatomy.done.find(before.mask, request.final.mask),
        judgement,
    )


def save_pair(studio: Studio, shell: Shell) -> MatchDialog | None:
    """Open the dialog."""
    from segpaint.gui.making.match_dialog import MatchDialog

    try:
        pair = pair_of(studio)
    except SegPaintError as error:
        shell.warn(error)
        return None
    panels = tuple(panels_of(studio))
    return shell.open(lambda window: MatchDialog(studio, pair, panels, window))


ROWS = (
    Command(
        key="save_pair", text="Save before and after…", run=save_pair, menu="File", place=204,
        icon=MDI7.image_multiple, enabled=obstacle,
        hint="Both images with their masks, aligned to the pixel, into a folder of matched pairs",
    ),
)  # fmt: skip
