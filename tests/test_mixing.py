"""A segmenter that learns from real slices and from made pairs."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.training.dataset import read_data_set
from segpaint.training.mixing import mixed, taken


@pytest.fixture(scope="module")
def data(tiny_data):
    return read_data_set(tiny_data)


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny_checkpoint, mask_file):
    """A set of five pairs."""
    folder = tmp_path_factory.mktemp("made")
    content = {
        "checkpoints": [str(tiny_checkpoint)], "masks": [str(mask_file)], "steps": 1, "seeds": {"count": 5},
        "subsets": [["body", "bone"]],
    }  # fmt: skip
    (folder / "set.json").write_text(json.dumps(content))
    words = ["generate", "--set", str(folder / "set.json"), "--out", str(folder / "pairs"), "--device", "cpu"]
    assert main([*words, f"--checkpoint={tiny_checkpoint}"]) == 0
    return folder / "pairs"


def test_half_of_what_is_drawn_is_real_and_nothing_is_left_out(data, made):
    pairs = read_data_set(made)
    both = mixed(data, [pairs])
    half = len(data.train)
    assert half > len(pairs.train) == 5
    assert len(both.train) == 2 * half
    assert both.train.names[:half] == data.train.names
    assert set(both.train.names[half:]) == set(pairs.train.names)
    np.testing.assert_array_equal(both.train.images[half : half + 5], pairs.train.images)
    assert both.train.annotated[half:, 1].tolist() == [False] * half  # the heart was left to the model
    assert both.val is data.val


def test_few_real_slices_are_repeated(data, made):
    few = taken(data.train, np.arange(2))
    both = mixed(data, [read_data_set(made), read_data_set(made)])
    small = mixed(replace(data, train=few), [read_data_set(made)])
    assert small.train.names[:5] == [few.names[row % 2] for row in range(5)]
    assert len(small.train) == 10
    assert len(both.train) == 2 * max(len(data.train), 10)


def test_a_segmenter_states_how_many_pairs_were_made(tiny_data, tiny_checkpoint, made, tmp_path):
    words = ["train-segmenter", str(tiny_data), "--checkpoint", str(tiny_checkpoint), "--steps", "1"]
    assert main([*words, "--out", str(tmp_path / "better"), "--also", str(made), "--widths", "16", "16"]) == 0
    told = json.loads((tmp_path / "better" / "segmenter" / "segmenter.json").read_text())["training"]
    assert (told["images"], told["made pairs"]) == (len(read_data_set(tiny_data).train), 5)


def test_the_unseen_patients_may_be_those_of_test(tiny_data, tiny_checkpoint, tmp_path, capfd):
    folder = shutil.copytree(tiny_data, tmp_path / "data")
    for place in (folder / "images", folder / "masks" / "all"):
        (place / "val").rename(place / "test")
    words = ["train-segmenter", str(folder), "--checkpoint", str(tiny_checkpoint), "--steps", "1"]
    out = ["--out", str(tmp_path / "plain"), "--widths", "16", "16"]
    assert main([*words, *out, "--split", "test"]) == 0
    told = json.loads((tmp_path / "plain" / "segmenter" / "segmenter.json").read_text())["training"]
    assert told["dice measured on"] == "unseen slices"


def test_the_segmenter_of_a_checkpoint_learns_from_real_slices_alone(tiny_data, tiny_checkpoint, made, capfd):
    words = ["train-segmenter", str(tiny_data), "--checkpoint", str(tiny_checkpoint), "--also", str(made)]
    assert main(words) == 2
    assert "--also belongs to --out" in capfd.readouterr().err
    assert not (tiny_checkpoint / "segmenter").exists()


@pytest.mark.parametrize("harm", ["labels", "size"])
def test_pairs_of_another_kind_get_a_sentence(data, made, harm):
    pairs = read_data_set(made)
    if harm == "labels":
        other = replace(pairs, table=type(data.table)(data.table.labels[:2]))
        problem = "The labels of .* are not those of"
    else:
        train = replace(pairs.train, images=pairs.train.images[:, :, :16, :16])
        other = replace(pairs, train=train)
        problem = "make them alike"
    with pytest.raises(SegPaintError, match=problem):
        mixed(data, [other])
