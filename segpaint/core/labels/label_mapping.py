"""Guesses which of a checkpoint's labels the values of another program's mask mean.

A value is matched by name, colour or index if it fits exactly one label. If nothing matches, and there are as
many values as labels, they are paired; such guesses are marked as unsure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable

Rgb: TypeAlias = tuple[int, int, int]
"""Red, green and blue, each 0 to 255."""
FARTHEST = 10.0
"""The largest distance in CIELAB of two colours that mean the same."""
ALIKE = 50.0
"""The largest CIEDE2000 distance of paired colours; half that of black and white."""
SIDES = {"l": "left", "lt": "left", "r": "right", "rt": "right"}
SYNONYMS = {
    frozenset(said.split()): frozenset(meant.split())
    for said, meant in {
        # Names in published sets of cine MRI, such as ACDC and M&Ms.
        "lv": "lv cavity",
        "lv blood pool": "lv cavity",
        "rv": "rv cavity",
        "rv blood pool": "rv cavity",
        "myo": "lv myocardium",
        "lv myo": "lv myocardium",
        "myocardium": "lv myocardium",
        "cord": "spinal cord",
        "brain stem": "brainstem",
        "oesophagus": "esophagus",
        "bg": "background",
        "clear label": "background",
        "free region": "free",
    }.items()
}
"""Sets of words with the same meaning, whatever the table is."""
NUMBERED = re.compile(r"(label|segment|class|region|value)?[\s_-]*\d*", re.IGNORECASE)
"""Default names of programs, which add nothing to the index."""
PLURAL = re.compile(r"(?<=..[^usi])s$")
"""The plural ending."""


class Reason(Enum):
    """Why a value is taken to mean a label."""

    NAME = "by name"
    COLOR = "by colour"
    INDEX = "by index"
    REMEMBERED = "as last time"
    PART = "guess: name"
    LIKENESS = "guess: colour"
    ORDER = "guess: order"

    @property
    def is_unsure(self) -> bool:
        """Whether the user should check the guess."""
        return self in (Reason.PART, Reason.LIKENESS, Reason.ORDER)


@dataclass(frozen=True)
class SourceValue:
    """A value in a file.

    Attributes
    ----------
    index : int or None
        None where the file holds colours.
    pixels : int
        Number of pixels with the value.
    color : tuple of int or None
        Red, green and blue, 0 to 255; None where unknown.
    name : str
        Empty where unknown.
    """

    index: int | None
    pixels: int
    color: Rgb | None = None
    name: str = ""

    @property
    def text(self) -> str:
        """An identifying text: number, colour and name, as far as known."""
        color = "" if self.color is None else "#" + bytes(self.color).hex()
        number = "" if self.index is None else str(self.index)
        return " ".join(part for part in (number, color, self.name) if part)


@dataclass(frozen=True)
class Guess:
    """The label that a value may mean.

    Attributes
    ----------
    target : int or None
        A label index, 0 for background, 255 for free; None if unknown.
    reason : Reason or None
        None if and only if there is no target.
    """

    target: int | None = None
    reason: Reason | None = None

    @property
    def is_unsure(self) -> bool:
        """See `Reason.is_unsure`."""
        return self.reason is not None and self.reason.is_unsure


def guess_targets(sources: Sequence[SourceValue], table: LabelTable) -> tuple[Guess, ...]:
    """Guess the meaning of each value by name, else by colour, else by index, else by pairing.

    - Names match in any case, punctuation, word order, number and abbreviation of left and right.
    - A colour matches the nearest label, unless another label is at most twice as far or another value is
      nearer (CIELAB, CIE 1976, at most `FARTHEST`). Black, and the grey of free regions, must be exact.
    - An index matches if the file has no names, and no colour contradicts the indices. 0 and 255 match beside
      names too, since tables do not name them.
    - A name with more or fewer words than exactly one label's is an unsure match.
    - Pairing is unsure. It needs as many values as labels, 0 aside, and no informative names. 8-bit grey levels
      are paired in order with all labels, unless that contradicts a match; 255 may then be a label. Remaining
      colours are paired with remaining labels for the smallest sum of distances, each at most `ALIKE`
      (CIEDE2000; Sharma et al., 2005).

    Returns
    -------
    tuple of Guess
        One for each value, independent of their order.
    """
    guesses = [Guess()] * len(sources)
    for reason, find in ((Reason.NAME, _by_name), (Reason.COLOR, _by_color)):
        taken = {guess.target for guess in guesses} & set(table.indices)
        for place, target in find(sources, table):
            if guesses[place].target is None and target not in taken:
                guesses[place] = Guess(target, reason)
    trusted = _trusted(sources, guesses, table)
    for place, source in enumerate(sources):
        if guesses[place].target is None and source.index in trusted:
            guesses[place] = Guess(source.index, Reason.INDEX)
    for place, target in _by_part(sources, guesses, table):
        guesses[place] = Guess(target, Reason.PART)
    if not has_names(sources):
        for reason, pair in ((Reason.ORDER, _in_order), (Reason.LIKENESS, _by_likeness)):
            for place, target in pair(sources, guesses, table):
                guesses[place] = Guess(target, reason)
    return tuple(guesses)


def means_itself(sources: Sequence[SourceValue], guesses: Sequence[Guess]) -> bool:
    """Check whether every value surely means its own index, so that the user need not be asked."""
    pairs = zip(sources, guesses, strict=True)
    return all(source.index == guess.target and not guess.is_unsure for source, guess in pairs)


def with_names(sources: Sequence[SourceValue], names: Mapping[int | Rgb, str]) -> tuple[SourceValue, ...]:
    """Add names to values.

    Parameters
    ----------
    names : mapping of int or tuple of int to str
        Names by index, or by colour for values without an index.
    """
    keys = [source.color if source.index is None else source.index for source in sources]
    return tuple(
        source if key is None else replace(source, name=names.get(key, source.name))
        for source, key in zip(sources, keys, strict=True)
    )


def lookup(targets: Sequence[int | None]) -> NDArray[np.uint8]:
    """Build a lookup table from each value's position to its label; undecided ones become background.

    Parameters
    ----------
    targets : sequence of int or None
        Label indices, at most 256.

    Returns
    -------
    ndarray of uint8, shape (256,)
    """
    rule = np.full(256, BACKGROUND, np.uint8)
    rule[: len(targets)] = [BACKGROUND if target is None else target for target in targets]
    return rule


def _by_name(sources: Sequence[SourceValue], table: LabelTable) -> Iterator[tuple[int, int]]:
    exact = {label.name: label.index for label in table}
    spoken: dict[frozenset[str], set[int]] = {_words("background"): {BACKGROUND}, _words("free"): {FREE}}
    for label in table:
        spoken.setdefault(_words(label.name), set()).add(label.index)
    for place, source in enumerate(sources):
        words = _words(source.name)
        if source.name in exact:
            yield place, exact[source.name]
        elif words and len(meant := list(spoken.get(words, ()))) == 1:
            yield place, meant[0]


def _by_part(
    sources: Sequence[SourceValue], guesses: Sequence[Guess], table: LabelTable
) -> list[tuple[int, int]]:
    taken = {guess.target for guess in guesses}
    labels = [(label.index, _words(label.name)) for label in table if label.index not in taken]
    pairs = []
    for place, (source, guess) in enumerate(zip(sources, guesses, strict=True)):
        words = _words(source.name) if guess.target is None else frozenset()
        near = [
            index
            for index, said in labels
            if words & said - set(SIDES.values()) and (words <= said or said <= words)
        ]
        pairs += [(place, near[0])] if len(near) == 1 else []
    meant = [target for _, target in pairs]
    return [(place, target) for place, target in pairs if meant.count(target) == 1]


def _words(name: str) -> frozenset[str]:
    """Split a name into normalised words."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).casefold()
    words = frozenset(SIDES.get(word, PLURAL.sub("", word)) for word in re.findall(r"[^\W_]+", apart))
    for side in ("left", "right"):
        if words >= {side, "ventricle"} or words >= {side, "ventricular"}:
            words = words - {side, "ventricle", "ventricular"} | {side[0] + "v"}
    return SYNONYMS.get(words, words)


