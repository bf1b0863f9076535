"""Asks how to adapt an image or a mask of another size than the model's."""

from collections.abc import Callable
from functools import partial

from segpaint.gui.commands.shell import Shell
from segpaint.io.sizes import Fit, WrongSizeError


def ask_to_fit(shell: Shell, error: WrongSizeError, read: Callable[..., None]) -> None:
    """Show the error, and offer first to keep the proportions.

    Parameters
    ----------
    read : callable
        Reads the file again; takes the chosen `Fit` as `fit`.
    """
    stretch = partial(read, fit=Fit.STRETCH)
    if error.distortion:
        words = f"{error.problem} {error.distortion}"
        shell.ask(words, "Pad with background", partial(read, fit=Fit.PAD), other=("Stretch", stretch))
    else:
        shell.ask(error.problem, "Resample", stretch)
