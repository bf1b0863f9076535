"""The action `segpaint checkpoint compile`."""

import argparse


def add_compile(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `compile` and its options."""
    summary = "compile a checkpoint's networks for this computer's processor, which then runs them faster"
    action = actions.add_parser("compile", help=summary, description=summary[0].upper() + summary[1:] + ".")
    action.add_argument("checkpoint", metavar="CHECKPOINT", help="name or folder")
    action.set_defaults(action=_compile)


def _compile(arguments: argparse.Namespace) -> None:
    from segpaint.core.diffusion.compiling import compile_checkpoint
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.core.terminal import Terminal
    from segpaint.paths import find_checkpoint
    from segpaint.training.progress_bar import ProgressBar

    checkpoint, console = read_checkpoint(find_checkpoint(arguments.checkpoint)), Terminal()
    with ProgressBar(console=console) as bar:
        task = bar.add_task("compiling", total=1.0)
        for done in compile_checkpoint(checkpoint):
            bar.update(task, completed=done)
    console.print(f"{checkpoint.folder} is compiled for this computer; OpenVINO makes its images from now on.")
