"""`segpaint train`: runs a `Trainer` until it is stopped, and saves and shows progress."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, TaskID, TextColumn
from rich.table import Column

from segpaint.core.interrupts import stop_on_interrupt
from segpaint.core.terminal import Terminal
from segpaint.training.export import export
from segpaint.training.progress_bar import ProgressBar
from segpaint.training.sample_pictures import draw_losses, draw_samples
from segpaint.training.step_log import StepLog
from segpaint.training.trainer import Trainer


def run_training(
    trainer: Trainer,
    out: Path,
    *,
    max_minutes: float | None = None,
    max_steps: int | None = None,
    save_minutes: float = 3.0,
    picture_minutes: float = 20.0,
    tensorboard: bool = False,
    write: Callable[[Trainer, Path], None] = export,
    draw: Callable[[Trainer, Path], None] = draw_samples,
) -> None:
    """Train, and leave a complete checkpoint in `out` after every saving.

    Parameters
    ----------
    trainer : Trainer
        Fresh or resumed.
    out : Path
        The checkpoint folder; the state of the run goes into its ``training`` folder.
    max_minutes : float, optional
        Limit of this call.
    max_steps : int, optional
        Limit over all resumptions.
    save_minutes, picture_minutes : float
        Time between savings of the state, and between drawings of sample grids.
    tensorboard : bool
        Whether to log for TensorBoard, too; see `segpaint.training.step_log`.
    write, draw : callable
        Write what was trained into `out`, and a picture of what it makes.
    """
    begun = saved = pictured = time.monotonic()
    stretch: list[float] = []
    first_step = trainer.progress.step
    console = Terminal()
    is_main = trainer.accelerator.is_main_process
    log = StepLog(out, first_step, board=tensorboard) if is_main else nullcontext()
    with stop_on_interrupt() as asked, log as steps, _progress_bar(console, disable=not is_main) as bar:
        task = bar.add_task("", total=None, loss="", speed="", left="")
        done = False
        while not done:
            now = time.monotonic()
            elapsed = now - begun
            done = trainer.as_main_says(asked() or _over(trainer, elapsed, max_minutes, max_steps))
            if done:
                bar.update(task, left="saving…")
            if is_main and stretch and (done or now - saved > 60 * save_minutes):
                _note_losses(trainer, stretch)
                trainer.save(out)
                write(trainer, out)
                draw_losses(trainer.progress.losses, out / "loss.png")
                if done or now - pictured > 60 * picture_minutes or not (out / "samples.png").exists():
                    draw(trainer, out / "samples.png")
                    pictured = time.monotonic()
                saved = time.monotonic()
            if not done:
                stretch.append(trainer.train_step())
                if steps is not None:
                    progress = trainer.progress
                    rate = trainer.settings.learning_rate_at(progress.step - 1)
                    steps.add(progress.step, stretch[-1], rate, progress.seconds)
                elapsed = time.monotonic() - begun
                _show(bar, task, trainer, stretch, first_step, elapsed, max_minutes, max_steps)
    if is_main:
        console.print(f"Steps done: {trainer.progress.step}. What was trained is in {out}.")
        if (out / "evaluation").is_dir():
            console.print(f"The figures in {out / 'evaluation'} are of earlier weights; evaluate it again.")


def _over(trainer: Trainer, elapsed: float, max_minutes: float | None, max_steps: int | None) -> bool:
    return (max_minutes is not None and elapsed >= 60 * max_minutes) or (
        max_steps is not None and trainer.progress.step >= max_steps
    )


def _note_losses(trainer: Trainer, stretch: list[float]) -> None:
    mean = sum(stretch) / len(stretch)
    trainer.progress.losses.append((trainer.progress.step, mean, trainer.validation_loss()))
    stretch.clear()


def _progress_bar(console: Console, *, disable: bool) -> ProgressBar:
    columns: list[ProgressColumn | str] = [
        SpinnerColumn(), TextColumn("step {task.completed:,}"), BarColumn(),
        TextColumn("loss {task.fields[loss]}"), TextColumn("{task.fields[speed]}"),
        TextColumn("{task.fields[left]}", table_column=Column()),
    ]  # fmt: skip
    return ProgressBar(*columns, console=console, refresh_per_second=2, disable=disable)


def _show(
    bar: ProgressBar, task: TaskID, trainer: Trainer, stretch: list[float], first_step: int,
    elapsed: float, max_minutes: float | None, max_steps: int | None,
) -> None:  # fmt: skip
    recent = stretch[-50:]
    progress = trainer.progress
    # Only this call counts: an earlier one may have run on another machine.
    done = progress.step - first_step
    per_step = elapsed / max(1, done)
    left: list[float] = []
    if max_minutes is not None:
        left.append(60 * max_minutes - elapsed)
    if max_steps is not None:
        left.append((max_steps - progress.step) * per_step)
    remaining = max(0.0, min(left)) if left else None
    images = trainer.settings.batch_size * trainer.accelerator.num_processes
    bar.update(
        task,
        completed=progress.step,
        total=progress.step + remaining / max(per_step, 1e-9) if remaining is not None else None,
        loss=f"{sum(recent) / len(recent):.4f}",
        speed=f"{images / max(per_step, 1e-9):.1f} images/s",
        left=f"{remaining / 60:.0f} min left" if remaining is not None else "until stopped (Ctrl+C)",
    )
