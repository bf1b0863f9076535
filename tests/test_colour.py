"""Colour images, from training to the file."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from segpaint.cli import main
from segpaint.core.requests.checkpoint import read_checkpoint

RED, BLUE = (220, 40, 30), (20, 60, 200)


@pytest.fixture(scope="module")
def colour_checkpoint(tmp_path_factory):
    """Trained on red discs before blue, for a few dozen steps."""
    folder = tmp_path_factory.mktemp("colour")
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:16, :16]
    for split, count in (("train", 8), ("val", 2)):
        for kind in (f"images/{split}", f"masks/all/{split}"):
            (folder / "data" / kind).mkdir(parents=True)
        for number in range(count):
            row, column = rng.uniform(5, 11, 2)
            mask = ((rows - row) ** 2 + (columns - column) ** 2 < 20).astype(np.uint8)
            image = np.where(mask[..., None], RED, BLUE).astype(np.uint8)
            Image.fromarray(image).save(folder / "data/images" / split / f"{number}.png")
            Image.fromarray(mask).save(folder / "data/masks/all" / split / f"{number}.png")
    labels = [{"index": 1, "name": "polyp", "color": "#dd2211"}]
    (folder / "data/labels.json").write_text(json.dumps({"modality": "ES", "labels": labels}))
    out = folder / "discs"
    words = ["train", str(folder / "data"), "--out", str(out), "--fold", "2", "--widths", "32,32"]
    learning = [
        "--batch-size", "8", "--learning-rate", "1e-2", "--ema-power", "0.4", "--augment-share", "0",
        "--max-steps", "60",
    ]  # fmt: skip
    assert main([*words, *learning]) == 0
    return out


def pixels(path):
    with Image.open(path) as image:
        assert image.mode == "RGB"
        return np.asarray(image).copy()


def test_a_colour_model_paints_in_its_colours(colour_checkpoint, tmp_path):
    assert read_checkpoint(colour_checkpoint).description.channels == 3
    mask = np.zeros((16, 16), np.uint8)
    mask[4:12, 4:12] = 1
    Image.fromarray(mask).save(tmp_path / "mask.png")
    words = ["--checkpoint", str(colour_checkpoint), "--device", "cpu"]
    made = ["generate", str(tmp_path / "mask.png"), "--out", str(tmp_path / "out"), "--guidance", "1.5", *words]
    assert main(made) == 0
    image = pixels(tmp_path / "out/mask.png").astype(int)
    assert image.shape == (16, 16, 3)
    red, _, blue = image[mask == 1].mean(axis=0)
    assert red > blue + 40
    red, _, blue = image[mask == 0].mean(axis=0)
    assert blue > red + 40
    again = ["generate", "--request", str(tmp_path / "out/mask.json"), "--out", str(tmp_path / "again"), *words]
    assert main(again) == 0
    assert (tmp_path / "again/mask.png").read_bytes() == (tmp_path / "out/mask.png").read_bytes()


def test_the_samples_of_a_colour_training_are_in_colour(colour_checkpoint):
    samples = pixels(colour_checkpoint / "samples.png")
    assert tuple(samples[0, 0]) == BLUE  # the corner of a real image


def test_a_colour_model_is_fine_tuned(colour_checkpoint, tmp_path):
    data = shutil.copytree(colour_checkpoint.parent / "data", tmp_path / "data")
    words = ["train", str(data), "--out", str(tmp_path / "finer"), "--init-from", str(colour_checkpoint)]
    assert main([*words, "--batch-size", "2", "--max-steps", "1"]) == 0
    assert read_checkpoint(tmp_path / "finer").description.channels == 3
