"""The commands of the stage."""

from functools import partial

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command, Toggle, switch
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio
from segpaint.studio.view.stage import KEYS


def show_scenes(studio: Studio, shell: Shell) -> None:
    """Open the list of scenes, or bring it to the front."""
    from segpaint.gui.stage.scenes_window import ScenesWindow

    shell.front(ScenesWindow, partial(ScenesWindow, studio, shell))


ROWS = (
    Toggle(
        key="stage", text="Stage", menu="View", place=703, keys=("F11",), icon=MDI7.presentation,
        run=lambda studio, _shell, on: studio.view.stage.set_on(on),
        hint="Fill a screen with the mask, and play the run over it; for demonstrations",
        is_on=lambda studio: studio.view.stage.is_on,
    ),
    Command(
        key="scenes", text="Scenes…", menu="View", place=705, icon=MDI7.playlist_play,
        run=show_scenes,
        hint="Results and masks for the stage, in order and with captions, in a list that can be saved",
    ),
    switch(
        KEYS, text="Show keys on the stage", menu="View", place=704,
        hint="Each key that is pressed is named for the audience", remembered=True,
    ),
)  # fmt: skip
