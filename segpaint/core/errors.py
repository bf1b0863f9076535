"""The one exception that users see: a sentence on what was wrong and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


NO_MEMORY = "there is not enough memory; close other programs, or take something smaller"


class SegPaintError(Exception):
    """A problem that the user can mend.

    Commands print its text on stderr and exit with code 2; the window shows it in its message bar.
    """


def first_problem(error: ValidationError, whole: str = "the file") -> str:
    """Write the first error of pydantic as a clause that names the field, or `whole`."""
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"]) or whole
    message = problem["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    return f"{where}: {message}"


def raise_first(problems: Sequence[str]) -> None:
    """Raise the first of some problems, each with one file, and count the others.

    Raises
    ------
    SegPaintError
        If there is a problem.
    """
    if len(problems) > 1:
        rest = f"{len(problems) - 1} more files are" if len(problems) > 2 else "One more file is"
        raise SegPaintError(f"{problems[0]} {rest} wrong, too.")
    if problems:
        raise SegPaintError(problems[0])
