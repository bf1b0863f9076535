"""Reads and writes label tables of ITK-SNAP, 3D Slicer and BIDS, none of which knows parents."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.files import write_atomically
from segpaint.core.labels.labels import BACKGROUND, Label, LabelTable
from segpaint.core.labels.palette import distinct_colors
from segpaint.core.reading import read_text, reads

SNAP_HEADER = """\
################################################
# ITK-SnAP Label Description File
# File format:
# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL
# Fields:
#    IDX:   Zero-based index
#    -R-:   Red color component (0..255)
#    -G-:   Green color component (0..255)
#    -B-:   Blue color component (0..255)
#    -A-:   Label transparency (0.00 .. 1.00)
#    VIS:   Label visibility (0 or 1)
#    MSH:   Label mesh visibility (0 or 1)
#  LABEL:   Label description
################################################
"""
SLICER_HEADER = "# Color table file"
"""The line by which Slicer recognises its own .txt files."""

NUMBER = r"(\d{1,9}(?:\.\d{0,9})?)"
SNAP_LINE = re.compile(rf'(\d{{1,9}})\s+{NUMBER}\s+{NUMBER}\s+{NUMBER}\s+\S+\s+[01]\s+[01]\s+"(.*)"')
SLICER_LINE = re.compile(rf"(\d{{1,9}})\s+(\S.*?)\s+{NUMBER}\s+{NUMBER}\s+{NUMBER}\s+{NUMBER}")
UNNAMED = "(none)"
"""Slicer's name for an unused entry of its table."""
CVAT_HEADER = "# label:color_rgb"
CVAT_LINE = re.compile(r"(.+?):\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?::|$)")
COLUMNS = {
    "labelvalue": "index", "label_value": "index", "labelid": "index", "label_id": "index", "value": "index",
    "id": "index", "labelname": "name", "label_name": "name", "segment": "name", "structure": "name",
    "color_r": "red", "color_g": "green", "color_b": "blue", "r": "red", "g": "green", "b": "blue",
}  # fmt: skip
"""Other names of columns, as in 3D Slicer's colour tables."""
WHOLE = re.compile(r"(\d{1,9})(?:\.0*)?")
MOST_ROWS = 10_000
NOT_TOLD = ("", "n/a")
"""Missing values in BIDS."""


@dataclass(frozen=True)
class TableRow:
    """A line of a label table.

    Attributes
    ----------
    line : int
        Line number in the file, from 1.
    index : int
        0 or more.
    color : str or None
        "#rrggbb"; None where the file has none.
    """

    line: int
    index: int
    name: str
    color: str | None


class _NotARowError(Exception):
    """A line that does not follow the format; the text names what was expected."""


def is_foreign(path: Path) -> bool:
    """Check whether a file's ending is that of another program's label tables."""
    return path.suffix.lower() in ENDINGS


@reads("a label table", "write it anew")
def read_foreign_table(path: Path) -> LabelTable:
    """Read a label table of ITK-SNAP (.label, .txt), 3D Slicer (.ctbl, .txt, .csv), CVAT (.txt) or BIDS (.tsv).

    The background, index 0, is skipped. Labels without a colour get distinct colours.

    Raises
    ------
    SegPaintError
        If it is missing, or a line does not describe a label.
    """
    rows = [row for row in read_rows(path) if row.index != BACKGROUND]
    if not rows:
        raise SegPaintError(f"{path} lists no label beside the background; it needs one or more.")
    labels = []
    for row, spare in zip(rows, distinct_colors(len(rows)), strict=True):
        try:
            labels.append(Label(index=row.index, name=row.name, color=row.color or spare))
        except ValidationError as error:
            raise SegPaintError(
                f"{path}, line {row.line}: the label is not valid: {first_problem(error)}."
            ) from error
    try:
        return LabelTable(labels)
    except SegPaintError as error:
        raise SegPaintError(f"{path} is not valid. {error}") from error


@reads("a label table", "write it anew")
def read_rows(path: Path) -> list[TableRow]:
    """Read the lines of a label table of another program, whatever the indices are.

    Raises
    ------
    SegPaintError
        If it is missing, or a line does not describe a label.
    """
    rows = list(_rows(path, read_text(path, old=True)))
    if len(rows) > MOST_ROWS:
        raise SegPaintError(f"{path} has {len(rows)} labels, and at most {MOST_ROWS} are read; leave some out.")
    return rows


def write_foreign_table(path: Path, table: LabelTable) -> None:
    """Write a label table for ITK-SNAP (.label, .txt), 3D Slicer (.ctbl) or BIDS (.tsv), without parents.

    Line ends and tabs in names become spaces. ITK-SNAP gets single quotes for double ones, and Slicer
    underscores for spaces, which it turns back.

    Raises
    ------
    SegPaintError
        If the ending is another one, or the file cannot be written.
    """
    if path.suffix.lower() not in WRITERS:
        raise SegPaintError(f"{path}: give a label table the ending {', '.join(WRITERS)}.")
    write_atomically(path, WRITERS[path.suffix.lower()](table).encode())


