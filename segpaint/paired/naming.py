"""Names the pairs of a set, the folders of its checkpoints, and what is kept to validate with."""

import re
from collections.abc import Sequence

from segpaint.core.labels.attributes import Attributes
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import Checkpoint

LONGEST_SUFFIX = 60


def splits(count: int, share: float) -> list[str]:
    """Choose the masks to train and to validate with; the latter are evenly spread."""
    wanted = min(max(round(share * count), 1), count - 1) if share else 0
    chosen = {int((place + 0.5) * count / wanted) for place in range(wanted)}
    return ["val" if number in chosen else "train" for number in range(count)]


def mask_of(name: str, seed: int) -> str:
    """Find the name of the mask in the name of a pair with that seed."""
    return name.rpartition(f"_s{seed}")[0] or name


def by_folder(checkpoints: Sequence[Checkpoint]) -> dict[str, Checkpoint]:
    """Name the folders of the checkpoints within a set; that of the only one has no name."""
    if len(checkpoints) == 1:
        return {"": checkpoints[0]}
    names = [checkpoint.folder.resolve().name for checkpoint in checkpoints]
    return {
        name if names.count(name) == 1 else f"{name}-{names[: place + 1].count(name)}": checkpoint
        for place, (name, checkpoint) in enumerate(zip(names, checkpoints, strict=True))
    }


def attribute_parts(asked: Sequence[Attributes]) -> list[str]:
    """Build the part of each name that lists attributes; empty if all are unknown."""
    parts: list[str] = []
    for number, known in enumerate(asked, start=1):
        part = "".join("_" + re.sub(r"[^\w.-]+", "-", f"{name}-{value}") for name, value in known.items())
        if len(part) > LONGEST_SUFFIX or (part in parts and known not in asked[: number - 1]):
            part = f"_attributes{number}"
        parts.append(part)
    return parts


def suffixes(subsets: Sequence[tuple[int, ...]], table: LabelTable) -> list[str]:
    """Build the part of each name that lists the labels in use; empty if all are."""
    found: list[str] = []
    for number, used in enumerate(subsets, start=1):
        names = {index: re.sub(r"[^\w.-]+", "-", table[index].name) for index in table.indices}
        without = [names[index] for index in table.indices if index not in used]
        if not without:
            suffix = ""
        elif not used:
            suffix = "_blank"
        elif len(without) <= len(used):
            suffix = f"_without-{'-'.join(without)}"
        else:
            suffix = f"_only-{'-'.join(names[index] for index in used)}"
        if len(suffix) > LONGEST_SUFFIX or (suffix in found and used not in subsets[: number - 1]):
            suffix = f"_subset{number}"
        found.append(suffix)
    return found
