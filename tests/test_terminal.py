import csv
import io
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

import segpaint
from segpaint.cli import main
from segpaint.core.terminal import Terminal

CLIPBOARD = "\x1b]52;c;cm0gLXJm\x07"
RED = "\x1b[31m"
BACKWARDS = "\u202e"


def drawn(*names):
    """What a terminal gets to see of names."""
    stream = io.StringIO()
    Terminal(file=stream, width=200).print(*names)
    return stream.getvalue()


@pytest.mark.parametrize("name", [CLIPBOARD, RED, BACKWARDS, "\x9b31m", "\r", "\x08"], ids=ascii)
def test_control_characters_in_names_do_not_reach_the_terminal(name):
    assert not set(drawn(f"a{name}b")) & set("\x1b\x07\x9b\r\x08\u202e")


def test_other_names_are_shown_as_they_are():
    assert drawn("q[/] Müller 心 [bold]x") == "q[/] Müller 心 [bold]x\n"


def test_every_command_reports_to_this_terminal():
    package = Path(segpaint.__file__).parent
    assert [path.name for path in package.rglob("*.py") if re.search(r"\bConsole\(", path.read_text())] == []


@pytest.mark.parametrize("name", [CLIPBOARD, RED], ids=ascii)
def test_names_of_missing_files_do_not_control_the_terminal(name, capfd):
    for words in (["train", name], ["prepare", name], ["generate", name]):
        main([*words, "--out", "out"])
    told = capfd.readouterr().err
    assert "\\x1b" in told
    assert not set(told) & set("\x1b\x07")


def test_a_line_break_in_a_name_forges_no_sentence(capfd):
    main(["train", "data\nsegpaint: all is well", "--out", "out"])
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names")
def test_names_of_masks_do_not_control_the_terminal(tiny_checkpoint, mask_file, tmp_path, capfd):
    mask = shutil.copy(mask_file, tmp_path / f"q[bold]{RED}.png")
    words = ["generate", str(mask), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / f"out{RED}")]
    assert main([*words, "--device", "cpu", "--steps", "1"]) == 0
    told = capfd.readouterr().err
    assert "Images written to" in told
    assert "100 %" in told
    assert "\x1b" not in told


def test_no_cell_of_a_manifest_is_a_formula(tiny_checkpoint, mask_file, tmp_path):
    model = shutil.copytree(tiny_checkpoint, tmp_path / "=cmd")
    description = json.loads((model / "segpaint.json").read_text())
    description["labels"][0]["name"] = "=1+2"
    (model / "segpaint.json").write_text(json.dumps(description))
    content = {"checkpoints": [str(model)], "masks": [str(mask_file)], "steps": 1}
    (tmp_path / "set.json").write_text(json.dumps(content))
    out = tmp_path / "out"
    words = ["--set", str(tmp_path / "set.json"), "--checkpoint", str(model), "--out", str(out)]
    assert main(["generate", *words, "--device", "cpu"]) == 0
    with (out / "manifest.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["checkpoint"] == "'=cmd"
    assert row["used"].startswith("'=1+2;")
