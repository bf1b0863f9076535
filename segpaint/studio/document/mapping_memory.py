"""What the values of masks from elsewhere were said to mean, kept from one start to the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from segpaint.core.labels.label_mapping import SourceValue
from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.studio.base.preferences import Preferences, RememberedMapping

NAME = "mappings/remembered"
MOST = 200
"""So many are kept."""


class MappingMemory:
    """Remembers by the checkpoint's labels, and by the numbers, colours and names of a file's values.

    Parameters
    ----------
    preferences : Preferences
    """

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def recall(self, sources: Sequence[SourceValue], table: LabelTable) -> tuple[int | None, ...] | None:
        """What each value was said to mean; None where that was not said of all of them.

        A file may lack values of the one that was asked about, as the slices of one volume do. Of several that
        hold them all, the one with the fewest others counts, and of those the newest.
        """
        wanted, known = {source.text for source in sources}, {None, BACKGROUND, FREE, *table.indices}
        candidates = [
            mapping.targets
            for mapping in self._preferences.chosen.mappings.remembered
            if mapping.labels == _digest(table)
            and wanted <= mapping.targets.keys()
            and known.issuperset(mapping.targets.values())
        ]
        if not candidates:
            return None
        closest = min(candidates, key=len)
        return tuple(closest[source.text] for source in sources)

    def keep(self, sources: Sequence[SourceValue], targets: Sequence[int | None], table: LabelTable) -> None:
        """Remember what each value means, in place of what was said of the same values before."""
        said = {source.text: target for source, target in zip(sources, targets, strict=True)}
        newest = RememberedMapping(labels=_digest(table), targets=said)
        others = [
            mapping
            for mapping in self._preferences.chosen.mappings.remembered
            if (mapping.labels, mapping.targets.keys()) != (newest.labels, said.keys())
        ]
        kept = [newest, *others][:MOST]
        self._preferences.set(NAME, [mapping.model_dump() for mapping in kept])


def _digest(table: LabelTable) -> str:
    """The same for two tables exactly if the same indices mean the same names."""
    names = json.dumps(sorted([label.index, label.name] for label in table))
    return sha256(names.encode()).hexdigest()[:16]
