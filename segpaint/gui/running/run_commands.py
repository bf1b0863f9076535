"""The commands of a run: generate, step, branch off, live painting, judging."""

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command, Toggle
from segpaint.gui.commands.shell import Shell
from segpaint.studio.studio import Studio


def _follow(studio: Studio, _shell: Shell, on: bool) -> None:
    studio.runs.follows_edits = on
    studio.changed.emit()


def _cannot_step(studio: Studio) -> str:
    trajectory = studio.runs.trajectory
    ended = trajectory.result is not None and not trajectory.is_looking_back
    return "The run is finished, and its last step is shown" if ended else ""


def _cannot_look_back(studio: Studio) -> str:
    return "" if studio.runs.trajectory.cursor > 0 else "There is no earlier step"


def _cannot_stop(studio: Studio) -> str:
    return "" if studio.runs.state.is_active or studio.runs.is_waiting else "No run is under way"


def _cannot_branch(studio: Studio) -> str:
    frame = studio.runs.trajectory.current
    if frame is None:
        return "There is no step to branch off from"
    return "Nothing follows the last step; go back to an earlier one first" if frame.is_last else ""


ROWS = (
    Command(
        key="generate", text="Generate", run=lambda studio, _shell: studio.runs.generate(), menu="Run",
        place=100, keys=("Ctrl+Return",), icon=MDI7.auto_fix,
        hint="Turn the mask into an image, or change the image made before where the mask was changed",
    ),
    Command(
        key="play", text="Play or pause", run=lambda studio, _shell: studio.runs.toggle_play(), menu="Run",
        place=102, keys=("Space",), icon=MDI7.play, hint="Play or pause; hold Space and drag to pan",
    ),
    Command(
        key="begin_paused", text="Generate step by step",
        run=lambda studio, _shell: studio.runs.begin_paused(), menu="Run", place=101,
        keys=("Ctrl+Shift+Return",), hint="Start a run and pause after its first step",
    ),
    Command(
        key="step", text="One step forward", run=lambda studio, _shell: studio.runs.step(), menu="Run",
        place=103, keys=(".",), icon=MDI7.step_forward,
        hint="Look at the next step; at the newest, take one more and pause", enabled=_cannot_step,
    ),
    Command(
        key="back", text="One step back", run=lambda studio, _shell: studio.runs.look_by(-1), menu="Run",
        place=104, keys=(",",), icon=MDI7.step_backward, hint="Look at the step before",
        enabled=_cannot_look_back,
    ),
    Command(
        key="stop", text="Stop", run=lambda studio, _shell: studio.runs.stop(), menu="Run", place=105,
        keys=("Escape",), icon=MDI7.stop, hint="Give up the run; what it has shown stays",
        enabled=_cannot_stop,
    ),
    Command(
        key="branch", text="Branch off here", run=lambda studio, _shell: studio.runs.branch_off(), menu="Run",
        place=200, keys=("Ctrl+B",), icon=MDI7.source_branch,
        hint="Go on from the step looked at under the mask as it is now, and keep what was there",
        enabled=_cannot_branch,
    ),
    Toggle(
        key="follow", text="Edits change the run under way", run=_follow, menu="Run", place=201,
        hint="An edit takes effect from the next step on; off, not before the next run",
        is_on=lambda studio: studio.runs.follows_edits, remembered=True, default=True,
    ),
    Toggle(
        key="live", text="Live painting", run=lambda studio, _shell, on: studio.live.set_on(on), menu="Run",
        place=300, keys=("Ctrl+L",), icon=MDI7.lightning_bolt_outline,
        hint="Each stroke makes a draft at once, with the same seed",
        is_on=lambda studio: studio.live.is_on,
    ),
    Toggle(
        key="everything", text="Let everything change",
        run=lambda studio, _shell, on: studio.runs.revising.let_everything_change(on), menu="Run", place=301,
        hint="Each image is made anew; off, what you paint on a made image changes it there, and nowhere else",
        is_on=lambda studio: studio.runs.revising.lets_everything_change, remembered=True,
    ),
    Toggle(
        key="judge", text="Judge each image", run=lambda studio, _shell, on: studio.judging.set_on(on),
        menu="Run", place=400,
        hint="Let the model's segmenter judge how well each finished image shows the mask",
        is_on=lambda studio: studio.judging.is_on, remembered=True, default=True,
    ),
    Toggle(
        key="judge_drafts", text="Judge drafts too",
        run=lambda studio, _shell, on: studio.judging.set_judges_drafts(on), menu="Run", place=401,
        hint="Also the images of live painting",
        is_on=lambda studio: studio.judging.judges_drafts, remembered=True,
    ),
    Command(
        key="dice", text="New seed", run=lambda studio, _shell: studio.document.draw_seed(), menu="Run",
        place=500, keys=("Shift+D",), icon=MDI7.dice_5_outline, hint="Draw another seed",
    ),
)  # fmt: skip
