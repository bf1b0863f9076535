"""Checkpoints from elsewhere: what would fill the memory, take minutes or deceive is refused in a sentence."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from segpaint.core.diffusion.network_files import load_network, read_scheduler_config
from segpaint.core.diffusion.segmenter import load_segmenter
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import NETWORK_CONFIG, SCHEDULER_CONFIG, WEIGHTS, read_checkpoint

CPU = torch.device("cpu")
LOADS = {
    WEIGHTS: lambda folder: load_network(read_checkpoint(folder), CPU),
    "segmenter/model.safetensors": lambda folder: load_segmenter(folder, CPU),
}


@pytest.fixture
def folder(judged_checkpoint, tmp_path):
    return shutil.copytree(judged_checkpoint, tmp_path / "copy")


def change(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"layers_per_block": 100_000},
        {"block_out_channels": [32] * 50},
        {"block_out_channels": [32, 1_000_000]},
        {"block_out_channels": [2048, 2048]},
        {"layers_per_block": 16, "block_out_channels": [1024, 1024]},
        {"in_channels": 10**9},
        {"layers_per_block": "many"},
        {"block_out_channels": None},
        {"norm_num_groups": 0},
        {"down_block_types": 7},
        {"sample_size": [[1] * 20]},
    ],
    ids=str,
)
def test_a_network_that_would_fill_the_memory_is_refused(folder, changes):
    change(folder / NETWORK_CONFIG, **changes)
    with pytest.raises(SegPaintError, match=r"config\.json"):
        load_network(read_checkpoint(folder), CPU)


@pytest.mark.parametrize(
    "changes",
    [{"num_train_timesteps": 10**9}, {"num_train_timesteps": "x"}, {"beta_schedule": 3}],
    ids=str,
)
def test_a_schedule_that_is_endless_or_of_other_types_is_refused(folder, changes):
    change(folder / SCHEDULER_CONFIG, **changes)
    with pytest.raises(SegPaintError, match=r"scheduler_config\.json"):
        read_scheduler_config(read_checkpoint(folder))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", [WEIGHTS, "segmenter/model.safetensors"])
def test_weights_that_are_no_numbers_are_told(folder, name, value):
    weights = load_file(folder / name)
    next(iter(weights.values())).view(-1)[0] = value
    save_file(weights, folder / name, metadata={"format": "pt"})
    with pytest.raises(SegPaintError, match="safetensors holds values that are no numbers"):
        LOADS[name](folder)


@pytest.mark.parametrize("kind", ["int8", "uint8", "int64", "bool", "complex64", "float8_e4m3fn"])
@pytest.mark.parametrize("name", [WEIGHTS, "segmenter/model.safetensors"])
def test_weights_of_packed_types_are_told(folder, name, kind):
    weights = {key: value.to(getattr(torch, kind)) for key, value in load_file(folder / name).items()}
    save_file(weights, folder / name, metadata={"format": "pt"})
    with pytest.raises(SegPaintError, match=f"weights of the type {kind}"):
        LOADS[name](folder)


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("name", [WEIGHTS, "segmenter/model.safetensors"])
def test_weights_of_other_precisions_are_read(folder, name, kind):
    weights = {key: value.to(getattr(torch, kind)) for key, value in load_file(folder / name).items()}
    save_file(weights, folder / name, metadata={"format": "pt"})
    LOADS[name](folder)


def test_weights_beyond_single_precision_are_told(folder):
    weights = {key: value.double() for key, value in load_file(folder / WEIGHTS).items()}
    next(iter(weights.values())).view(-1)[0] = 1e300
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(SegPaintError, match="holds values that are no numbers"):
        LOADS[WEIGHTS](folder)


@pytest.mark.parametrize("changes", [{"index": 9}, {"name": "tumour"}], ids=str)
def test_a_segmenter_of_other_labels_is_told(folder, changes):
    path = folder / "segmenter" / "segmenter.json"
    content = json.loads(path.read_text())
    content["labels"][2].update(changes)
    path.write_text(json.dumps(content))
    with pytest.raises(SegPaintError, match="is of another checkpoint: its label"):
        load_segmenter(folder, CPU)


def test_a_segmenter_with_fewer_labels_than_channels_is_told(folder):
    path = folder / "segmenter" / "segmenter.json"
    content = json.loads(path.read_text())
    content["labels"].pop()
    path.write_text(json.dumps(content))
    with pytest.raises(SegPaintError, match="output channels"):
        load_segmenter(folder, CPU)


def test_unknown_words_of_a_configuration_do_not_reach_the_terminal(folder, capfd):
    change(folder / NETWORK_CONFIG, **{"\x1b]52;c;eA==\x07": 1})
    change(folder / SCHEDULER_CONFIG, **{"\x1b]52;c;eA==\x07": 1})
    load_network(read_checkpoint(folder), CPU)
    read_scheduler_config(read_checkpoint(folder))
    printed = capfd.readouterr()
    assert "\x1b" not in printed.out + printed.err


@pytest.mark.parametrize("spacing", [0, -1.5, "NaN", "Infinity"])
def test_a_pixel_without_a_size_is_refused(folder, spacing):
    content = json.loads((folder / "segpaint.json").read_text())
    written = json.dumps({**content, "pixel_spacing": "HERE"}).replace('"HERE"', str(spacing))
    (folder / "segpaint.json").write_text(written)
    with pytest.raises(SegPaintError, match="pixel_spacing"):
        read_checkpoint(folder)


def test_a_card_in_an_old_code_page_is_read(folder):
    (folder / "README.md").write_bytes("# Herzhöhle".encode("cp1252"))
    assert read_checkpoint(folder).card == "# Herzhöhle"


def test_what_is_shipped_is_within_the_bounds(tiny_checkpoint):
    network = load_network(read_checkpoint(tiny_checkpoint), CPU)
    assert all(np.isfinite(value.numpy()).all() for value in network.state_dict().values())
