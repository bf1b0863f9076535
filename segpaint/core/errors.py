"""The one exception that users see: a sentence saying what was wrong and what to do."""

from __future__ import annotations

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
    return f"{where}: {problem['msg'].replace('Input should', 'it should')}"
