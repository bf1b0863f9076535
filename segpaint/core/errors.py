"""The one exception that users see: a sentence on what was wrong and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from segpaint.core.words import counted

if TYPE_CHECKING:
    from pydantic import ValidationError


NO_MEMORY = "there is not enough memory; close other programs, or take something smaller"
REPORTS = ("out of memory", "can't allocate memory", "cannot allocate memory")
"""What torch and the operating system say then."""


class SegPaintError(Exception):
    """A problem that the user can mend.

    Commands print its text on stderr and exit with code 2; the window shows it in its message bar.
    """


def explained(error: Exception) -> Exception:
    """Turn a lack of memory, or a name too long for a file, into a sentence; other errors stay as they are."""
    words = str(error).casefold()
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        name = Path(str(error.filename)).name
        return _because(error, f"A name is too long for a file: {name[:40]}…; correct it where it is given.")
    is_reported = isinstance(error, RuntimeError | OSError) and any(report in words for report in REPORTS)
    if isinstance(error, SegPaintError) or not (is_reported or isinstance(error, MemoryError)):
        return error
    return _because(error, f"{NO_MEMORY[0].upper()}{NO_MEMORY[1:]}.")


def _because(error: Exception, words: str) -> SegPaintError:
    sentence = SegPaintError(words)
    sentence.__cause__ = error
    return sentence


def in_words(error: BaseException) -> str:
    """Return the sentence to show for an error, one of the program's own among them."""
    if isinstance(error, SegPaintError):
        return str(error)
    return f"Something unforeseen went wrong: {str(error) or type(error).__name__}."


@contextmanager
def explaining() -> Iterator[None]:
    """Raise a `SegPaintError` in place of what `explained` knows."""
    try:
        yield
    except Exception as error:
        if (sentence := explained(error)) is error:
            raise
        raise sentence from error


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
        rest = counted(len(problems) - 1, "more file is", "more files are")
        raise SegPaintError(f"{problems[0]} {rest} wrong, too.")
    if problems:
        raise SegPaintError(problems[0])
