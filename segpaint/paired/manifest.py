"""What is told of each pair: a table to look at, and a file with everything."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from segpaint.paired.plan import Pair

CSV = "manifest.csv"
JSON = "manifest.json"


@dataclass(frozen=True)
class ManifestRow:
    """A finished pair, as `manifest.csv` tells of it.

    Attributes
    ----------
    name, split, checkpoint, fingerprint, seed, steps, sampler, guidance
        See `segpaint.paired.plan.Pair` and `segpaint.core.requests.request.Request`.
    image, mask : str
        Paths within the set.
    used : str
        Names of the labels in use, with semicolons between.
    sha256 : str
        Of the image's file.
    """

    name: str
    image: str
    mask: str
    split: str
    checkpoint: str
    fingerprint: str
    seed: int
    steps: int
    sampler: str
    guidance: float
    used: str
    sha256: str


def row_of(pair: Pair, image: str, mask: str, sha256: str) -> ManifestRow:
    """What is told of a pair."""
    request, table = pair.request, pair.checkpoint.table
    return ManifestRow(
        pair.name, image, mask, pair.split, request.checkpoint, request.fingerprint, request.seed,
        request.steps, request.sampler, request.guidance,
        ";".join(table[index].name for index in request.used), sha256,
    )  # fmt: skip


def as_csv(rows: Sequence[ManifestRow], *, head: bool = True) -> str:
    """Rows as lines, with or without the names of the columns above them."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    if head:
        writer.writerow([field.name for field in fields(ManifestRow)])
    writer.writerows(asdict(row).values() for row in rows)
    return lines.getvalue()


def as_json(rows: Sequence[tuple[Pair, ManifestRow]], notes: Sequence[str], planned: int) -> bytes:
    """All rows with their requests, and what else is to be known of the set."""
    pairs: list[dict[str, Any]] = [
        {
            **asdict(row),
            "used": row.used.split(";") if row.used else [],
            "request": pair.request.model_dump(mode="json"),
        }
        for pair, row in rows
    ]
    content = {"format": 1, "planned": planned, "notes": list(notes), "pairs": pairs}
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
