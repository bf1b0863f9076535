"""The one way in for files: what it lets through, and what becomes of all else."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from pydantic import BaseModel

from segpaint.core import reading
from segpaint.core.errors import SegPaintError
from segpaint.core.reading import (
    READERS,
    open_picture,
    parse_json,
    read_bytes,
    read_json,
    read_model,
    read_text,
    reads,
)

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"


class Point(BaseModel):
    x: int


@pytest.fixture
def reader():
    """Make a reader of a function; the table of readers forgets it afterwards."""
    before = dict(READERS)
    yield lambda function: reads("a test")(function)
    READERS.clear()
    READERS.update(before)


def png_of_zeros(width, height, bits=16):
    """A grey PNG that packs well."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    # A block that refers to nothing before it is packed once, and repeated; the sum of zeros is known.
    size, packer = height * (1 + width * bits // 8), zlib.compressobj(9, zlib.DEFLATED, -15)
    block, last = (
        packer.compress(bytes(part)) + packer.flush(zlib.Z_FULL_FLUSH) for part in (2**20, size % 2**20)
    )
    checked = struct.pack(">I", (size % 65521) << 16 | 1)
    rows = b"\x78\xda" + size // 2**20 * block + last + packer.flush() + checked
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def encoded(image, kind="PNG", **settings):
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "raised",
    [
        ValueError("strange\nwords."),
        KeyError("size"),
        RecursionError(),
        MemoryError(),
        OverflowError("too large"),
        ZeroDivisionError(),
        np.linalg.LinAlgError("singular"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
        PermissionError(13, "Permission denied"),
        struct.error("unpack"),
        zlib.error("incorrect header"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_is_raised_is_a_sentence_that_names_the_file(reader, tmp_path, raised):
    @reader
    def fail(path):
        raise raised

    with pytest.raises(SegPaintError, match=r"a\.png cannot be read as a test: .+; .+\.$") as caught:
        fail(tmp_path / "a.png")
    assert "\n" not in str(caught.value)


def test_too_little_memory_has_a_remedy(reader, tmp_path):
    @reader
    def fail(path):
        raise MemoryError

    with pytest.raises(SegPaintError, match="not enough memory; close other programs"):
        fail(tmp_path / "a.png")


def test_a_missing_file_is_named(reader, tmp_path):
    with pytest.raises(SegPaintError, match=r"There is no file .*a\.png"):
        reader(read_bytes)(tmp_path / "a.png")
    with pytest.raises(SegPaintError, match="There is no file"):
        reader(read_bytes)(tmp_path / "a\0.png")


# ---- regular files alone


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "mask.png")
    with pytest.raises(SegPaintError, match="pipe or a device"):
        read_bytes(tmp_path / "mask.png")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="devices are files on POSIX")
def test_a_device_is_refused_even_through_a_link(tmp_path):
    (tmp_path / "mask.png").symlink_to("/dev/zero")
    with pytest.raises(SegPaintError, match="pipe or a device"):
        read_bytes(tmp_path / "mask.png")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(SegPaintError, match="is a folder; give a file"):
        read_bytes(tmp_path)


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "sparse.json").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(SegPaintError, match="1,048,576 MiB, and at most 4 MiB"):
        read_text(tmp_path / "sparse.json")


# ---- texts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_of_excel_and_notepad_are_read(tmp_path, encoding):
    mark = {"utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (tmp_path / "a.txt").write_bytes(mark + "1;Herzhöhle".encode(encoding))
    assert read_text(tmp_path / "a.txt") == "1;Herzhöhle"


def test_an_old_code_page_is_read_where_it_is_expected(tmp_path):
    (tmp_path / "a.txt").write_bytes("Herzhöhle".encode("cp1252"))
    assert read_text(tmp_path / "a.txt", old=True) == "Herzhöhle"
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "a.txt")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[0" + ",0" * 300_000 + "]"], ids=len)
def test_json_that_is_deep_or_endless_is_refused(tmp_path, reader, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(SegPaintError, match=r"a\.json cannot be read"):
        reader(read_json)(tmp_path / "a.json")


def test_a_number_of_many_digits_is_refused_or_read(tmp_path, reader):
    (tmp_path / "a.json").write_text('{"x": ' + "9" * 10_000 + "}")
    with pytest.raises(SegPaintError, match=r"a\.json cannot be read"):
        reader(lambda path: read_model(path, Point))(tmp_path / "a.json")


def test_json_is_parsed():
    assert parse_json('{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}


# ---- pictures


@pytest.mark.parametrize(
    ("start", "named"),
    [
        (POSTSCRIPT, "PostScript program, which is never run"),
        (b"%PDF-1.7\n", "PDF"),
        (bytes(128) + b"DICM" + bytes(64), "DICOM file; open it as a scan"),
        (bytes(344) + b"n+1\0" + bytes(64), "NIfTI; open it as a scan"),
        (b"NRRD0004\n", "NRRD"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", "DICOM"),
        (b"ObjectType = Image\nNDims = 3\n", "MetaImage"),
        (b"\x5c\x01\0\0" + bytes(344), "Analyze"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "video"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS\0\1", "Photoshop"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<!DOCTYPE html><html>not found</html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"\x93NUMPY\1\0", "NumPy"),
        (b"MATLAB 5.0 MAT-file", "MATLAB"),
        (b"", "it is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "damaged or no image"),
        (b"anything", "damaged or no image"),
    ],
)
def test_what_is_no_picture_is_named_with_a_way(tmp_path, start, named):
    (tmp_path / "mask.png").write_bytes(start)
    with pytest.raises(SegPaintError, match=named):
        open_picture(tmp_path / "mask.png")


def test_formats_that_start_programs_are_not_tried(tmp_path, monkeypatch):
    def run(*_words, **_named):
        raise AssertionError("a program was started")

    monkeypatch.setattr("subprocess.Popen", run)
    Image.init()
    assert "EPS" in Image.OPEN  # so that Pillow would
    (tmp_path / "mask.png").write_bytes(POSTSCRIPT)
    with pytest.raises(SegPaintError, match="PostScript"):
        open_picture(tmp_path / "mask.png")


@pytest.mark.parametrize("side", [6000, 9600, 13000, 20000], ids=str)
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, side):
    (tmp_path / "bomb.png").write_bytes(png_of_zeros(side, side))
    monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("it was unpacked"))
    with pytest.raises(SegPaintError, match="too many pixels"):
        open_picture(tmp_path / "bomb.png")


def test_many_pictures_of_one_file_are_counted_together(tmp_path, reader, monkeypatch):
    monkeypatch.setattr(reading, "MOST_DECODED", 3 * 64)
    small = encoded(Image.new("L", (8, 8)))

    @reader
    def read(path, times):
        return [open_picture(path, small).size for _ in range(times)]

    assert len(read(tmp_path / "a.json", 3)) == 3
    with pytest.raises(SegPaintError, match="too many pixels"):
        read(tmp_path / "a.json", 4)
    assert len(read(tmp_path / "a.json", 3)) == 3  # each file by itself


def test_a_long_comment_is_named(tmp_path):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("comment", "x" * 3_000_000, zip=True)
    content = encoded(Image.new("L", (8, 8)), pnginfo=notes)
    with pytest.raises(SegPaintError, match="comment of more than a megabyte"):
        open_picture(tmp_path / "a.png", content)


def test_pictures_lie_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # viewers turn it clockwise
    wide = np.zeros((8, 16), np.uint8)
    wide[:4] = 200
    for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        content = encoded(Image.fromarray(wide), kind, exif=exif)
        pixels = np.asarray(open_picture(tmp_path / "a", content).convert("L"))
        assert pixels.shape == (16, 8), kind
        assert pixels[:, 4:].min() > 100 > pixels[:, :4].max(), kind


def test_channels_of_16_bits_are_told(tmp_path):
    header = png_of_zeros(8, 8)
    assert "channel bits" not in open_picture(tmp_path / "a.png", header).info
    assert "channel bits" not in open_picture(tmp_path / "a.png", encoded(Image.new("RGB", (8, 8)))).info
