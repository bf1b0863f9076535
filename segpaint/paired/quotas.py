"""Quotas: how many of the pairs that are wanted show each label, and each other thing that they differ in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

import numpy as np

from segpaint.core.labels.translation import visible
from segpaint.paired.plan import Pair, Place

LABEL = "Label"


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

    Every label that a mask shows is a trait. Labels in use, attributes, and models are traits where candidates
    differ in them. As many pairs are wanted with a label as candidates show it, in proportion; with each of
    several labels in use, attributes, or models an equal share.

    Parameters
    ----------
    pairs : sequence of Pair
        All candidates.
    wanted : int
        Pairs wanted in all.
    """

    def __init__(self, pairs: Sequence[Pair], wanted: int) -> None:
        self._wanted = wanted
        self._shown: dict[tuple[int, tuple[int, ...]], frozenset[Trait]] = {}
        """By mask and labels in use, which many candidates share."""
        self._traits = {pair.place: self._find(pair) for pair in pairs}
        self._candidates = Counter(chain.from_iterable(self._traits.values()))

    def add(self, pair: Pair) -> None:
        """Add a candidate."""
        self._traits[pair.place] = traits = self._find(pair)
        self._candidates.update(traits)

    def count(self, taken: Iterable[Place]) -> list[Quota]:
        """Count what is taken of each trait, in alphabetical order."""
        counts = Counter(trait for place in taken for trait in self._traits.get(place, ()))
        quotas, total = [], len(self._traits)
        for kind, group in groupby(sorted(self._candidates), key=lambda trait: trait.kind):
            same = list(group)
            if kind != LABEL and len(same) == 1:
                continue  # candidates do not differ in it
            for trait in same:
                candidates = self._candidates[trait]
                share = candidates / total if kind == LABEL else 1 / len(same)
                quotas.append(Quota(trait, counts[trait], min(round(self._wanted * share), candidates)))
        return quotas

    def _find(self, pair: Pair) -> frozenset[Trait]:
        final, table = pair.final, pair.checkpoint.table
        key = id(final.mask), final.used
        if key not in self._shown:
            values = np.unique(visible(final.mask, final.used, table)).tolist()
            self._shown[key] = frozenset(Trait(LABEL, label.name) for label in table if label.index in values)
        left = [label.name for label in table if label.index not in final.used]
        return self._shown[key] | {
            Trait("Labels in use", f"without {', '.join(left)}" if left else "all"),
            Trait("Model", pair.checkpoint.description.name),
            *(Trait(name[:1].upper() + name[1:], value) for name, value in pair.request.attributes.items()),
        }
