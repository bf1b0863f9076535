"""Feature networks that a user names are read, fed as they want it, and run no code of Python."""

import json
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from feature_networks import Maps, Mixed, Pieces, write_script

from segpaint.core.errors import SegPaintError
from segpaint.evaluation.feature_network import open_features

CPU = torch.device("cpu")


def described(folder, images, **wanted):
    if wanted:
        (folder / "features.json").write_text(json.dumps(wanted))
    return open_features(folder, CPU)(images)


def level(value, count=1, channels=1, size=32):
    return np.full((count, channels, size, size), value, np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_levels_reach_the_network_as_it_wants_them(tmp_path, channels):
    write_script(tmp_path / "levels.pt")
    images = level(255, 40, channels)
    assert described(tmp_path, images) == pytest.approx(np.full((40, 8), 1.0))
    assert described(tmp_path, images, mean=0, std=1 / 255) == pytest.approx(np.full((40, 8), 255), rel=1e-5)


def test_images_are_brought_to_the_size_and_channels_of_the_network(tmp_path):
    write_script(tmp_path / "maps.torchscript", Maps, channels=1)
    found = described(tmp_path, level(51, channels=3), size=64, channels=1, mean=0, std=1)
    assert found == pytest.approx(np.array([[0.2]]))


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_pickled_weights_are_refused_and_run_nothing(tmp_path):
    torch.save({"weights": Evil(tmp_path / "pickled")}, tmp_path / "features.pt")
    with pytest.raises(SegPaintError, match="pickled weights, which can run any code"):
        open_features(tmp_path, CPU)
    assert not (tmp_path / "pickled").exists()


@pytest.mark.parametrize("part", ["data.pkl", "constants.pkl"])
def test_a_pickle_inside_torchscript_runs_nothing(tmp_path, part):
    whole = write_script(tmp_path / "whole.pt.old")
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(tmp_path / "features.pt", "w") as target:
        for name in source.namelist():
            is_evil = name.endswith(f"/{part}")
            target.writestr(name, pickle.dumps(Evil(tmp_path / "run"), 2) if is_evil else source.read(name))
    with pytest.raises(SegPaintError, match="cannot be read as a network in TorchScript"):
        open_features(tmp_path, CPU)
    assert not (tmp_path / "run").exists()


def test_a_damaged_byte_is_found_before_torch_reads_it(tmp_path):
    path = write_script(tmp_path / "features.pt")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        damaged = archive.read(next(name for name in archive.namelist() if name.endswith("/constants.pkl")))
    content[content.index(damaged) + len(damaged) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SegPaintError, match="is damaged; export the network again"):
        open_features(tmp_path, CPU)


def test_a_folder_without_one_network_gets_a_sentence(tmp_path):
    with pytest.raises(SegPaintError, match="There is no folder"):
        open_features(tmp_path / "missing", CPU)
    with pytest.raises(SegPaintError, match="holds 0 TorchScript files"):
        open_features(tmp_path, CPU)
    for name in ("a.pt", "b.torchscript"):
        write_script(tmp_path / name)
    with pytest.raises(SegPaintError, match="holds 2 TorchScript files"):
        open_features(tmp_path, CPU)


def test_what_is_no_feature_gets_a_sentence(tmp_path):
    write_script(tmp_path / "pieces.pt", Pieces)
    with pytest.raises(SegPaintError, match="returns no features of the shape"):
        described(tmp_path, level(0))


def test_images_that_the_network_cannot_take_get_a_sentence(tmp_path):
    write_script(tmp_path / "mixed.pt", Mixed)
    with pytest.raises(SegPaintError, match="cannot take images of the shape"):
        described(tmp_path, level(0), channels=1)
    with pytest.raises(SegPaintError, match=r"features\.json"):
        described(tmp_path, level(0), sizes=8)
