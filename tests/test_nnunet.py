"""nnU-Net itself reads a set in its layout: it checks, plans, prepares, and trains on it.

Its installation takes a minute, so it is in an extra of its own, nnunet. It brings torchvision, and one of
another build than torch keeps diffusers from being imported. So nnU-Net may also be in an environment of its
own, whose Python the variable NNUNET_PYTHON names.
"""

import importlib.util
import json
import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from set_files import pixels, rows

from segpaint.cli import main
from segpaint.io.image_files import encode_mask

PYTHON = os.environ.get("NNUNET_PYTHON") or sys.executable
pytestmark = pytest.mark.skipif(
    sys.executable == PYTHON and importlib.util.find_spec("nnunetv2") is None,
    reason="needs the extra segpaint[nnunet], or a Python with nnunetv2 in NNUNET_PYTHON",
)
SCRIPT = """
import json, os, shutil, sys
from pathlib import Path
import numpy as np
import torch
from nnunetv2.experiment_planning import plan_and_preprocess_api as steps
from nnunetv2.imageio.natural_image_reader_writer import NaturalImage2DIO
from nnunetv2.run.run_training import get_trainer_from_args

raw, prepared = (Path(folder) / "Dataset001_Set" for folder in sys.argv[1:3])
steps.extract_fingerprints([1], num_processes=1, check_dataset_integrity=True)
steps.plan_experiments([1])
steps.preprocess([1], configurations=("2d",), num_processes=(1,))
shutil.copy(raw / "splits_final.json", prepared)
os.environ["nnUNet_n_proc_DA"] = "0"
trainer = get_trainer_from_args("1", "2d", 0, device=torch.device("cpu"))
trainer.num_epochs, trainer.num_iterations_per_epoch, trainer.num_val_iterations_per_epoch = 1, 2, 1
trainer.run_training()
reader, arrays = NaturalImage2DIO(), {}
for path in raw.glob("labelsTr/*.png"):
    arrays[f"{path.stem} image"] = reader.read_images([str(raw / "imagesTr" / f"{path.stem}_0000.png")])[0]
    arrays[f"{path.stem} mask"] = reader.read_seg(str(path))[0]
np.savez(sys.argv[3], **arrays)
labels = trainer.label_manager
found = [trainer.do_split(), labels.ignore_label, labels.foreground_labels]
Path(sys.argv[4]).write_text(json.dumps(found, default=int))
"""


def test_nnunet_checks_prepares_and_trains_on_a_set(tmp_path, tiny_checkpoint, drawn_mask, table):
    (tmp_path / "masks").mkdir()
    for number in range(4):
        moved = np.roll(drawn_mask, number, axis=1)
        (tmp_path / "masks" / f"moved-{number}.png").write_bytes(encode_mask(moved, table))
    content = {
        "checkpoints": [str(tiny_checkpoint)], "masks": ["masks"], "steps": 1, "layout": "nnunet",
        "subsets": [None, ["body", "heart"]], "validation": 0.25,
    }  # fmt: skip
    (tmp_path / "set.json").write_text(json.dumps(content))
    folder = tmp_path / "raw" / "Dataset001_Set"
    words = ["generate", "--set", str(tmp_path / "set.json"), "--out", str(folder), "--device", "cpu"]
    assert main([*words, f"--checkpoint={tiny_checkpoint}"]) == 0

    places = {name: tmp_path / name for name in ("raw", "preprocessed", "results")}
    environment = {
        **os.environ, **{f"nnUNet_{name}": str(place) for name, place in places.items()},
        "nnUNet_compile": "f", "OMP_WAIT_POLICY": "PASSIVE",
    }  # fmt: skip
    for place in places.values():
        place.mkdir(exist_ok=True)
    found = tmp_path / "found.npz", tmp_path / "found.json"
    done = subprocess.run(
        [PYTHON, "-c", SCRIPT, places["raw"], places["preprocessed"], *found],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "verify_dataset_integrity Done" in done.stdout
    assert "This split has 6 training and 2 validation cases." in done.stdout

    splits, ignored, labels = json.loads(found[1].read_text())
    made = rows(folder)
    for split, names in zip(("train", "val"), splits, strict=True):
        assert names == [row["name"] for row in made if row["split"] == split]
    assert (labels, ignored) == ([1, 2, 3], 4)
    loss = re.findall(r"train_loss (\S+)", done.stdout)
    assert len(loss) == 1
    assert math.isfinite(float(loss[0]))
    with np.load(found[0]) as arrays:
        assert len(arrays) == 16
        for row in made:
            np.testing.assert_array_equal(arrays[f"{row['name']} image"][0, 0], pixels(folder / row["image"]))
            np.testing.assert_array_equal(arrays[f"{row['name']} mask"][0, 0], pixels(folder / row["mask"]))
        assert any((arrays[f"{row['name']} mask"] == ignored).any() for row in made)
