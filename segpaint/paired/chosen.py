"""Keeps a set whose pairs are chosen by eye: those that were taken, and every decision."""

from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.folders import visible
from segpaint.io.history_files import read_pixels
from segpaint.paired.candidates import ADDED, Added, read_added
from segpaint.paired.choices import CHOICES, Choice, Decision, append_choice, read_choices
from segpaint.paired.deck import Deck
from segpaint.paired.manifest import ManifestRow
from segpaint.paired.plan import Pair, Place
from segpaint.paired.quotas import Quotas
from segpaint.paired.specification import Specification
from segpaint.paired.store import PairedSet


@dataclass(frozen=True)
class ChosenRow(ManifestRow):
    """A pair that was taken, a row of `manifest.csv`.

    Attributes
    ----------
    order : int
        Counts all decisions, those to leave a candidate, too.
    looked_at : float
        Seconds until it was taken.
    dice : float or None
        See `Choice`.
    chosen_by, chosen_at : str
        See `Choice`.
    """

    order: int
    looked_at: float
    dice: float | None
    chosen_by: str
    chosen_at: str


class ChosenSet(PairedSet):
    """A paired set that holds what was taken of its candidates, and the journal of all decisions.

    Its methods may be called on another thread, one at a time. See `PairedSet` for parameters and errors.

    Attributes
    ----------
    deck : Deck
        As it is when the set is opened.
    quotas : Quotas
        Of all candidates.
    """

    row_kind = ChosenRow
    deck: Deck
    quotas: Quotas

    def check_kind(self, folder: Path, specification: Specification) -> None:
        """Refuse a specification whose pairs are all made."""
        if specification.choosing is None:
            raise SegPaintError(f"The pairs of {folder} are all made, not chosen; choose another folder.")
        self._wanted = specification.choosing.wanted

    def take_up(self) -> None:
        """Read the journal, and the candidates that were added."""
        self.pairs: Sequence[Pair] = tuple(self.pairs)  # someone looks at each, so there are not that many
        planned = self.pairs
        for folder, checkpoint in self.models.items():
            for path in visible(self.folder / ADDED / folder, "*.json"):
                with suppress(SegPaintError):  # a damaged one costs no other
                    added = read_added(path)
                    self._append(Pair(path.stem, checkpoint, folder, added.split, added.request))
        journal = self.folder / CHOICES
        choices = read_choices(journal) if journal.exists() else []
        choices += self._note_strays({choice.place for choice in choices})
        self.deck = Deck((pair.place for pair in self.pairs), choices)
        self._chosen = self.deck.in_force()
        self._orders = {choice.place: number for number, choice in enumerate(choices, 1)}
        self._count = len(choices)
        self._remove(pair for pair in self.pairs if not self._is_taken(pair))
        self.quotas = Quotas(planned or self.pairs, self._wanted)  # of starred images, none was planned
        known = {pair.place for pair in planned}
        for pair in self.pairs:
            if pair.place not in known:
                self.quotas.add(pair)

    def _note_strays(self, known: Container[Place]) -> list[Choice]:
        """Note as taken what is there though the journal has no line on it, for someone has deleted lines."""
        strays = []
        for pair in self.pairs:
            if pair.place not in known and (self.folder / self.layout.image(pair)).exists():
                strays.append(Choice.now(pair.place, Decision.TAKEN))
                append_choice(self.folder / CHOICES, strays[-1])
        return strays

    def row(self, pair: Pair, sha256: str) -> ChosenRow:
        """Describe a pair that was taken, with the digest of its image."""
        choice, plain = self._chosen[pair.place], super().row(pair, sha256)
        return ChosenRow(
            **asdict(plain), order=self._orders[pair.place], looked_at=choice.seconds, dice=choice.dice,
            chosen_by=choice.by, chosen_at=choice.at,
        )  # fmt: skip

    @property
    def owed(self) -> tuple[Pair, ...]:
        """The pairs that were taken, and whose files are missing, for the program was killed then."""
        return tuple(pair for pair in self.missing if self._is_taken(pair))

    def image_of(self, pair: Pair) -> NDArray[np.uint8]:
        """Read the image of a pair that was taken, shape (height, width) or (height, width, 3).

        Raises
        ------
        SegPaintError
            If it is missing, or cannot be read.
        """
        return read_pixels(self.folder / self.layout.image(pair))

    def decide(self, pair: Pair, choice: Choice, pixels: NDArray[np.uint8] | None) -> None:
        """Keep a decision, and the pair if it was taken.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (height, width) or (height, width, 3), or None
            None for a candidate that could not be made, and so cannot be taken.

        Raises
        ------
        SegPaintError
            If a file cannot be written.
        """
        self._write_line(choice)
        self._chosen[pair.place] = choice
        if choice.decision is Decision.TAKEN and pixels is not None:
            self.write(pair, pixels)

    def undo(self, pair: Pair) -> None:
        """Keep that the last decision on a candidate was taken back; its files go.

        Raises
        ------
        SegPaintError
            If a file cannot be written.
        """
        self._write_line(Choice.now(pair.place, Decision.UNDONE))
        self._chosen.pop(pair.place, None)
        with self.guard:
            self.digests.pop(pair.place, None)
            self._remove([pair])

    def add(self, pair: Pair) -> None:
        """Add a candidate, which is kept in a file of its own.

        Raises
        ------
        SegPaintError
            If it cannot be written.
        """
        added = Added(split=pair.split, request=pair.request)
        path = self.folder / ADDED / pair.folder / f"{pair.name}.json"
        write_atomically(path, added.model_dump_json().encode())
        self._append(pair)

    def _write_line(self, choice: Choice) -> None:
        append_choice(self.folder / CHOICES, choice)
        self._count += 1
        self._orders[choice.place] = self._count

    def _append(self, pair: Pair) -> None:
        """Append it to the others of its model."""
        order = {folder: number for number, folder in enumerate(self.models)}
        self.pairs = tuple(sorted((*self.pairs, pair), key=lambda other: order[other.folder]))

    def _is_taken(self, pair: Pair) -> bool:
        choice = self._chosen.get(pair.place)
        return choice is not None and choice.decision is Decision.TAKEN

    def _remove(self, pairs: Iterable[Pair]) -> None:
        """Remove the files of pairs that are not taken."""
        for pair in pairs:
            for path in (self.layout.image(pair), self.layout.mask(pair)):
                with suppress(OSError):
                    (self.folder / path).unlink(missing_ok=True)