def _by_color(sources: Sequence[SourceValue], table: LabelTable) -> Iterator[tuple[int, int]]:
    places = [place for place, source in enumerate(sources) if source.color is not None]
    if not places:
        return
    targets = np.array([*table.indices, BACKGROUND, FREE])
    limits = np.array([FARTHEST] * len(table) + [0, 0])
    said = skimage.color.rgb2lab(np.array([sources[place].color for place in places], np.uint8))
    distances = np.linalg.norm(said[:, None] - skimage.color.rgb2lab(table.colors()[targets])[None], axis=-1)
    nearest = distances.argmin(axis=1)
    first, second = np.sort(distances, axis=1)[:, :2].T
    counts = (first <= limits[nearest]) & (2 * first < second) & (first <= distances.min(axis=0)[nearest])
    for place, target in zip(np.array(places)[counts], targets[nearest[counts]], strict=True):
        yield int(place), int(target)


def _trusted(sources: Sequence[SourceValue], guesses: Sequence[Guess], table: LabelTable) -> tuple[int, ...]:
    """List the indices that mean themselves where nothing else is known."""
    if has_names(sources):
        return BACKGROUND, FREE
    guessed = [
        (source, guess) for source, guess in zip(sources, guesses, strict=True) if guess.target is not None
    ]
    agree = all(source.index == guess.target for source, guess in guessed)
    return (BACKGROUND, FREE, *table.indices) if agree else ()


