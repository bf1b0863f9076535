"""The guide's page of the whole way: its commands run as they stand, with options that make them small."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest
from set_files import files, rows

from segpaint.cli import main

PAGE = Path(__file__).parent.parent / "resources" / "guide" / "ten-scans.md"
SPLITS = "train", "val", "test"
SMALL = {
    "prepare": "--size 32",
    "train": "--max-steps 2 --widths 32,32 --batch-size 4 --picture-minutes 1000 --device cpu",
    "train-segmenter": "--steps 2 --batch-size 4 --widths 16 16",
    "sweep": "--steps 2 --amounts 2 --device cpu",
    "generate": "--device cpu",
    "evaluate": (
        "--masks 2 --per-label 1 --steps 1 --sampler ddim --labels tumour --downstream-patients 2 "
        "--downstream-seeds 1 --downstream-steps 1 --downstream-batch 2 --downstream-pairs 1 --device cpu"
    ),
}
"""What each command gets besides what the page gives; the later one of two options holds."""
PROGRAM = """#!{python} -ES
import json, sys
with open("asked", "w") as file:
    json.dump(sys.argv[1:], file)
with open("answered") as file:
    sys.exit(int(file.read()))
"""
"""Stands for the command in the shell: this process answers, since it has imported all that is slow."""


def write_scan(folder, number):
    """A body of 30 x 30 voxels with an organ and a tumour in it, in no two slices alike; named for nnU-Net."""
    rng = np.random.default_rng(number)
    image, labels = np.full((40, 40, 2), -1000, np.int16), np.zeros((40, 40, 2), np.uint8)
    image[5:35, 5:35] = rng.normal(0, 20, (30, 30, 2))
    labels[10:30, 10:28] = 1
    labels[15:20, 12 + number // 2 : 18 + number // 2] = 2
    labels[20, 14 + number, 0] = labels[22, 14 + number, 1] = 0
    image[labels == 1] += 100
    image[labels == 2] += 250
    for place, ending, values in (("imagesTr", "_0000", image), ("labelsTr", "", labels)):
        (folder / place).mkdir(parents=True, exist_ok=True)
        file = folder / place / f"case{number}{ending}.nii.gz"
        nibabel.save(nibabel.Nifti1Image(values, np.diag([1.0, 1.0, 5.0, 1.0])), file)


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.skipif(sys.platform == "win32", reason="the page is written for a shell of Unix")
def test_the_commands_of_the_page_run_one_after_the_other(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    for number in range(10):
        write_scan(tmp_path / "my-scans", number)
    description = {
        "channel_names": {"0": "CT"}, "labels": {"background": 0, "organ": 1, "tumour": 2},
        "numTraining": 10, "file_ending": ".nii.gz",
    }  # fmt: skip
    (tmp_path / "my-scans" / "dataset.json").write_text(json.dumps(description))
    (specification,) = blocks("json")
    (tmp_path / "my-set.json").write_text(specification)
    program = tmp_path / ".venv" / "bin" / "segpaint"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    for pipe in ("asked", "answered"):
        os.mkfifo(tmp_path / pipe)
    script = "\n".join(["trap '.venv/bin/segpaint' EXIT", *blocks("sh")])
    with subprocess.Popen(["bash", "-euc", script]) as shell:
        run = []
        while words := json.loads(Path("asked").read_text()):  # none when the shell is at its end
            run.append(words)
            code = main([*words, *SMALL.get(words[0], "").split()])
            Path("answered").write_text(str(code))
        Path("answered").write_text("0")
    shown = capfd.readouterr().err
    assert shell.returncode == 0, shown

    assert {words[0] for words in run} == {*SMALL, "set"}
    data = tmp_path / "my-data" / "masks" / "all"
    patients = {split: {path.name[:5] for path in (data / split).glob("*.png")} for split in SPLITS}
    assert [len(patients[split]) for split in SPLITS] == [6, 2, 2]
    edited = list((tmp_path / "my-edits" / "masks" / "b").glob("*.png"))
    assert edited
    made = rows(tmp_path / "my-pairs")
    assert len(made) == 2 * (len(edited) + len(list((data / "train").glob("*.png"))))
    halves = [rows(tmp_path / f"part{number}") for number in (1, 2)]
    assert [row["name"] for half in halves for row in half] == [row["name"] for row in made]
    assert len(files(tmp_path / "my-pairs")) > 2 * len(made)
    told = json.loads((tmp_path / "better" / "segmenter" / "segmenter.json").read_text())["training"]
    assert told["made pairs"] == len(made)
    assert told["images"] == len(list((data / "train").glob("*.png")))
    report = (tmp_path / "my-report" / "report.md").read_text()
    assert "rare" in report
    assert shown.count("tumour: Dice") == 3
