"""Keeps the pairs of sweeps in a folder of matched pairs: finished ones, and those still to be made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png, recover, write_together
from segpaint.core.folders import visible
from segpaint.core.masks.amounts import Change
from segpaint.core.masks.doses import DosedGesture
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.kinds import about
from segpaint.core.requests.verdict import Outcome
from segpaint.core.words import counted
from segpaint.io.results import read_request
from segpaint.paired.matched import REQUESTS, MatchedPair, MatchedRow, Side
from segpaint.paired.matched_set import MatchedSet, check_folder
from segpaint.paired.sweep import SWEEPS, Sweep, SweptPair, plan_sweep, read_before, read_sweep
from segpaint.paths import find_offered


class SweptSet:
    """The sweeps of a folder, whose pairs are checked on opening. The folder stays locked until `close`.

    Parameters
    ----------
    folder : Path
        Empty, missing, or with matched pairs in the same labels.
    sweep : Sweep or None
        One to begin, or to go on with; None goes on with all that are in the folder.
    checkpoints : sequence of Path
        Checkpoint folders that may be used besides those with names.

    Attributes
    ----------
    pairs : tuple of SweptPair
        All pairs of the sweep, or of all sweeps.
    notes : tuple of str
        Sentences about them; once they are summed up, on the amounts that could not be judged.

    Raises
    ------
    SegPaintError
        If the folder holds other files or labels, is locked, or cannot be written. If a sweep cannot be made.
    """

    judges = True

    def __init__(self, folder: Path, sweep: Sweep | None, checkpoints: Sequence[Path] = ()) -> None:
        self.folder = folder
        self.pairs: tuple[SweptPair, ...] = ()
        self.notes: tuple[str, ...] = ()
        recover(folder / SWEEPS, own=True)
        chosen = {} if sweep is None else {"": sweep}
        if sweep is not None:
            check_folder(folder)
            plan_sweep(sweep, _checkpoint(sweep, checkpoints), sweep.base)  # fails before anything is written
        else:
            chosen = read_sweeps(folder)
        if not chosen:
            raise SegPaintError(f"{folder} holds no sweep to go on with; choose another folder.")
        models = {name: _checkpoint(one, checkpoints) for name, one in chosen.items()}
        self._matched = MatchedSet(folder, next(iter(models.values())))
        try:
            if sweep is not None:
                name = self._keep(sweep)
                chosen, models = {name: sweep}, {name: models[""]}
            for name, one in chosen.items():
                self.pairs = (*self.pairs, *plan_sweep(one, models[name], name))
            for pair in self.pairs:
                self._check(pair)
        except BaseException:
            self._matched.close()
            raise

    @property
    def missing(self) -> tuple[SweptPair, ...]:
        """The pairs not yet made."""
        return tuple(pair for pair in self.pairs if pair.name not in self._matched.rows)

    def write(self, pair: SweptPair, pixels: NDArray[np.uint8], judgement: Judgement | None = None) -> None:
        """Write a finished pair, and its row of the manifest.

        Raises
        ------
        SegPaintError
            If a file cannot be written.
        """
        sweep, request, table = pair.sweep, pair.request, pair.checkpoint.table
        gesture = DosedGesture(sweep.gesture, 0, sweep.way)
        after = Side(pixels, request.mask, request.used, about(request, pixels), request)
        change = Change(gesture.words, sweep.label, pair.amount, sweep.unit)
        matched = MatchedPair(sweep.before(), after, table, change, judgement)
        self._matched.add(matched, pair.name, replaces=True)

    def sum_up(self) -> None:
        """Note which amounts could not be judged; the manifest is written with each pair."""
        self.notes = tuple(about_unjudged(self.pairs, self._matched.rows))

    def close(self) -> None:
        """Unlock the folder."""
        self._matched.close()

    def _keep(self, sweep: Sweep) -> str:
        """Write the sweep, unless it is there; the name by which it goes."""
        content = sweep.withheld().model_dump_json(indent=1).encode() + b"\n"
        there = read_sweeps(self.folder, filled=False)
        for name, other in there.items():
            if other.model_dump_json(indent=1).encode() + b"\n" == content:
                return name
        name, number = sweep.base, 2
        while self._is_taken(name):
            name, number = f"{sweep.base}-{number}", number + 1
        files = {self.folder / SWEEPS / f"{name}.json": content}
        if sweep.begins_with_patient:
            files[self.folder / SWEEPS / f"{name}.png"] = encode_png(Image.fromarray(sweep.origin.image))
        write_together(files, private=sweep.begins_with_patient)
        return name

    def _is_taken(self, name: str) -> bool:
        return any((self.folder / SWEEPS / f"{name}{ending}").exists() for ending in (".json", ".png"))

    def _check(self, pair: SweptPair) -> None:
        """Refuse a pair of the same name that was made otherwise."""
        if pair.name not in self._matched.rows:
            return
        path = self.folder / REQUESTS / f"{pair.name}.json"
        if read_request(path).model_dump_json() != pair.request.withheld().model_dump_json():
            raise SegPaintError(f"{path} was made otherwise than the sweep asks for; choose another folder.")


def about_unjudged(pairs: Iterable[SweptPair], rows: Mapping[str, MatchedRow]) -> Iterator[str]:
    """Name the amounts that the segmenter could not judge, in a sentence for each label."""
    unjudged: dict[tuple[str, str], list[float]] = {}
    for pair in pairs:
        row = rows.get(pair.name)
        if row is not None and row.verdict == Outcome.UNKNOWN.value:
            key = pair.sweep.label, pair.sweep.unit
            unjudged.setdefault(key, []).append(pair.amount)
    for (label, unit), amounts in unjudged.items():
        words = ", ".join(f"{amount:+g} {unit}" for amount in amounts)
        counts = counted(len(amounts), "amount", "amounts")
        yield f"{counts} of {label} could not be judged by the segmenter: {words}."


def read_sweeps(folder: Path, *, filled: bool = True) -> dict[str, Sweep]:
    """Read the sweeps of a folder, by their names.

    Parameters
    ----------
    filled : bool
        Whether the references are read, too.

    Raises
    ------
    SegPaintError
        If one cannot be read.
    """
    sweeps = {}
    for path in visible(folder / SWEEPS, "*.json"):
        sweep = read_sweep(path)
        if filled and sweep.begins_with_patient:
            sweep = sweep.with_reference(read_before(path.with_suffix(".png")))
        sweeps[path.stem] = sweep
    return sweeps


def count_missing(folder: Path) -> int:
    """Count what is missing of the sweeps in a folder, as far as the names of its files show.

    Raises
    ------
    SegPaintError
        If a sweep cannot be read.
    """
    return sum(
        not (folder / REQUESTS / f"{name}_{amount:+g}.json").is_file()
        for name, sweep in read_sweeps(folder, filled=False).items()
        for amount in sweep.amounts
    )


def _checkpoint(sweep: Sweep, given: Sequence[Path]) -> Checkpoint:
    return read_checkpoint(find_offered(sweep.checkpoint, given))
