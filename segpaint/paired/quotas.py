"""Quotas: how many of the pairs that are wanted show each label, and each other thing that they differ in."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, groupby

import numpy as np

from segpaint.core.labels.translation import visible
from segpaint.paired.naming import mask_of
from segpaint.paired.plan import Pair, Place

LABEL, MASK, PURPOSE = "Label", "Mask", "Purpose"
PURPOSES = {"train": "to train with", "val": "to validate with"}


@dataclass(frozen=True, order=True)
class Trait:
    """Something that some candidates share.

    Attributes
    ----------
    kind : str
        Such as "Label"; in the window a heading over all traits of the kind.
    name : str
        Such as the label's name.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Quota:
    """How many pairs with a trait are taken, and how many are wanted."""

    trait: Trait
    taken: int
    wanted: int


class Quotas:
    """What candidates differ in, and how many pairs with each trait are wanted.

    Every label that a mask shows is a trait. Masks, labels in use, attributes, models, and whether a pair is to
    train or to validate with are traits where candidates differ in them. As many pairs are wanted with a label,
    or to validate with, as candidates have it, in proportion; of the others, each gets an equal share. Each
    pair has one trait of every kind but labels, so what is wanted of a kind adds up to all that is wanted.
    Candidates that are added later are counted, and move nothing that is wanted.

    Parameters
    ----------
    pairs : sequence of Pair
        The candidates that were planned.
    wanted : int
        Pairs wanted in all.
    """

    def __init__(self, pairs: Sequence[Pair], wanted: int) -> None:
        self._wanted = wanted
        self._shown: dict[tuple[int, tuple[int, ...]], frozenset[Trait]] = {}
        """By mask and labels in use, which many candidates share."""
        self._alike: dict[frozenset[Trait], frozenset[Trait]] = {}
        """Each set of traits once, for many candidates have the same."""
        self._traits = {pair.place: self._find(pair) for pair in pairs}
        self._targets = self._share_out()

    def add(self, pair: Pair) -> None:
        """Add a candidate to those that were planned."""
        self._traits[pair.place] = self._find(pair)

    def count(self, taken: Iterable[Place]) -> list[Quota]:
        """Count what is taken of each trait, in alphabetical order."""
        counts = Counter(trait for place in taken for trait in self._traits.get(place, ()))
        return [Quota(trait, counts[trait], wanted) for trait, wanted in self._targets.items()]

    def full(self, taken: Iterable[Place]) -> tuple[Callable[[Place], int], int]:
        """Count how many of a candidate's quotas are full; also return the least that any candidate has.

        Parameters
        ----------
        taken : iterable of Place
            What is taken.
        """
        filled = {quota.trait for quota in self.count(taken) if quota.taken >= quota.wanted}
        counts = {traits: len(traits & filled) for traits in self._alike}
        return lambda place: counts[self._traits[place]], min(counts.values(), default=0)

    def _share_out(self) -> dict[Trait, int]:
        """Divide the pairs that are wanted among the traits that candidates differ in."""
        targets: dict[Trait, int] = {}
        candidates = Counter(chain.from_iterable(self._traits.values()))
        total = len(self._traits)
        wanted = min(self._wanted, total)
        for kind, group in groupby(sorted(candidates), key=lambda trait: trait.kind):
            same = list(group)
            most = [candidates[trait] for trait in same]
            if kind == LABEL:
                targets |= {
                    trait: round(wanted * count / total) for trait, count in zip(same, most, strict=True)
                }
            elif len(same) > 1:
                weights = most if kind == PURPOSE else [1] * len(same)
                targets |= dict(zip(same, apportion(wanted, weights, most), strict=True))
        return targets

    def _find(self, pair: Pair) -> frozenset[Trait]:
        final, table = pair.final, pair.checkpoint.table
        key = id(final.mask), final.used
        if key not in self._shown:
            values = np.unique(visible(final.mask, final.used, table)).tolist()
            self._shown[key] = frozenset(Trait(LABEL, label.name) for label in table if label.index in values)
        left = [label.name for label in table if label.index not in final.used]
        traits = self._shown[key] | {
            Trait("Labels in use", f"without {', '.join(left)}" if left else "all"),
            Trait(MASK, mask_of(pair.name, pair.request.seed)),
            Trait("Model", pair.checkpoint.description.name),
            Trait(PURPOSE, PURPOSES[pair.split]),
            *(Trait(name[:1].upper() + name[1:], value) for name, value in pair.request.attributes.items()),
        }
        return self._alike.setdefault(traits, traits)


def apportion(wanted: int, weights: Sequence[int], most: Sequence[int]) -> list[int]:
    """Divide a number by weight, in whole parts that add up to it, or to all that there can be.

    Parameters
    ----------
    weights : sequence of int
        Of each part, above 0.
    most : sequence of int
        That each part can have.
    """
    parts, left = [0] * len(weights), min(wanted, sum(most))
    while left:
        takes = [number for number, part in enumerate(parts) if part < most[number]]
        total = sum(weights[number] for number in takes)
        more = {number: min(left * weights[number] // total, most[number] - parts[number]) for number in takes}
        if not any(more.values()):  # fewer are left than parts: those that are behind get one each
            behind = sorted(takes, key=lambda number: Fraction(2 * parts[number] + 1, weights[number]))
            more = dict.fromkeys(behind[:left], 1)
        for number, count in more.items():
            parts[number] += count
        left -= sum(more.values())
    return parts
