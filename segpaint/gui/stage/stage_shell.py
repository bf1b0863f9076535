"""The shell through which the stage opens its scenes."""

from collections.abc import Callable
from typing import Any, cast

from segpaint.core.errors import in_words
from segpaint.gui.commands.shell import Shell
from segpaint.gui.parts.message_bar import Until, never


class StageShell:
    """Passes everything on to the window's shell, and repeats on the stage what is wrong or asked.

    Parameters
    ----------
    show : callable
        Shows a sentence on the stage, behind which the window may lie.

    Attributes
    ----------
    has_shown : bool
        Whether there was anything to repeat.
    """

    def __init__(self, shell: Shell, show: Callable[[str], object]) -> None:
        self._shell, self._show = shell, show
        self.has_shown = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shell, name)

    @property
    def whole(self) -> Shell:
        """Itself, with all that it passes on."""
        return cast(Shell, self)

    def warn(self, problem: BaseException | str, until: Until = never) -> None:
        """Show an error, or a warning, in both places."""
        self._repeat(problem if isinstance(problem, str) else in_words(problem))
        self._shell.warn(problem, until)

    def ask(self, text: str, answer: str, action: Callable[[], object], **named: Any) -> None:
        """Show a sentence in both places; its offer is in the window alone."""
        self._repeat(text)
        self._shell.ask(text, answer, action, **named)

    def _repeat(self, sentence: str) -> None:
        self.has_shown = True
        self._show(sentence)
