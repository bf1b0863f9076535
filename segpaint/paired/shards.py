"""Parts of a paired set for machines that share the work: one of so many, given or found in the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from segpaint.core.errors import SegPaintError

AUTO = "auto"
MOST = 100_000
SMALLEST, LARGEST = 8, 64
"""Pairs of a chunk: whole batches of the engine, and no long wait for the last of them."""
MANY = 512
"""Pairs of a set for every 8 of a chunk, so that a small set has work for several makers, too."""


@dataclass(frozen=True)
class Shard:
    """One of several parts of a set.

    Attributes
    ----------
    number : int
        Counted from 1.
    count : int
    """

    number: int = 1
    count: int = 1

    @property
    def is_whole(self) -> bool:
        """Whether there is no other part."""
        return self.count == 1

    def share(self, whole: int) -> range:
        """Return which of so many things the part has; parts of equal size, as far as possible."""
        return range(whole * (self.number - 1) // self.count, whole * self.number // self.count)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def chunks(count: int, shard: Shard) -> list[range]:
    """Divide the positions of so many pairs into chunks, alike for every maker; return those of one part."""
    size = SMALLEST * min(max(count // MANY, 1), LARGEST // SMALLEST)
    starts = range(0, count, size)
    return [range(starts[place], min(starts[place] + size, count)) for place in shard.share(len(starts))]


def parse_shard(text: str, environment: Mapping[str, str]) -> Shard:
    """Read a part as in 3/16, or find it in the variables of Slurm or torchrun.

    Of Slurm, each task of each member of a job array is a part. Where torchrun starts the processes, its ranks
    take the place of the tasks.

    Parameters
    ----------
    text : str
        Such as 3/16, or "auto".
    environment : mapping of str to str
        Variables of the environment.

    Raises
    ------
    SegPaintError
        If it is not a part, or the environment names none.
    """
    if text != AUTO:
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if not found:
            raise SegPaintError(f"--shard {text}: give a part as 3/16, or auto.")
        return _checked(int(found[1]), int(found[2]), f"--shard {text}")
    parts = [_array(environment), _first(environment)]
    if not any(parts):
        raise SegPaintError(
            "--shard auto: neither a job of Slurm nor torchrun is found here (SLURM_ARRAY_TASK_ID, "
            "SLURM_PROCID, RANK); give the part itself, such as --shard 1/4."
        )
    number, count = 0, 1
    for part in parts:
        if part is not None:
            number, count = number * part.count + part.number - 1, count * part.count
    return _checked(number + 1, count, "--shard auto")


def _array(environment: Mapping[str, str]) -> Shard | None:
    """Find the member of a job array, whose numbers may begin anywhere and have gaps of one size."""
    task = _number(environment, "SLURM_ARRAY_TASK_ID")
    count = _number(environment, "SLURM_ARRAY_TASK_COUNT")
    if task is None or count is None:
        return None
    first = _number(environment, "SLURM_ARRAY_TASK_MIN")
    step = _number(environment, "SLURM_ARRAY_TASK_STEP") or 1
    place, rest = divmod(task - (first or 0), step)
    if rest or not 0 <= place < count:
        raise SegPaintError(
            f"--shard auto: member {task} of a job array of {count} has no place in it; let the array count up "
            f"from one number, such as --array=1-{count}."
        )
    return Shard(place + 1, count)


def _first(environment: Mapping[str, str]) -> Shard | None:
    for number, count in (("RANK", "WORLD_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS")):
        rank, ranks = _number(environment, number), _number(environment, count)
        if rank is not None and ranks is not None:
            return _checked(rank + 1, ranks, f"{number}={rank}")
    return None


def _number(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text):
        raise SegPaintError(f"--shard auto: {name} is {text!r}, which is no number; give the part itself.")
    return int(text)


def _checked(number: int, count: int, given: str) -> Shard:
    if not 1 <= number <= count <= MOST:
        raise SegPaintError(
            f"{given}: part {number} of {count} is none; count parts from 1 to at most {MOST:,}."
        )
    return Shard(number, count)
