"""Decodes lossless JPEG (ITU-T T.81, process 14), in which scanners packed pictures before there was JPEG-LS.

It is written here, since the free libraries that know it end the program at damaged pictures.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

START, END = b"\xff\xd8", b"\xff\xd9"
FRAME, CODES, INTERVAL, SCAN = 0xC3, 0xC4, 0xDD, 0xDA
"""Markers of the segments that are needed."""
WINDOW = 16
"""Bits of the longest code."""
WORD = 32
MOST_TABLES = 4
OTHERS: dict[int, Callable[[int, int, int], int]] = {
    3: lambda _left, _above, between: between,
    5: lambda left, above, between: left + ((above - between) >> 1),
    6: lambda left, above, between: above + ((left - between) >> 1),
    7: lambda left, above, _between: (left + above) >> 1,
}
"""The predictors that are no sums of differences (T.81, table H.1), from the neighbours of a pixel."""


@dataclass
class Header:
    """What comes before the pixels; lengths are those of T.81, annex B."""

    precision: int = 0
    rows: int = 0
    columns: int = 0
    components: int = 0
    interval: int = 0
    codes: dict[int, list[int]] = field(default_factory=dict)
    used: tuple[int, ...] = ()
    predictor: int = 0
    shift: int = 0


def decode(packed: bytes) -> NDArray[np.uint16]:
    """Decode a picture.

    Returns
    -------
    ndarray of uint16, shape (rows, columns), or (rows, columns, components)

    Raises
    ------
    ValueError
        If it is damaged, cut short, or of another kind.
    """
    try:
        header, begin = _header(packed)
    except (struct.error, IndexError, KeyError):
        raise ValueError("the picture's header is damaged") from None
    end = packed.rfind(END)
    if end < begin:
        raise ValueError("the picture is cut short")
    parts = [part.replace(b"\xff\x00", b"\xff") for part in re.split(rb"\xff[\xd0-\xd7]", packed[begin:end])]
    lines = header.rows if not header.interval else header.interval // header.columns
    if lines < 1 or (header.interval and header.interval % header.columns) or len(parts) * lines < header.rows:
        raise ValueError("the picture is cut short, or restarts inside a line")
    blocks = []
    for number, part in enumerate(parts[: -(-header.rows // lines)]):
        count = min(lines, header.rows - number * lines)
        steps = _differences(part, header, count * header.columns * header.components)
        shape = count, header.columns, header.components
        blocks.append(_summed(np.array(steps, np.int64).reshape(shape), header))
    pixels = (np.concatenate(blocks) << header.shift).astype(np.uint16)
    return pixels[..., 0] if header.components == 1 else pixels


def _header(packed: bytes) -> tuple[Header, int]:
    """Read the segments before the pixels; return where these begin."""
    header, place = Header(), len(START)
    while True:
        marker = packed[place + 1]
        (length,) = struct.unpack_from(">H", packed, place + 2)
        content = packed[place + 4 : place + 2 + length]
        if marker == FRAME:
            header.precision, header.rows, header.columns, header.components = struct.unpack_from(
                ">BHHB", content
            )
        elif marker == CODES:
            _read_codes(content, header.codes)
        elif marker == INTERVAL:
            (header.interval,) = struct.unpack(">H", content)
        elif marker == SCAN:
            count = content[0]
            header.used = tuple(content[2 + 2 * number] >> 4 for number in range(count))
            header.predictor, header.shift = content[1 + 2 * count], content[3 + 2 * count] & 15
            if count != header.components or not header.rows * header.columns * count:
                raise ValueError("the picture's parts are not together, as they have to be")
            if not (
                2 <= header.precision <= 16
                and 1 <= header.predictor <= 7
                and set(header.used) <= set(header.codes)
            ):
                raise ValueError("the picture's header is damaged")
            return header, place + 2 + length
        place += 2 + length


def _read_codes(content: bytes, codes: dict[int, list[int]]) -> None:
    """Build tables of what any 16 bits begin with: 256 times a code's length, plus its meaning; else -1."""
    place = 0
    while place < len(content):
        name, counts, place = content[place], content[place + 1 : place + 17], place + 17
        if name >= MOST_TABLES or name in codes:
            raise ValueError("the picture's header is damaged")
        table, code = np.full(2**WINDOW, -1), 0
        for length, count in enumerate(counts, 1):
            for meaning in content[place : place + count]:
                first = code << (WINDOW - length)
                table[first : first + (1 << (WINDOW - length))] = length << 8 | meaning
                code += 1
            place += count
            code <<= 1
        codes[name] = table.tolist()


def _differences(part: bytes, header: Header, count: int) -> list[int]:
    """Decode how each value differs from what its neighbours predict."""
    padded = part + bytes(-len(part) % 4 + 8)
    words = iter(np.frombuffer(padded, ">u4").tolist())
    found, held, bits = [], 0, 0
    tables = [header.codes[number] for number in header.used]
    for number in range(count):
        if bits < WORD:
            held, bits = held << WORD | next(words, -1), bits + WORD
            if held < 0:
                raise ValueError("the picture is cut short")
        entry = tables[number % len(tables)][held >> (bits - WINDOW) & 0xFFFF]
        size, bits = entry & 255, bits - (entry >> 8)
        if entry < 0 or size > WINDOW:
            raise ValueError("the picture is damaged")
        if size == WINDOW:
            found.append(2**15)
        elif size:
            bits -= size
            value = held >> bits & ((1 << size) - 1)
            found.append(value if value >> (size - 1) else value - (1 << size) + 1)
        else:
            found.append(0)
        held &= (1 << bits) - 1
    return found


def _summed(steps: NDArray[np.int64], header: Header) -> NDArray[np.int64]:
    """Add the differences up, modulo 2**16, to what the predictor gives."""
    steps[0, 0] += 1 << (header.precision - header.shift - 1)
    if header.predictor == 1:  # left
        steps[:, 0] = np.cumsum(steps[:, 0], axis=0)
        return np.cumsum(steps, axis=1) & 0xFFFF
    if header.predictor == 2:  # above
        steps[0] = np.cumsum(steps[0], axis=0)
        return np.cumsum(steps, axis=0) & 0xFFFF
    if header.predictor == 4:  # left + above - the one between
        return np.cumsum(np.cumsum(steps, axis=0), axis=1) & 0xFFFF
    predict = OTHERS[header.predictor]
    for part in np.moveaxis(steps, -1, 0):
        lines = part.tolist()
        lines[0] = [value & 0xFFFF for value in accumulate(lines[0])]
        for before, line in pairwise(lines):
            line[0] = (line[0] + before[0]) & 0xFFFF
            for place in range(1, len(line)):
                guess = predict(line[place - 1], before[place], before[place - 1])
                line[place] = (line[place] + guess) & 0xFFFF
        part[:] = lines
    return steps
