"""Reads and writes label tables of ITK-SNAP, 3D Slicer and BIDS, none of which knows parents."""

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

NUMBER = r"(\d+(?:\.\d*)?)"
SNAP_LINE = re.compile(rf'(\d+)\s+{NUMBER}\s+{NUMBER}\s+{NUMBER}\s+\S+\s+[01]\s+[01]\s+"(.*)"')
SLICER_LINE = re.compile(rf"(\d+)\s+(\S.*?)\s+{NUMBER}\s+{NUMBER}\s+{NUMBER}\s+{NUMBER}")
UNNAMED = "(none)"
"""Slicer's name for an unused entry of its table."""
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
    return path.suffix.lower() in WRITERS


def read_foreign_table(path: Path) -> LabelTable:
    """Read a label table of ITK-SNAP (.label, .txt), 3D Slicer (.ctbl, .txt) or BIDS (.tsv).

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


def read_rows(path: Path) -> list[TableRow]:
    """Read the lines of a label table of another program, whatever the indices are.

    Raises
    ------
    SegPaintError
        If it is missing, or a line does not describe a label.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SegPaintError(f"{path} is missing; it lists the labels of the masks.") from None
    except UnicodeDecodeError as error:
        raise SegPaintError(f"{path} is not a label table: it is not text in UTF-8.") from error
    except OSError as error:
        raise SegPaintError(f"{path} cannot be read: {error.strerror}.") from error
    return list(_rows(path, text))


def write_foreign_table(path: Path, table: LabelTable) -> None:
    """Write a label table for ITK-SNAP (.label, .txt), 3D Slicer (.ctbl) or BIDS (.tsv), without parents.

    Line ends and tabs in names become spaces. ITK-SNAP gets single quotes for double ones, and Slicer
    underscores for spaces, which it turns back.

    Raises
    ------
    SegPaintError
        If the ending is another one, or the file cannot be written.
    """
    if not is_foreign(path):
        raise SegPaintError(f"{path}: give a label table the ending {', '.join(WRITERS)}.")
    write_atomically(path, WRITERS[path.suffix.lower()](table).encode())


def _rows(path: Path, text: str) -> Iterator[TableRow]:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    ending = path.suffix.lower()
    if ending == ".tsv":
        number, header = lines[0] if lines else (1, "")
        columns = [name.strip().lower() for name in header.split("\t")]
        if not {"index", "name"} <= set(columns):
            raise SegPaintError(
                f"{path}, line {number}: the columns of a BIDS table are told there, "
                "index and name among them, with tabs between."
            )
        parse: Callable[[int, str], TableRow | None] = partial(_bids_row, columns)
        lines = lines[1:]
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


def _bids_row(columns: list[str], number: int, line: str) -> TableRow:
    cells = dict(zip(columns, (cell.strip() for cell in line.split("\t")), strict=False))
    index, name, color = cells["index"], cells.get("name", ""), cells.get("color", "")
    if not index.isdecimal():
        raise _NotARowError(f"its index is {index!r}, and an index is a whole number")
    if color in NOT_TOLD:
        return TableRow(number, int(index), name, None)
    if re.fullmatch("#?[0-9a-fA-F]{6}", color) is None:
        raise _NotARowError(f"its color is {color!r}, and BIDS has colours such as #e4572e")
    return TableRow(number, int(index), name, "#" + color.removeprefix("#").lower())


def _hexadecimal(*parts: str) -> str:
    values = [round(float(part)) for part in parts]
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


WRITERS = {".label": _snap, ".txt": _snap, ".ctbl": _slicer, ".tsv": _bids}
