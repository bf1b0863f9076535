"""Encodes the manifest: a table of all pairs, and a file with their requests."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from segpaint.core.printable import spreadsheet_cell
from segpaint.paired.plan import Pair

CSV = "manifest.csv"
JSON = "manifest.json"


@dataclass(frozen=True)
class ManifestRow:
    """A finished pair, a row of `manifest.csv`.

    Attributes
    ----------
    name, split, checkpoint, fingerprint, seed, steps, sampler, guidance
        See `segpaint.paired.plan.Pair` and `segpaint.core.requests.request.Request`.
    image, mask : str
        Paths within the set.
    used : str
        Names of the labels in use, separated by semicolons.
    attributes : str
        What was asked for, such as ``pathology=benign``, separated by semicolons.
    sha256 : str
        Digest of the image's file.
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
    attributes: str
    sha256: str


def row_of(pair: Pair, image: str, mask: str, sha256: str) -> ManifestRow:
    """Build the row of a pair."""
    request, table = pair.request, pair.checkpoint.table
    return ManifestRow(
        pair.name, image, mask, pair.split, request.checkpoint, request.fingerprint, request.seed,
        request.steps, request.sampler, request.guidance,
        ";".join(table[index].name for index in pair.final.used),
        ";".join(f"{name}={value}" for name, value in request.attributes.items()), sha256,
    )  # fmt: skip


def as_csv(kind: type[Any], rows: Sequence[Any], *, head: bool = True) -> str:
    """Write rows of one dataclass as CSV, with or without a header; no cell is a formula to a spreadsheet."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    if head:
        writer.writerow([field.name for field in fields(kind)])
    writer.writerows(map(spreadsheet_cell, asdict(row).values()) for row in rows)
    return lines.getvalue()


def as_json(rows: Sequence[tuple[Pair, ManifestRow]], notes: Sequence[str], planned: int) -> bytes:
    """Encode all rows with their requests, the notes and the number of planned pairs."""
    pairs: list[dict[str, Any]] = [
        {
            **asdict(row),
            "used": row.used.split(";") if row.used else [],
            "attributes": pair.request.attributes,
            "request": pair.request.model_dump(mode="json"),
        }
        for pair, row in rows
    ]
    content = {"format": 1, "planned": planned, "notes": list(notes), "pairs": pairs}
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
