"""Shows a sentence while work goes on in the background, and takes it away however that ends."""

from collections.abc import Callable
from typing import TypeVar

from segpaint.gui.commands.shell import Shell
from segpaint.studio.base.background import Background

Made = TypeVar("Made")
LONG = 24 * 60 * 60 * 1000
"""Milliseconds for which the status line shows it at most."""


def at_work(
    background: Background,
    shell: Shell,
    sentence: str,
    work: Callable[[], Made],
    then: Callable[[Made], object],
    lane: str = "files",
) -> None:
    """Start work, and show what it is until it is done, or has failed; then the failure is shown.

    Parameters
    ----------
    work, then, lane
        See `segpaint.studio.base.background.Background.start`.
    """

    def done(made: Made) -> None:
        shell.unsay(sentence)
        then(made)

    def failed(error: Exception) -> None:
        shell.unsay(sentence)
        shell.warn(error)

    shell.say(sentence, LONG)
    background.start(work, done, failed, lane=lane)
