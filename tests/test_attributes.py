"""Attributes of the whole image: known to a data set, learnt beside the mask, asked for, and left out."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segpaint.api import open_checkpoint
from segpaint.cli import main
from segpaint.core.diffusion.network import build_network
from segpaint.core.diffusion.network_files import load_network
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.attributes import Attribute, AttributeTable, parse_attributes
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.request import Request
from segpaint.paired.plan import plan_pairs
from segpaint.paired.sources import NamedMask
from segpaint.paired.specification import Specification
from segpaint.training.dataset import read_data_set
from segpaint.training.finetune import Start
from segpaint.training.settings import TrainingSettings
from segpaint.training.trainer import Trainer
from segpaint.training.training_run import run_training

PATHOLOGY = Attribute(name="pathology", values=("benign", "malignant"))
SIDE = Attribute(name="side", values=("left", "middle", "right"))
TABLE = AttributeTable([PATHOLOGY, SIDE])


@pytest.fixture(scope="module")
def known_data(tiny_data, tmp_path_factory):
    """A data set in which pathology is known of all images but one, and side of none but two."""
    folder = shutil.copytree(tiny_data, tmp_path_factory.mktemp("known") / "drawn")
    rows = ["name,patient,pathology,side"]
    for number, path in enumerate(sorted(folder.glob("images/*/*.png"))):
        pathology = "" if number == 2 else ("benign", "malignant")[number % 2]
        rows.append(f"{path.name},{number},{pathology},{('left', '', 'right', '')[number % 4]}")
        if pathology == "malignant":
            with Image.open(path) as image:
                Image.fromarray(255 - np.asarray(image)).save(path)
    (folder / "attributes.csv").write_text("\n".join(rows) + "\n")
    return folder


def start(data, begin=None, **changes):
    defaults = {"name": "Tiny", "widths": (32, 32), "attention_head_dim": 8, "batch_size": 4}
    settled = begin.settled if begin is not None else {}
    settings = TrainingSettings(**{**defaults, **settled, **changes})
    return Trainer(data, settings, Accelerator(mixed_precision="no", cpu=True), begin)


@pytest.fixture(scope="module")
def knowing(known_data, tmp_path_factory):
    """A checkpoint that was trained for a moment on the pathology and side of images."""
    out = tmp_path_factory.mktemp("knowing") / "knowing"
    trainer = start(read_data_set(known_data, attributes=["pathology", "side"]), learning_rate=2e-2)
    run_training(trainer, out, max_steps=12)
    return out


@given(st.integers(0, TABLE.combinations - 1))
def test_every_combination_has_its_number(number):
    assert TABLE.number(TABLE.known(number)) == number


def test_nothing_known_is_zero_and_values_have_an_order():
    assert TABLE.combinations == 12
    assert TABLE.number({}) == 0
    assert TABLE.known(TABLE.number({"side": "right"})) == {"side": "right"}


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"grade": "4"}, "no attribute grade; it knows pathology, side"),
        ({"side": "top"}, "left, middle, right"),
    ],
)
def test_what_a_checkpoint_does_not_know_is_a_sentence(known, words):
    with pytest.raises(SegPaintError, match=words):
        TABLE.number(known)


@pytest.mark.parametrize("word", ["pathology", "=benign", "pathology=", "a=1 a=2"])
def test_a_word_that_gives_no_value_is_a_sentence(word):
    with pytest.raises(SegPaintError):
        parse_attributes(word.split())


def test_new_vectors_change_nothing():
    sizes = {"size": 16, "channels": 1, "conditioning_channels": 2, "space_to_depth": 1, "widths": (32, 32)}
    torch.manual_seed(1)
    network = build_network(**sizes, attention_head_dim=8, combinations=12).eval()
    inputs = torch.randn(2, 1, 16, 16), torch.tensor(500), torch.randn(2, 2, 16, 16)
    without = network(*inputs)
    assert torch.equal(without, network(*inputs, torch.tensor([3, 7])))


def test_a_data_set_lists_what_is_known(known_data):
    data = read_data_set(known_data, attributes=["pathology", "side"])
    assert [one.values for one in data.attributes] == [("benign", "malignant"), ("left", "right")]
    assert data.train.attributes[:4].tolist() == [[1, 1], [2, 0], [0, 2], [2, 0]]
    assert read_data_set(known_data).attributes == ()
    assert read_data_set(known_data).digest != data.digest


@pytest.mark.parametrize(
    ("text", "words"),
    [("name,side\na.png,left\n", "no column 'pathology'"), ("name,pathology\na.png,\n", "has 0 values")],
)
def test_a_table_without_the_attribute_is_a_sentence(known_data, tmp_path, text, words):
    folder = shutil.copytree(known_data, tmp_path / "drawn")
    (folder / "attributes.csv").write_text(text)
    with pytest.raises(SegPaintError, match=words):
        read_data_set(folder, attributes=["pathology"])


def test_attributes_are_left_out_at_random_in_training(known_data):
    data = read_data_set(known_data, attributes=["pathology"])
    trainer, seen = start(data, batch_size=6), []
    trainer.network.register_forward_pre_hook(lambda _module, inputs: seen.extend(inputs[3].tolist()))
    for _ in range(60):
        trainer.train_step()
    shares = np.bincount(seen, minlength=3) / len(seen)
    # One image of six is unknown. Of the others a quarter keeps the value, a tenth loses it, and the rest keeps
    # every second one.
    kept = 5 / 6 * (0.25 + 0.65 / 2)
    assert shares[1:].sum() == pytest.approx(kept, abs=0.08)


def test_the_checkpoint_lists_its_attributes_and_follows_them(knowing, drawn_mask):
    checkpoint = open_checkpoint(knowing, "cpu")
    assert [one.name for one in checkpoint.description.attributes] == ["pathology", "side"]
    assert "- pathology: benign, malignant, or unknown" in (knowing / "README.md").read_text()
    images = {
        value: checkpoint.generate(drawn_mask, steps=4, attributes={"pathology": value} if value else None)
        for value in ("", "benign", "malignant")
    }
    assert not np.array_equal(images["benign"].pixels, images["malignant"].pixels)
    assert not np.array_equal(images["benign"].pixels, images[""].pixels)
    assert images["benign"].request.attributes == {"pathology": "benign"}
    with pytest.raises(SegPaintError, match="no pathology cyst"):
        checkpoint.request(drawn_mask, attributes={"pathology": "cyst"})


def test_guidance_leads_away_from_an_unknown_attribute(knowing, drawn_mask):
    checkpoint = open_checkpoint(knowing, "cpu")
    plain, led = (
        checkpoint.generate(
            drawn_mask, used=(), steps=4, guidance=guidance, attributes={"pathology": "malignant"}
        )
        for guidance in (1.0, 3.0)
    )
    blank = [checkpoint.generate(drawn_mask, used=(), steps=4, guidance=guidance) for guidance in (1.0, 3.0)]
    assert not np.array_equal(plain.pixels, led.pixels)
    assert np.array_equal(blank[0].pixels, blank[1].pixels)


def test_requests_without_attributes_are_written_as_before(tiny_checkpoint, drawn_mask):
    request = Request.ask(read_checkpoint(tiny_checkpoint), drawn_mask, "float32")
    assert "attributes" not in json.loads(request.model_dump_json())
    known = request.model_copy(update={"attributes": {"pathology": "benign"}})
    assert Request.model_validate_json(known.model_dump_json()).attributes == {"pathology": "benign"}


def test_the_attributes_of_a_checkpoint_are_in_its_fingerprint(knowing, tmp_path):
    folder = shutil.copytree(knowing, tmp_path / "copy")
    description = json.loads((folder / "segpaint.json").read_text())
    description["attributes"][0]["values"].reverse()
    (folder / "segpaint.json").write_text(json.dumps(description))
    assert read_checkpoint(folder).fingerprint != read_checkpoint(knowing).fingerprint
    description["attributes"] = []
    (folder / "segpaint.json").write_text(json.dumps(description))
    with pytest.raises(SegPaintError, match="9 combinations"):
        load_network(read_checkpoint(folder), torch.device("cpu"))


def test_a_training_begins_with_what_a_checkpoint_knows_of_attributes(known_data, knowing, tiny_checkpoint):
    inputs = torch.randn(1, 1, 32, 32), torch.tensor(300), torch.zeros(1, 3, 32, 32)
    begin, table = Start(read_checkpoint(knowing)), read_data_set(known_data).table
    old = load_network(read_checkpoint(knowing), torch.device("cpu"))
    grade = Attribute(name="grade", values=("1", "2"))
    network = begin.network(table, 1, 32, (grade, PATHOLOGY)).eval()
    numbers, before = AttributeTable([grade, PATHOLOGY]), read_checkpoint(knowing).description.attribute_table
    for known in ({}, {"pathology": "malignant"}, {"pathology": "malignant", "grade": "2"}):
        kept = {name: value for name, value in known.items() if name == "pathology"}
        expected = old(*inputs, torch.tensor([before.number(kept)]))
        torch.testing.assert_close(network(*inputs, torch.tensor([numbers.number(known)])), expected)
    without = begin.network(table, 1, 32).eval()
    torch.testing.assert_close(without(*inputs), old(*inputs))
    plain = Start(read_checkpoint(tiny_checkpoint)).network(table, 1, 32, (PATHOLOGY,)).eval()
    reference = load_network(read_checkpoint(tiny_checkpoint), torch.device("cpu"))
    torch.testing.assert_close(plain(*inputs, torch.tensor([2])), reference(*inputs))


def test_attributes_are_in_the_names_and_the_tables_of_a_set(knowing, mask_file, tmp_path):
    asked = [{}, {"pathology": "benign"}, {"pathology": "malignant"}]
    content = {"checkpoints": [str(knowing)], "masks": [str(mask_file)], "steps": 1, "attributes": asked}
    (tmp_path / "set.json").write_text(json.dumps(content))
    words = ["generate", "--set", str(tmp_path / "set.json"), "--checkpoint", str(knowing), "--device", "cpu"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    data = read_data_set(tmp_path / "out", attributes=["pathology"])
    assert data.attributes == (PATHOLOGY,)
    assert data.train.names == [
        "drawn_s0.png",
        "drawn_s0_pathology-benign.png",
        "drawn_s0_pathology-malignant.png",
    ]
    assert data.train.attributes[:, 0].tolist() == [0, 1, 2]
    with (tmp_path / "out" / "manifest.csv").open(newline="") as file:
        written = [row["attributes"] for row in csv.DictReader(file)]
    assert written == ["", "pathology=benign", "pathology=malignant"]
    pairs = json.loads((tmp_path / "out" / "manifest.json").read_text())["pairs"]
    assert [pair["attributes"] for pair in pairs] == asked


def test_values_that_make_the_same_name_are_made_apart(knowing, drawn_mask):
    receptor = Attribute(name="HER2", values=("+", "-", "p" * 60))
    described = read_checkpoint(knowing)
    checkpoint = replace(
        described, description=described.description.model_copy(update={"attributes": (receptor,)})
    )
    asked = tuple({"HER2": value} for value in (*receptor.values, "+"))
    specification = Specification(checkpoints=("knowing",), masks=("a.png",), attributes=asked)
    plan = plan_pairs(specification, [NamedMask("drawn", drawn_mask)], [checkpoint], "float32")
    assert [pair.name for pair in plan.pairs] == [
        "drawn_s0_HER2--",
        "drawn_s0_attributes2",
        "drawn_s0_attributes3",
    ]
    assert [pair.request.attributes for pair in plan.pairs] == list(asked[:3])
    assert "1 would be the same image" in plan.notes[0]


def test_a_training_goes_on_with_the_same_attributes_alone(known_data, tmp_path):
    trainer = start(read_data_set(known_data, attributes=["pathology"]))
    trainer.train_step()
    trainer.save(tmp_path)
    start(read_data_set(known_data, attributes=["pathology"])).resume(tmp_path)
    with pytest.raises(SegPaintError, match="pathology, not side"):
        start(read_data_set(known_data, attributes=["side"])).resume(tmp_path)


def test_the_command_line_trains_and_asks(known_data, knowing, tmp_path, drawn_mask, capsys):
    words = ["train", str(known_data), "--out", str(tmp_path / "out"), "--widths", "32,32", "--max-steps", "1"]
    assert main([*words, "--attributes", "pathology"]) == 0
    assert [one.name for one in read_checkpoint(tmp_path / "out").description.attributes] == ["pathology"]
    Image.fromarray(drawn_mask).save(tmp_path / "mask.png")
    words = ["generate", str(tmp_path / "mask.png"), "--checkpoint", str(knowing), "--steps", "2"]
    assert main([*words, "--out", str(tmp_path / "made"), "--attribute", "pathology=benign"]) == 0
    assert json.loads((tmp_path / "made" / "mask.json").read_text())["attributes"] == {"pathology": "benign"}
    assert main([*words, "--out", str(tmp_path / "made"), "--attribute", "grade=4"]) == 2
    assert "no attribute grade" in capsys.readouterr().err


def test_a_paired_set_varies_an_attribute(knowing, tmp_path, drawn_mask):
    Image.fromarray(drawn_mask).save(tmp_path / "mask.png")
    specification = {
        "checkpoints": [str(knowing)], "masks": ["mask.png"], "steps": 2,
        "attributes": [{}, {"pathology": "benign"}, {"pathology": "malignant"}],
    }  # fmt: skip
    (tmp_path / "specification.json").write_text(json.dumps(specification))
    words = ["generate", "--set", str(tmp_path / "specification.json"), "--checkpoint", str(knowing)]
    assert main([*words, "--out", str(tmp_path / "set")]) == 0
    names = sorted(path.name for path in (tmp_path / "set").glob("images/**/*.png"))
    assert names == ["mask_s0.png", "mask_s0_pathology-benign.png", "mask_s0_pathology-malignant.png"]
