"""The commands of the display: comparisons, window and level, outlines, zoom."""

from functools import partial

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command, Submenu, Toggle, switch
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio
from segpaint.studio.view.comparison import Against, Mode


def show_measures(studio: Studio, shell: Shell) -> None:
    """Open the window of measures, or bring it to the front."""
    from segpaint.gui.looking.measures_window import MeasuresWindow

    shell.front(MeasuresWindow, partial(MeasuresWindow, studio))


def compare(mode: Mode, studio: Studio, _shell: Shell, _on: bool) -> None:
    """Compare in this way, or end the comparison if it is already in use."""
    comparison = studio.view.comparison
    comparison.set_mode(Mode.OFF if comparison.mode is mode else mode)


def pin(studio: Studio, shell: Shell, on: bool) -> None:
    """Pin the image looked at, or remove the pinned one."""
    if not on:
        studio.view.comparison.unpin()
    elif not studio.view.comparison.pin():
        shell.say("There is no image to pin yet", 4000, until=lambda: studio.runs.looked_at is not None)


def outline_findings(studio: Studio, shell: Shell, on: bool) -> None:
    """Outline the segmenter's findings or not; if there are none, show why."""
    studio.view.switches.set("findings", on)
    if on:
        obstacle = studio.judging.obstacle
        shell.say(obstacle, until=lambda: studio.judging.obstacle != obstacle)


def _mode(mode: Mode, place: int, text: str, keys: tuple[str, ...], hint: str) -> Toggle:
    return Toggle(
        key=mode.value, text=text, run=partial(compare, mode), choice="comparison", menu="View", place=place,
        keys=keys, hint=hint, is_on=lambda studio: studio.view.comparison.mode is mode,
        default=mode is Mode.OFF,
    )  # fmt: skip


def _against(against: Against, place: int, text: str, hint: str) -> Toggle:
    return Toggle(
        key=against.value, text=text, choice="against", menu="View/Compare with", place=place, hint=hint,
        run=lambda studio, _shell, _on: studio.view.comparison.compare_with(against),
        is_on=lambda studio: studio.view.comparison.against is against,
        default=against is Against.AUTOMATIC,
    )  # fmt: skip


ROWS = (
    Command(
        key="fit", text="Fit to window", run=lambda studio, _shell: studio.view.viewpoint.fit(),
        menu="View", place=100, keys=("Ctrl+0",), icon=MDI7.fit_to_screen_outline,
    ),
    Command(
        key="zoom_in", text="Zoom in", run=lambda studio, _shell: studio.view.viewpoint.zoom_in(),
        menu="View", place=101, keys=("Ctrl++", "Ctrl+="), icon=MDI7.magnify_plus_outline,
    ),
    Command(
        key="zoom_out", text="Zoom out", run=lambda studio, _shell: studio.view.viewpoint.zoom_out(),
        menu="View", place=102, keys=("Ctrl+-",), icon=MDI7.magnify_minus_outline,
    ),
    switch(
        "outlines", text="Outline the mask on the image", menu="View", place=300, keys=("O",),
        icon=MDI7.vector_polygon, hint="Draw the borders of the shown labels over the image",
        remembered=True,
    ),
    switch(
        "findings", text="Outline what the segmenter finds", run=outline_findings, menu="View", place=301,
        keys=("Shift+O",), icon=MDI7.vector_difference,
        hint="Dashed: the labels that the segmenter finds in the image, a model's opinion. "
        "Dotted: where that and the mask disagree",
        remembered=True,
    ),
    switch(
        "doubt", text="Outline what speaks against the edit", menu="View", place=304,
        hint="In an edited image, dashed: where the segmenter does not find what was asked for. Solid: where "
        "it finds damage. A click on the verdict does the same",
    ),
    switch(
        "noisy", text="Show the noisy sample", menu="View", place=302, keys=("N",), icon=MDI7.blur,
        hint="Show the sample itself instead of the network's estimate of the finished image",
        remembered=True,
    ),
    switch(
        "smooth", text="Smooth image", menu="View", place=303, hint="Draw enlarged pixels smoothly",
        remembered=True, default=True,
    ),
    switch(
        "histogram", text="Window and level", menu="View", place=400, icon=MDI7.contrast_box,
        hint="The intensities of the reference, or of the image, and which of them are spread from black to "
        "white",
        remembered=True,
    ),
    Command(
        key="sizes", text="Sizes of labels…", menu="View", place=305, icon=MDI7.ruler,
        run=show_measures,
        hint="Area, diameters, and the thickness of walls, in the mask, the reference, and the image",
    ),
    Command(
        key="window_reset", text="Reset window and level",
        run=lambda studio, _shell: studio.view.windowing.reset(),
        menu="View", place=401, icon=MDI7.backup_restore,
        hint="Show intensities as they are; also a double click on the image with the right button",
        enabled=lambda studio: (
            "Intensities are shown as they are" if studio.view.windowing.window.is_whole else ""
        ),
    ),
    Toggle(
        key="pin", text="Pin this image to compare", run=pin, menu="View", place=500, keys=("Ctrl+P",),
        icon=MDI7.pin_outline, hint="Compare later images with the one pinned, until it is unpinned",
        is_on=lambda studio: studio.view.comparison.is_pinned,
    ),
    Submenu(path="View/Compare with", place=501),
    _against(
        Against.AUTOMATIC, 100, "What there is",
        "Compare with the pinned image, else the parent branch, else the reference; a reference with its mask",
    ),
    _against(Against.PINNED, 101, "The pinned image", "Compare with the pinned image alone"),
    _against(Against.PARENT, 102, "The parent branch", "Compare with what was branched off from"),
    _against(Against.REFERENCE, 103, "The reference", "Compare with the real image"),
    _against(
        Against.MASK, 104, "The mask",
        "Compare with the mask as it is painted, over the reference if there is one",
    ),
    _mode(Mode.OFF, 502, "Compare nothing", (), "Show the image alone"),
    _mode(
        Mode.SIDE, 503, "Compare side by side", ("Shift+S",), "Beside the image: what it is compared with"
    ),
    _mode(
        Mode.SWIPE, 504, "Compare by swiping", ("V",), "Right of the pointer: what the image is compared with"
    ),
    _mode(Mode.BLINK, 505, "Compare by blinking", ("Shift+V",), "Show the two in turn"),
    _mode(Mode.DIFFERENCE, 506, "Show the difference", ("Ctrl+D",), "Blue darker, orange brighter"),
    _mode(
        Mode.OUTSIDE, 507, "Show the difference outside the edit", ("Ctrl+Shift+D",),
        "Only where the masks agree",
    ),
)  # fmt: skip
