"""The journal of a set whose pairs are chosen by eye: one line for each decision."""

import getpass
import os
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import parse_model, read_text, reads
from segpaint.paired.plan import Place

CHOICES = Path("choices.jsonl")


class Decision(StrEnum):
    """What was decided on a candidate. A line with `UNDONE` takes the last decision on it back."""

    TAKEN = "taken"
    LEFT = "left"
    LATER = "later"
    UNDONE = "undone"


class Choice(BaseModel, frozen=True, extra="forbid"):
    """One line of the journal.

    Attributes
    ----------
    name, folder : str
        The pair, see `segpaint.paired.plan.Pair`.
    decision : Decision
    seconds : float
        How long the candidate was looked at.
    dice : float or None
        Mean Dice of its labels, as the model's segmenter finds them; None if it was not judged.
    by : str
        The user's name on this machine; empty if it has none.
    at : str
        Date and time, ISO 8601, in UTC.
    """

    name: str
    folder: str = ""
    decision: Decision
    seconds: float = Field(ge=0)
    dice: float | None = Field(default=None, ge=0, le=1)
    by: str = ""
    at: str

    @property
    def place(self) -> Place:
        """The key of the pair."""
        return self.folder, self.name

    @classmethod
    def now(cls, place: Place, decision: Decision, seconds: float = 0.0, dice: float | None = None) -> "Choice":
        """Record a decision that the user makes now."""
        by = ""
        with suppress(OSError, KeyError, ImportError):  # such as in a container
            by = getpass.getuser()
        at = datetime.now(UTC).isoformat(timespec="seconds")
        folder, name = place
        return cls(
            name=name, folder=folder, decision=decision, seconds=round(seconds, 2), dice=dice, by=by, at=at
        )


def append_choice(path: Path, choice: Choice) -> None:
    """Append a line, and wait until it is on the disk.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    try:
        with path.open("ab+") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
            is_torn = file.read(1) not in (b"", b"\n")  # the program was killed while it wrote the last one
            file.write(b"\n" * is_torn + choice.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SegPaintError(f"{path} cannot be written: {error.strerror or error}.") from error


@reads("the journal of choices", "choose another folder")
def read_choices(path: Path) -> list[Choice]:
    """Read all lines in their order; a torn one, of a program that was killed, is passed over.

    Raises
    ------
    SegPaintError
        If the file cannot be read.
    """
    choices = []
    for line in read_text(path).splitlines():
        with suppress(ValidationError, ValueError):
            choices.append(parse_model(line, Choice))
    return choices
