"""Exporting animations: of a run, of a branch beside its parent, of a series."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7

from segpaint.core.labels.labels import LabelTable
from segpaint.core.runs.branches import Branch
from segpaint.gui.commands.command import Command
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio

if TYPE_CHECKING:
    from segpaint.core.pictures.film import Scene
    from segpaint.gui.making.animation_dialog import AnimationDialog
    from segpaint.gui.making.series_dialog import SeriesDialog

SERIES_SPEED = 2.0
"""Pictures per second: there are few, and each differs from the last."""


def export_run(studio: Studio, shell: Shell) -> AnimationDialog | None:
    """Open the dialog for an animation of the branch looked at."""
    from segpaint.gui.making.animation_dialog import AnimationDialog

    branch, table = studio.runs.branches.current, studio.document.table
    if branch is None or not branch.trajectory.frames:
        shell.warn(
            "There are no steps to animate yet; generate an image first.",
            until=lambda: bool(studio.runs.trajectory.frames),
        )
        return None
    sources = {f"The steps of branch {branch.name}": partial(_steps, branch, table)}
    if branch.parent is not None:
        name = f"Branches {branch.parent.name} and {branch.name}, step by step"
        sources[name] = partial(_branches, branch, table)
    return shell.open(lambda window: AnimationDialog(studio, sources, parent=window))


def export_series(studio: Studio, shell: Shell, dialog: SeriesDialog, scenes: list[Scene]) -> AnimationDialog:
    """Open the dialog for an animation of a series, on request of the series' own dialog."""
    from segpaint.gui.making.animation_dialog import AnimationDialog

    sources = {"The images in order, forth and back": partial(_as_they_are, scenes)}
    return shell.open(
        lambda _window: AnimationDialog(
            studio, sources, pictures_per_second=SERIES_SPEED, beside=False, parent=dialog
        )
    )


def _steps(branch: Branch, table: LabelTable, mask: bool, noisy: bool) -> list[Scene]:
    from segpaint.core.pictures.film import timeline

    return timeline(branch, table, mask=mask, noisy=noisy)


def _branches(branch: Branch, table: LabelTable, mask: bool, _noisy: bool) -> list[Scene]:
    from segpaint.core.pictures.film import branch_comparison

    return branch_comparison(branch, table, mask=mask)


def _as_they_are(scenes: list[Scene], _mask: bool, _noisy: bool) -> list[Scene]:
    return scenes


ROWS = (
    Command(
        key="animate", text="Export animation…", run=export_run, menu="File", place=203, keys=("Ctrl+E",),
        icon=MDI7.filmstrip, hint="The steps, or two branches, as GIF, WebP or MP4",
    ),
)  # fmt: skip
