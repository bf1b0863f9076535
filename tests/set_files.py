"""Reads what a set or a result on the disk consists of."""

import csv
import json

import numpy as np
from PIL import Image

from segpaint.cli import main
from segpaint.io.image_files import encode_mask

SEGPAINT = """
import signal, sys
# A shell starts what it runs in the background deaf to Ctrl+C, the tests perhaps.
signal.signal(signal.SIGINT, signal.default_int_handler)
from segpaint.cli import main
sys.exit(main())
"""
"""A program that runs a command, and hears Ctrl+C wherever it was started."""


def make_set(checkpoint, specification, out, *options, code=0):
    """Make a set, or a part of one, with the command; returns its folder."""
    words = ["generate", "--set", str(specification), "--out", str(out), "--device", "cpu"]
    assert main([*words, f"--checkpoint={checkpoint}", *options]) == code
    return out


def specify_set(folder, checkpoint, mask, table, named="moved-{}.png", **usual):
    """Write two masks into a folder; returns what writes a specification there, which keywords change."""
    (folder / "masks").mkdir()
    for number in range(2):
        path = folder / "masks" / named.format(number)
        path.write_bytes(encode_mask(np.roll(mask, number, axis=1), table))

    def write(name="set.json", **changes):
        content = {
            "checkpoints": [str(checkpoint)], "masks": ["masks"], "steps": 1,
            "subsets": [None, ["body", "heart"]], "validation": 0.5, **usual, **changes,
        }  # fmt: skip
        (folder / name).write_text(json.dumps(content))
        return folder / name

    return write


def rows(folder):
    """The lines of a set's manifest, by column."""
    with (folder / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def files(folder):
    """The content of every file that is part of a set."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path: (folder / path).read_bytes() for path in paths if not path.name.startswith(".")}


def pixels(path):
    """The pixels of a picture."""
    with Image.open(path) as image:
        return np.asarray(image).copy()


def noted(folder):
    """What each maker has noted of the pairs that it wrote."""
    return [
        tuple(json.loads(line)[:2])
        for path in folder.glob(".segpaint/.whole-*")
        for line in path.read_text().splitlines()
    ]
