"""Packs pictures in lossless JPEG (ITU-T T.81, process 14), as the formulas of the standard have it."""

import struct

import numpy as np
import pydicom
from dicom_files import filled, header, write
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGLossless

PREDICTORS = {
    1: lambda left, above, between: left,
    2: lambda left, above, between: above,
    3: lambda left, above, between: between,
    4: lambda left, above, between: left + above - between,
    5: lambda left, above, between: left + ((above - between) >> 1),
    6: lambda left, above, between: above + ((left - between) >> 1),
    7: lambda left, above, between: (left + above) >> 1,
}


def segment(marker, content):
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def packed(pixels, predictor=1, precision=16, restart=0):
    """Pack pixels, shape (rows, columns) or (rows, columns, components); restart after so many lines."""
    values = np.atleast_3d(pixels).astype(int).tolist()
    rows, columns, parts = len(values), len(values[0]), len(values[0][0])
    table = b"\0" + bytes([0, 0, 0, 0, 17] + 11 * [0]) + bytes(range(17))  # each code has 5 bits
    frame = struct.pack(">BHHB", precision, rows, columns, parts)
    frame += b"".join(bytes([number, 0x11, 0]) for number in range(parts))
    scan = bytes([parts]) + b"".join(bytes([number, 0]) for number in range(parts)) + bytes([predictor, 0, 0])
    content = b"\xff\xd8" + segment(0xC3, frame) + segment(0xC4, table)
    content += segment(0xDD, struct.pack(">H", restart * columns)) if restart else b""
    content += segment(0xDA, scan)
    for number, first in enumerate(range(0, rows, restart or rows)):
        content += bytes([0xFF, 0xD0 + (number - 1) % 8]) if number else b""
        content += _bits(values[first : first + (restart or rows)], PREDICTORS[predictor], 1 << (precision - 1))
    return content + b"\xff\xd9"


def _bits(lines, predict, middle):
    bits = []
    for row, line in enumerate(lines):
        for column, pixel in enumerate(line):
            for part, value in enumerate(pixel):
                left = line[column - 1][part] if column else 0
                above = lines[row - 1][column][part] if row else 0
                between = lines[row - 1][column - 1][part] if row and column else 0
                if row and column:
                    guess = predict(left, above, between)
                else:
                    guess = left if column else above if row else middle
                bits.append(_coded((value - guess + 2**15) % 2**16 - 2**15))
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8).replace(b"\xff", b"\xff\0")


def _coded(step):
    if step == -(2**15):
        return f"{16:05b}"
    size = abs(step).bit_length()
    return f"{size:05b}" + (f"{step if step > 0 else step + (1 << size) - 1:0{size}b}" if size else "")


def write_packed(path, content, shape, **more):
    """Write a DICOM file with a packed picture."""
    data = write(path, filled(header(**more), np.zeros(shape, np.uint16))) and pydicom.dcmread(path)
    data.PixelData = encapsulate([content])
    data["PixelData"].is_undefined_length = True
    data["PixelData"].VR = "OB"
    data.file_meta.TransferSyntaxUID = JPEGLossless
    pydicom.dcmwrite(path, data, enforce_file_format=True)
    return path
