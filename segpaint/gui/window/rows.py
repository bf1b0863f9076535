"""All rooms' commands in one table, in the order in which keys are given to them."""

from segpaint.gui.anatomy import anatomy_commands
from segpaint.gui.commands import key_commands, palette
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.files import file_commands
from segpaint.gui.history import history_commands
from segpaint.gui.labels import label_commands
from segpaint.gui.looking import view_commands
from segpaint.gui.making import (
    animation_commands,
    deck_commands,
    explore_commands,
    figure_commands,
    made_up_commands,
    match_commands,
    paired_commands,
    sweep_commands,
)
from segpaint.gui.models import model_commands
from segpaint.gui.running import run_commands
from segpaint.gui.scans import export_commands, mask_commands, scan_commands
from segpaint.gui.stage import stage_commands
from segpaint.gui.tools import tool_commands
from segpaint.gui.window import window_commands

for room in (
    file_commands, history_commands, animation_commands, figure_commands, match_commands, key_commands,
    tool_commands, label_commands, anatomy_commands, scan_commands, mask_commands, export_commands,
    view_commands,
    run_commands, explore_commands, made_up_commands, paired_commands, deck_commands, sweep_commands,
    model_commands, palette, window_commands, stage_commands,
):  # fmt: skip
    COMMANDS.add(*room.ROWS)
