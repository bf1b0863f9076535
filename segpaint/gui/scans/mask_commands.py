"""The commands of masks on several slices."""

from functools import partial

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.gui.scans.scan_commands import MENU, needs_scan
from segpaint.studio.studio import Studio


def needs_segmenter(studio: Studio) -> str:
    """Require an open scan and a model that finds labels."""
    lacking = needs_scan(studio)
    if lacking:
        return lacking
    if not studio.reference.can_find_labels:
        return "The model has no segmenter to find labels"
    return "" if studio.runs.is_ready else "The model is not loaded yet"


def needs_idle_segmenter(studio: Studio) -> str:
    """Require that labels are not being found on all slices already."""
    return needs_segmenter(studio) or ("It is under way" if studio.slice_masks.is_busy else "")


def needs_neighbour(slices: int, studio: Studio) -> str:
    """Require a slice that is so many further, and a mask to copy."""
    if lacking := needs_scan(studio):
        return lacking
    if not studio.document.mask.values.any():
        return "This slice has no mask"
    inside = 0 <= studio.scans.place.index + slices < studio.scans.count
    return "" if inside else "There is no further slice"


def needs_gap(studio: Studio) -> str:
    """Require two painted slices with others between them."""
    if lacking := needs_scan(studio):
        return lacking
    return "" if studio.slice_masks.gap is not None else "Paint two slices with others between them first"


def find_here(studio: Studio, _shell: Shell) -> None:
    """Find the labels on the slice shown."""
    reference = studio.reference.current
    if reference is not None:
        studio.reference.find_labels(reference.name, reference.image)


ROWS = (
    Command(
        key="labels_here", text="Find the labels on this slice", run=find_here, menu=MENU, place=400,
        icon=MDI7.auto_fix, hint="The model's segmenter finds them within the frame",
        enabled=needs_segmenter,
    ),
    Command(
        key="labels_everywhere", text="Find the labels on all slices",
        run=lambda studio, _shell: studio.slice_masks.find_on_all(), menu=MENU, place=401,
        hint="On every slice of this plane; undone in one step", enabled=needs_idle_segmenter,
    ),
    Command(
        key="mask_to_next", text="Copy the mask to the next slice",
        run=lambda studio, _shell: studio.slice_masks.copy(1), menu=MENU, place=402,
        keys=("Ctrl+Alt+PgDown",), enabled=partial(needs_neighbour, 1),
    ),
    Command(
        key="mask_to_previous", text="Copy the mask to the previous slice",
        run=lambda studio, _shell: studio.slice_masks.copy(-1), menu=MENU, place=403,
        keys=("Ctrl+Alt+PgUp",), enabled=partial(needs_neighbour, -1),
    ),
    Command(
        key="mask_between", text="Interpolate between painted slices",
        run=lambda studio, _shell: studio.slice_masks.interpolate(), menu=MENU, place=404,
        hint="Fills the slices between the two nearest painted ones", enabled=needs_gap,
    ),
)  # fmt: skip