def has_names(sources: Sequence[SourceValue]) -> bool:
    """Check whether any value has a name that adds to its index."""
    return any(source.name and NUMBERED.fullmatch(source.name) is None for source in sources)


def _in_order(
    sources: Sequence[SourceValue], guesses: Sequence[Guess], table: LabelTable
) -> list[tuple[int, int]]:
    if any(source.color is not None or source.index is None or source.index > FREE for source in sources):
        return []
    labels = sorted(table.indices)
    places = [place for place, source in enumerate(sources) if source.index != BACKGROUND]
    if len(places) == len(labels) + 1:  # 255 may be a free region beside them
        places = [place for place in places if sources[place].index != FREE]
    if len(places) != len(labels):
        return []
    pairs = list(zip(sorted(places, key=lambda place: sources[place].index or 0), labels, strict=True))
    if any(guesses[place].target not in (None, FREE, target) for place, target in pairs):
        return []
    return [(place, target) for place, target in pairs if guesses[place].target != target]


def _by_likeness(
    sources: Sequence[SourceValue], guesses: Sequence[Guess], table: LabelTable
) -> list[tuple[int, int]]:
    taken = {guess.target for guess in guesses}
    labels = sorted((label for label in table if label.index not in taken), key=lambda label: label.index)
    left = [
        (source.color, source.index or 0, place)
        for place, (source, guess) in enumerate(zip(sources, guesses, strict=True))
        if guess.target is None and source.color is not None and source.index != BACKGROUND
    ]
    if not left or len(left) != len(labels):
        return []
    said, places = [color for color, _, _ in sorted(left)], [place for _, _, place in sorted(left)]
    known = skimage.color.rgb2lab(np.array([label.rgb for label in labels], np.uint8))
    apart = skimage.color.deltaE_ciede2000(
        skimage.color.rgb2lab(np.array(said, np.uint8))[:, None], known[None]
    )
    # Distances are clipped, so that a colour unlike all labels does not displace the others.
    chosen = zip(*scipy.optimize.linear_sum_assignment(np.minimum(apart, ALIKE)), strict=True)
    return [(places[row], labels[column].index) for row, column in chosen if apart[row, column] <= ALIKE]
