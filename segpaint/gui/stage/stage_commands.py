"""The commands of the stage."""

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Toggle, switch
from segpaint.gui.stage.stage_window import KEYS

ROWS = (
    Toggle(
        key="stage", text="Stage", menu="View", place=703, keys=("F11",), icon=MDI7.presentation,
        run=lambda studio, _shell, on: studio.view.stage.set_on(on),
        hint="Fill a screen with the mask, and play the run over it; for demonstrations",
        is_on=lambda studio: studio.view.stage.is_on,
    ),
    switch(
        KEYS, text="Show keys on the stage", menu="View", place=704,
        hint="Each key that is pressed is named for the audience", remembered=True,
    ),
)  # fmt: skip
