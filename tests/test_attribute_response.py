"""Whether an evaluation sees that images show the attributes that were asked for."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from segpaint.cli import main
from segpaint.core.diffusion.network import build_network
from segpaint.core.diffusion.network_files import write_checkpoint
from segpaint.core.labels.attributes import Attribute
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.evaluation.attribute_response import Classifier, measure_attributes
from segpaint.evaluation.batches import plan_cases
from segpaint.training.dataset import read_data_set

PATHOLOGY = Attribute(name="pathology", values=("benign", "malignant"))


@pytest.fixture(scope="module")
def known_data(tiny_data, tmp_path_factory):
    """A data set in which malignant images are the negatives of benign ones."""
    folder = shutil.copytree(tiny_data, tmp_path_factory.mktemp("known") / "drawn")
    rows = ["name,pathology"]
    for number, path in enumerate(sorted(folder.glob("images/*/*.png"))):
        rows.append(f"{path.name},{('benign', 'malignant')[number % 2]}")
        if number % 2:
            with Image.open(path) as image:
                Image.fromarray(255 - np.asarray(image)).save(path)
    (folder / "attributes.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def knowing(tiny_checkpoint, known_data, tmp_path_factory):
    """A checkpoint that has not learnt anything of pathology, with a segmenter."""
    folder = tmp_path_factory.mktemp("knowing") / "knowing"
    tiny = read_checkpoint(tiny_checkpoint).description
    torch.manual_seed(3)
    network = build_network(
        size=tiny.size, channels=1, conditioning_channels=len(tiny.labels), widths=(32, 32),
        space_to_depth=tiny.space_to_depth, attention_head_dim=8, combinations=3,
    )  # fmt: skip
    torch.nn.init.normal_(network.unet.class_embedding.weight)
    scheduler = json.loads((tiny_checkpoint / "scheduler" / "scheduler_config.json").read_text())
    knowing = tiny.model_copy(update={"attributes": (PATHOLOGY,)})
    write_checkpoint(folder, knowing, network, scheduler, "# Knowing\n\nA network to test with.\n")
    assert main(["train-segmenter", str(known_data), "--checkpoint", str(folder), "--steps", "40"]) == 0
    return folder


def test_a_rare_value_counts_as_much_as_a_common_one():
    rng = np.random.default_rng(0)
    values = (np.arange(400) % 20 == 0).astype(np.int64)
    features = rng.normal(size=(400, 5)) + values[:, None] * [3, 0, 0, 0, 0]
    seen = Classifier(features, values)(features)
    assert (seen[values == 1] == 1).mean() > 0.8
    assert (seen[values == 0] == 0).mean() > 0.8


def test_features_that_mean_nothing_are_no_better_than_chance():
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2, 400)
    classify = Classifier(rng.normal(size=(400, 5)), values)
    assert (classify(rng.normal(size=(400, 5))) == values).mean() == pytest.approx(0.5, abs=0.1)


def test_images_that_show_what_was_asked_for_are_told_from_those_that_do_not(known_data):
    data = read_data_set(known_data, attributes=["pathology"])
    plan = plan_cases(
        data.val, data.table, (), masks=2, per_mask=1, per_label=0, per_value=4, attributes=data.attributes
    )
    rows = {place: data.val.images[data.val.attributes[:, 0] == place] for place in (1, 2)}
    following = {
        batch.name: np.resize(rows[place], data.val.images[batch.rows].shape)
        for place, batch in enumerate(plan.asked.values(), start=1)
    }

    def brightness(images, _masks):
        return images.reshape(len(images), -1)[:, ::7].astype(float)

    figures = measure_attributes(data, plan, following, brightness)["pathology"]
    shares = ("agrees", "above", "own", "found", "ranked")
    assert [figures[share] for share in shares] == [1] * 5
    first, second = (batch.name for batch in plan.asked.values())
    ignoring = {first: following[second], second: following[first]}
    ignored = measure_attributes(data, plan, ignoring, brightness)["pathology"]
    assert [ignored[share] for share in shares] == [0, 0, 0, 1, 1]
    # A little of what was asked for, on images that are all far on one side.
    slight = {
        first: following[first],
        second: np.clip(following[first] * 0.9 + following[second] * 0.1, 0, 255).astype(np.uint8),
    }
    nearer = measure_attributes(data, plan, slight, brightness)["pathology"]
    assert (nearer["agrees"], nearer["above"]) == (0.5, 1)
    unknown = replace(data, train=replace(data.train, attributes=np.zeros_like(data.train.attributes)))
    assert measure_attributes(unknown, plan, following, brightness) == {}


def test_an_evaluation_reports_the_attributes(knowing, known_data, tiny_data, tmp_path):
    words = [
        "evaluate", "--checkpoint", str(knowing), "--steps", "2", "--masks", "3", "--per-label", "1",
        "--per-value", "3", "--json", str(tmp_path / "figures.json"), "--data",
    ]  # fmt: skip
    assert main([*words, str(known_data)]) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())["attributes"]["pathology"]
    assert {value: row["asked"] for value, row in figures["values"].items()} == {"benign": 2, "malignant": 2}
    assert figures["found"] == 1  # negatives are easily told
    assert 0 <= figures["agrees"] <= 1
    assert "sees the value that was asked for" in (tmp_path / "figures" / "report.md").read_text()
    asked = sorted((tmp_path / "figures" / "images").glob("attribute-*"))
    assert len({path.read_bytes() for path in asked}) == len(asked)
    words[words.index("--json") + 1] = str(tmp_path / "others.json")
    assert main([*words, str(tiny_data)]) == 0  # which knows no attributes
    assert "attributes" not in json.loads((tmp_path / "others.json").read_text())
