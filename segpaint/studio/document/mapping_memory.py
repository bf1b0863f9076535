"""The remembered meanings of values in masks from elsewhere."""

import json
from collections.abc import Sequence
from hashlib import sha256

from segpaint.core.labels.label_mapping import SourceValue
from segpaint.core.labels.labels import BACKGROUND, FREE, LabelTable
from segpaint.studio.base.preferences import Preferences, RememberedMapping

NAME = "mappings/remembered"
MOST = 200
"""Mappings remembered at most."""


class MappingMemory:
    """Remembers mappings by the checkpoint's labels, and by numbers, colours and names of a file's values."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def recall(self, sources: Sequence[SourceValue], table: LabelTable) -> tuple[int | None, ...] | None:
        """Find the meaning of each value; None unless a file with just these values was assigned before.

        A file with fewer values may be from elsewhere, where the same numbers mean something else.
        """
        wanted, known = {source.text for source in sources}, {None, BACKGROUND, FREE, *table.indices}
        for mapping in self._preferences.chosen.mappings.remembered:
            if (
                mapping.labels == _digest(table)
                and wanted == mapping.targets.keys()
                and known.issuperset(mapping.targets.values())
            ):
                return tuple(mapping.targets[source.text] for source in sources)
        return None

    def keep(self, sources: Sequence[SourceValue], targets: Sequence[int | None], table: LabelTable) -> None:
        """Remember what each value means, replacing earlier meanings of the same values."""
        said = {source.text: target for source, target in zip(sources, targets, strict=True)}
        newest = RememberedMapping(labels=_digest(table), targets=said)
        others = [
            mapping
            for mapping in self._preferences.fresh.mappings.remembered
            if (mapping.labels, mapping.targets.keys()) != (newest.labels, said.keys())
        ]
        kept = [newest, *others][:MOST]
        self._preferences.set(NAME, [mapping.model_dump() for mapping in kept])


def _digest(table: LabelTable) -> str:
    """Compute a digest, equal for two tables exactly if the same indices mean the same names."""
    names = json.dumps(sorted([label.index, label.name] for label in table))
    return sha256(names.encode()).hexdigest()[:16]
