"""Exporting a figure of what is open: mask, image before, image, and their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7

from segpaint.core.pictures.compare import FULL, alike, difference_colors
from segpaint.core.requests.kinds import About, Kind, about, about_reference
from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio
from segpaint.studio.view.comparison import Other

if TYPE_CHECKING:
    from segpaint.core.pictures.film import Panel
    from segpaint.gui.making.figure_dialog import FigureDialog


def panels_of(studio: Studio) -> list[Panel]:
    """List what a figure can show, in its order; captions are what it is."""
    from segpaint.core.pictures.film import Panel

    document, looked, window = studio.document, studio.runs.looked_at, studio.view.windowing.window
    colors, before = document.table.colors(), studio.view.comparison.before
    mask = document.mask.snapshot() if looked is None else looked[0].final.mask
    if looked is None:
        panels = [Panel("Mask", colors[mask])]
        if document.reference is not None:
            pixels, model = document.reference.image, document.checkpoint.folder.name
            what = about_reference(model, pixels, document.reference.made_by)
            panels.append(Panel("Reference", window.applied(pixels), what))
        return panels
    request, frame = looked
    image = Panel(
        "Image" if before is None else "After", window.applied(frame.picture), about(request, frame.picture)
    )
    if before is None:
        return [Panel("Mask", colors[mask]), image]
    first, second = alike(frame.picture, before.pixels)
    return [
        Panel("Mask before", colors[before.mask]),
        Panel("Before", window.applied(before.pixels), about_other(studio, before)),
        Panel("Mask after", colors[mask]),
        image,
        Panel("Difference", difference_colors(first, second), full=FULL),
    ]


def about_other(studio: Studio, other: Other) -> About:
    """Find out what the image is that another one is compared with."""
    if other.request is not None:
        return about(other.request, other.pixels)
    reference, model = studio.document.reference, studio.document.checkpoint.folder.resolve().name
    if reference is not None and other.pixels is reference.image:
        return about_reference(model, other.pixels, reference.made_by)
    count = other.pixels.shape[0] * other.pixels.shape[1]
    if other.patient is None:
        return About(Kind.MADE, model, 0, count)
    return About(Kind.EDITED, model, None, count)


def export_figure(studio: Studio, shell: Shell) -> FigureDialog:
    """Open the dialog."""
    from segpaint.gui.making.figure_dialog import FigureDialog

    document = studio.document
    panels, spacing = panels_of(studio), document.pixel_spacing
    key = tuple((label.name, label.color) for label in document.table)
    return shell.open(lambda window: FigureDialog(studio, panels, key, spacing, window))


ROWS = (
    Command(
        key="figure", text="Export figure…", run=export_figure, menu="File", place=203,
        icon=MDI7.image_frame, hint="Mask, before, after, and difference, for a page or a slide",
    ),
)  # fmt: skip