def _rows(path: Path, text: str) -> Iterator[TableRow]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    ending = path.suffix.lower()
    parse: Callable[[int, str], TableRow | None]
    if ending in (".tsv", ".csv"):
        lines = [(number, line) for number, line in lines if not line.startswith("#") and line.strip(",;\t ")]
        if lines and lines[0][1].startswith("sep="):  # Excel's note on the sign between columns
            del lines[0]
        number, header = lines[0] if lines else (1, "")
        sign = "\t" if ending == ".tsv" else max(",;\t", key=header.count)
        columns = [COLUMNS.get(name, name) for name in _cells(header.lower(), sign)]
        if "label" in columns:  # a name beside numbers, or a number beside names
            columns[columns.index("label")] = "name" if "index" in columns else "index"
        if not {"index", "name"} <= set(columns):
            raise SegPaintError(
                f"{path}, line {number}: the columns of a table are told there, "
                "index and name among them, with tabs between, or in a .csv commas or semicolons."
            )
        parse = partial(_column_row, columns, sign)
        lines = lines[1:]
    elif ending == ".txt" and CVAT_HEADER in text[:100]:
        parse = _cvat_row
        plain = [line for _, line in lines if not line.lstrip().startswith("#")]
        first = 0 if plain and plain[0].startswith("background:") else 1
        lines = list(enumerate(plain, first))  # the place in the file is the index
    else:
        slicer = ending == ".ctbl" or (ending == ".txt" and SLICER_HEADER in text[:100])
        parse = _slicer_row if slicer else _snap_row
        lines = [(number, line) for number, line in lines if not line.lstrip().startswith("#")]
    for number, line in lines:
        try:
            row = parse(number, line)
        except _NotARowError as error:
            raise SegPaintError(f"{path}, line {number} is not a label: {error}.") from error
        if row is not None:
            yield row


def _snap_row(number: int, line: str) -> TableRow:
    match = SNAP_LINE.fullmatch(line.strip())
    if match is None:
        raise _NotARowError('ITK-SNAP writes index, red, green, blue, opacity, 0 or 1 twice, and "name"')
    return TableRow(number, int(match[1]), match[5].strip(), _hexadecimal(match[2], match[3], match[4]))


def _slicer_row(number: int, line: str) -> TableRow | None:
    match = SLICER_LINE.fullmatch(line.strip())
    if match is None:
        raise _NotARowError("3D Slicer writes index, name, red, green, blue and opacity, with spaces between")
    name = match[2].strip("'").replace("_", " ").strip()
    if name == UNNAMED:
        return None
    return TableRow(number, int(match[1]), name, _hexadecimal(match[3], match[4], match[5]))


def _cvat_row(index: int, line: str) -> TableRow:
    match = CVAT_LINE.match(line.strip())
    if match is None:
        raise _NotARowError("CVAT writes name:red,green,blue:parts:actions")
    return TableRow(index, index, match[1], _hexadecimal(match[2], match[3], match[4]))


def _cells(line: str, sign: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=sign), [])]


def _column_row(columns: list[str], sign: str, number: int, line: str) -> TableRow:
    cells = dict(zip(columns, _cells(line, sign), strict=False))
    index, name, color = cells.get("index", ""), cells.get("name", ""), cells.get("color", "")
    whole = WHOLE.fullmatch(index)
    if whole is None:
        raise _NotARowError(f"its index is {index!r}, and an index is a whole number")
    if {"red", "green", "blue"} <= cells.keys():
        parts = [cells[part] for part in ("red", "green", "blue")]
        if not all(re.fullmatch(NUMBER, part) for part in parts):
            raise _NotARowError(f"its colour is {', '.join(parts)}, and these are numbers from 0 to 255")
        return TableRow(number, int(whole[1]), name, _hexadecimal(*parts))
    if color in NOT_TOLD:
        return TableRow(number, int(whole[1]), name, None)
    if re.fullmatch("#?[0-9a-fA-F]{6}", color) is None:
        raise _NotARowError(f"its color is {color!r}, and BIDS has colours such as #e4572e")
    return TableRow(number, int(whole[1]), name, "#" + color.removeprefix("#").lower())


def _hexadecimal(*parts: str) -> str:
    shares = [float(part) for part in parts]
    scale = 255 if max(shares) <= 1 and any("." in part for part in parts) else 1  # some count from 0 to 1
    values = [round(scale * share) for share in shares]
    if max(values) > 255:
        raise _NotARowError(f"red, green and blue go from 0 to 255, and there is a {max(values)}")
    return "#" + bytes(values).hex()


def _plain(name: str) -> str:
    return " ".join(name.split())


def _snap(table: LabelTable) -> str:
    lines = ['    0     0    0    0        0  0  0    "Clear Label"']
    for label in table:
        red, green, blue = label.rgb
        name = _plain(label.name).replace('"', "'")
        lines.append(f'{label.index:5d} {red:5d} {green:4d} {blue:4d}        1  1  1    "{name}"')
    return SNAP_HEADER + "\n".join(lines) + "\n"


def _slicer(table: LabelTable) -> str:
    lines = [SLICER_HEADER, f"# {len(table) + 1} values", "0 Background 0 0 0 0"]
    for label in table:
        red, green, blue = label.rgb
        lines.append(f"{label.index} {'_'.join(label.name.split())} {red} {green} {blue} 255")
    return "\n".join(lines) + "\n"


def _bids(table: LabelTable) -> str:
    lines = ["index\tname\tcolor"]
    lines += [f"{label.index}\t{_plain(label.name)}\t{label.color}" for label in table]
    return "\n".join(lines) + "\n"


ENDINGS = (".label", ".txt", ".ctbl", ".tsv", ".csv")
WRITERS = {".label": _snap, ".txt": _snap, ".ctbl": _slicer, ".tsv": _bids}
