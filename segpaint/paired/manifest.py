"""Encodes the manifest: a table of all pairs, and a file with their requests."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from segpaint.core.printable import spreadsheet_cell
from segpaint.core.requests.request import Request
from segpaint.paired.plan import Pair

CSV = "manifest.csv"
JSON = "manifest.json"
NEW_LINE = "\n"


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


def as_csv(kind: type[Any], rows: Iterable[Any], *, head: bool = True) -> Iterator[bytes]:
    """Encode rows of one dataclass as CSV, with or without a header; no cell is a formula to a spreadsheet.

    Yields
    ------
    bytes
        A line.
    """
    if head:
        yield _line([field.name for field in fields(kind)])
    for row in rows:
        yield _line(map(spreadsheet_cell, asdict(row).values()))


def _line(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


def as_json(rows: Iterable[tuple[Pair, ManifestRow]], notes: Sequence[str], planned: int) -> Iterator[bytes]:
    """Encode all rows with their requests, the notes and the number of planned pairs.

    Yields
    ------
    bytes
        A part of the file.
    """
    content = {"format": 1, "planned": planned, "notes": list(notes), "pairs": []}
    whole = _encoded(content)
    head, tail = whole.removesuffix("[]\n}"), "]\n}\n"
    dump, before = _Dumps(), "["
    for pair, row in rows:
        values: dict[str, Any] = {
            **asdict(row),
            "used": row.used.split(";") if row.used else [],
            "attributes": pair.request.attributes,
            "request": dump(pair.request),
        }
        yield f"{head}{before}\n  {_encoded(values).replace(NEW_LINE, NEW_LINE + '  ')}".encode()
        head, before = "", ","
    yield (f"{whole}\n" if head else f"\n {tail}").encode()


def _encoded(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False)


class _Dumps:
    """Dumps requests; those that follow each other and differ in their seeds alone share one."""

    def __init__(self) -> None:
        self._mask: object = None
        self._known: dict[str, dict[str, Any]] = {}

    def __call__(self, request: Request) -> dict[str, Any]:
        if request.mask is not self._mask:
            self._mask, self._known = request.mask, {}
        key = request.model_dump_json(exclude={"mask", "seed"})
        if key not in self._known:
            self._known[key] = request.model_dump(mode="json")
        return {**self._known[key], "seed": request.seed}
