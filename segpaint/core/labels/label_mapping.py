"""What the values of a mask from elsewhere mean in a checkpoint's labels: guessed, never invented.

What names, colours and indices tell is told by one label alone, or not at all. Where they tell nothing, and
there are as many values as labels, they are paired: that is unsure, and said to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from skimage.color import deltaE_ciede2000, rgb2lab

from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable

Rgb: TypeAlias = tuple[int, int, int]
"""Red, green and blue, each 0 to 255."""
FARTHEST = 10.0
"""So far apart in CIELAB may two colours be that mean the same; further apart they differ at a glance."""
ALIKE = 50.0
"""So far apart by CIEDE2000, half as far as black from white, may colours be that are paired."""
SIDES = {"l": "left", "lt": "left", "r": "right", "rt": "right"}
SYNONYMS = {
    frozenset(said.split()): frozenset(meant.split())
    for said, meant in {
        # As the published sets of cine MRI have it, ACDC and M&Ms among them.
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
"""Names as sets of words; few, for each must hold whatever the table is."""
NUMBERED = re.compile(r"(label|segment|class|region|value)?[\s_-]*\d*", re.IGNORECASE)
"""Names that programs give by themselves, and that say no more than the index does."""
PLURAL = re.compile(r"(?<=..[^usi])s$")
"""What a name of several has more than that of one."""


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
        """Whether it is only better than nothing, and to be looked at."""
        return self in (Reason.PART, Reason.LIKENESS, Reason.ORDER)


@dataclass(frozen=True)
class SourceValue:
    """Something that pixels of a file may hold.

    Attributes
    ----------
    index : int or None
        Its number; None where the file holds colours.
    pixels : int
        How many pixels of the file hold it.
    color : tuple of int or None
        Red, green and blue, 0 to 255; None where the file tells none.
    name : str
        Empty where nothing tells it.
    """

    index: int | None
    pixels: int
    color: Rgb | None = None
    name: str = ""

    @property
    def text(self) -> str:
        """To know it again by: number, colour and name, as far as there are."""
        color = "" if self.color is None else "#" + bytes(self.color).hex()
        number = "" if self.index is None else str(self.index)
        return " ".join(part for part in (number, color, self.name) if part)


@dataclass(frozen=True)
class Guess:
    """What a value may mean.

    Attributes
    ----------
    target : int or None
        A label index, 0 for background, 255 for free; None if nothing tells.
    reason : Reason or None
        None exactly where there is no target.
    """

    target: int | None = None
    reason: Reason | None = None

    @property
    def is_unsure(self) -> bool:
        """See `Reason.is_unsure`."""
        return self.reason is not None and self.reason.is_unsure


def guess_targets(sources: Sequence[SourceValue], table: LabelTable) -> tuple[Guess, ...]:
    """Guess for each value what it means: by name, else by colour, else by index, else by pairing.

    A name counts whatever its case, punctuation, order of words, number and way of telling left from right.
    A colour counts where one label is near and every other more than twice as far (Euclidean distance in
    CIELAB, CIE 1976, at most `FARTHEST`), and no other value is nearer to that label; black, and the grey of
    free regions, count where they are exact. An index counts where the file tells no names, and no colour
    contradicts the indices; 0 and 255 do beside names too, for tables name neither.

    A name that says more or less than one label's, and than no other's, is unsure; so is pairing. That needs
    as many values as labels, 0 left aside, and no names that tell anything. Grey levels, of 8 bits, are paired
    in order with all labels, if nothing known contradicts that; it is then that 255 is taken for a label.
    Colours that are left are paired with the labels that are left such that, in sum, they are as near as can
    be (CIEDE2000; Sharma et al., 2005), each at most `ALIKE`.

    Parameters
    ----------
    sources : sequence of SourceValue
    table : LabelTable

    Returns
    -------
    tuple of Guess
        One for each value, the same in whatever order the values come.
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
    if not _has_names(sources):
        for reason, pair in ((Reason.ORDER, _in_order), (Reason.LIKENESS, _by_likeness)):
            for place, target in pair(sources, guesses, table):
                guesses[place] = Guess(target, reason)
    return tuple(guesses)


def means_itself(sources: Sequence[SourceValue], guesses: Sequence[Guess]) -> bool:
    """Whether every value is surely the label of its own index, so that nobody need be asked."""
    pairs = zip(sources, guesses, strict=True)
    return all(source.index == guess.target and not guess.is_unsure for source, guess in pairs)


def with_names(sources: Sequence[SourceValue], names: Mapping[int | Rgb, str]) -> tuple[SourceValue, ...]:
    """The same values, named.

    Parameters
    ----------
    sources : sequence of SourceValue
    names : mapping of int or tuple of int to str
        The names of indices, and those of colours for values that have no index.
    """
    keys = [source.color if source.index is None else source.index for source in sources]
    return tuple(
        source if key is None else replace(source, name=names.get(key, source.name))
        for source, key in zip(sources, keys, strict=True)
    )


def lookup(targets: Sequence[int | None]) -> NDArray[np.uint8]:
    """What each value turns into, by its place; what nobody has decided becomes background.

    Parameters
    ----------
    targets : sequence of int or None
        At most 256.

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
    """What a name says, in whatever way it is written."""
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
    said = rgb2lab(np.array([sources[place].color for place in places], np.uint8))
    distances = np.linalg.norm(said[:, None] - rgb2lab(table.colors()[targets])[None], axis=-1)
    nearest = distances.argmin(axis=1)
    first, second = np.sort(distances, axis=1)[:, :2].T
    counts = (first <= limits[nearest]) & (2 * first < second) & (first <= distances.min(axis=0)[nearest])
    for place, target in zip(np.array(places)[counts], targets[nearest[counts]], strict=True):
        yield int(place), int(target)


def _trusted(sources: Sequence[SourceValue], guesses: Sequence[Guess], table: LabelTable) -> tuple[int, ...]:
    """The indices that mean themselves where nothing else tells."""
    if _has_names(sources):
        return BACKGROUND, FREE
    guessed = [
        (source, guess) for source, guess in zip(sources, guesses, strict=True) if guess.target is not None
    ]
    agree = all(source.index == guess.target for source, guess in guessed)
    return (BACKGROUND, FREE, *table.indices) if agree else ()


def _has_names(sources: Sequence[SourceValue]) -> bool:
    """Whether any value has a name that says more than its index."""
    return any(source.name and NUMBERED.fullmatch(source.name) is None for source in sources)


def _in_order(
    sources: Sequence[SourceValue], guesses: Sequence[Guess], table: LabelTable
) -> list[tuple[int, int]]:
    if any(source.color is not None or source.index is None or source.index > FREE for source in sources):
        return []
    labels = sorted(table.indices)
    places = [place for place, source in enumerate(sources) if source.index != BACKGROUND]
    if len(places) == len(labels) + 1:  # then the brightest may well be a free region beside them
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
    known = rgb2lab(np.array([label.rgb for label in labels], np.uint8))
    apart = deltaE_ciede2000(rgb2lab(np.array(said, np.uint8))[:, None], known[None])
    # Beyond the limit it is no matter how far, or what is unlike all of them would push the others about.
    chosen = zip(*linear_sum_assignment(np.minimum(apart, ALIKE)), strict=True)
    return [(places[row], labels[column].index) for row, column in chosen if apart[row, column] <= ALIKE]
