"""The actions of `segpaint checkpoint` that measure what a model's images have too much of, or lack."""

import argparse
from pathlib import Path

from segpaint.core.errors import SegPaintError

CHANGED = "{} makes other images than before, so its requests so far need the old folder."


def add_smooth(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `smooth` and its options."""
    summary = "measure the grain that a checkpoint's network leaves in its images, and take it out from now on"
    _add_action(actions, "smooth", summary).set_defaults(action=_smooth)


def add_noise(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `noise` and its options."""
    summary = "measure the noise of scans that a checkpoint's networks leave out, and add it from now on"
    _add_action(actions, "noise", summary).set_defaults(action=_add_noise)


def _add_action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    action.add_argument("checkpoint", metavar="CHECKPOINT", help="name or folder")
    action.add_argument(
        "--data", type=Path, required=True, help="folder with images/, masks/all/ and labels.json"
    )
    action.add_argument(
        "--images",
        type=int,
        default=16,
        metavar="N",
        help="images to make, before and again after (default 16)",
    )
    return action


def _smooth(arguments: argparse.Namespace) -> None:
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.core.terminal import Terminal
    from segpaint.evaluation.smoothing import smooth_checkpoint
    from segpaint.paths import find_checkpoint
    from segpaint.training.dataset import read_data_set
    from segpaint.training.progress_bar import ProgressBar

    _check(arguments)
    checkpoint = read_checkpoint(find_checkpoint(arguments.checkpoint))
    data, console = read_data_set(arguments.data), Terminal()
    with ProgressBar(console=console) as bar:
        task = bar.add_task("making images", total=2 * arguments.images)
        before, after = smooth_checkpoint(checkpoint, data, arguments.images, lambda: bar.advance(task))
        bar.update(task, completed=2 * arguments.images)
    if before == after:
        console.print(
            f"{checkpoint.folder} leaves no grain: power at the finest is {before:.2f} of real slices'."
        )
        return
    lines = [
        f"Power at the finest was {before:.2f} of real slices', and is {after:.2f} now.",
        CHANGED.format(checkpoint.folder),
    ]
    if checkpoint.description.scan_noise:
        lines.append("It adds no noise of scans any more: measure that anew with segpaint checkpoint noise.")
    console.print(" ".join(lines))


def _add_noise(arguments: argparse.Namespace) -> None:
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.core.terminal import Terminal
    from segpaint.evaluation.noising import add_scan_noise
    from segpaint.paths import find_checkpoint
    from segpaint.training.dataset import read_data_set
    from segpaint.training.progress_bar import ProgressBar

    _check(arguments)
    checkpoint = read_checkpoint(find_checkpoint(arguments.checkpoint))
    data, console = read_data_set(arguments.data), Terminal()
    with ProgressBar(console=console) as bar:
        task = bar.add_task("making images", total=None)
        found = add_scan_noise(checkpoint, data, arguments.images, lambda: bar.advance(task))
        bar.update(task, total=1, completed=1)
    for one in found:
        if one.before == one.after:
            console.print(f"{one.sampler}: no noise of scans is lacking, or none that could be measured.")
        else:
            console.print(
                f"{one.sampler}: power at the finest was {one.before:.2f} of real slices', and is "
                f"{one.after:.2f} now."
            )
    if read_checkpoint(checkpoint.folder).fingerprint != checkpoint.fingerprint:
        console.print(CHANGED.format(checkpoint.folder))


def _check(arguments: argparse.Namespace) -> None:
    if arguments.images < 1:
        raise SegPaintError(f"--images {arguments.images}: give 1 or more.")
