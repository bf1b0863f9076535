"""The question what to do with an image or a mask of another size than the model's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from segpaint.gui.parts.message_bar import MessageBar
from segpaint.io.sizes import Fit, WrongSizeError


def ask_to_fit(messages: MessageBar, error: WrongSizeError, read: Callable[..., None]) -> None:
    """Say what is wrong, and offer what keeps the proportions before what does not.

    Parameters
    ----------
    messages : MessageBar
    error : WrongSizeError
    read : callable
        Reads the file again; it takes the `Fit` that was chosen by the name of `fit`.
    """
    stretch = partial(read, fit=Fit.STRETCH)
    if error.distortion:
        words = f"{error.problem} {error.distortion}"
        messages.ask(words, "Pad with background", partial(read, fit=Fit.PAD), other=("Stretch", stretch))
    else:
        messages.ask(error.problem, "Resample", stretch)
