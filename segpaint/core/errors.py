"""The one exception that users see: a sentence saying what was wrong and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class SegPaintError(Exception):
    """A problem that the user can mend; its text is shown as it is.

    Commands print it on stderr and exit with code 2; the window shows it in its message bar.
    """


def first_problem(error: ValidationError) -> str:
    """Say in a clause what pydantic found wrong first, and where."""
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"]) or "the file"
    message = problem["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    return f"{where}: {message}"


def raise_first(problems: Sequence[str]) -> None:
    """Tell the first of some problems, each with one file, and how many there are beside it.

    Raises
    ------
    SegPaintError
        If there is any.
    """
    if len(problems) > 1:
        rest = f"{len(problems) - 1} more files are" if len(problems) > 2 else "One more file is"
        raise SegPaintError(f"{problems[0]} {rest} wrong, too.")
    if problems:
        raise SegPaintError(problems[0])
