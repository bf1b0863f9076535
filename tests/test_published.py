"""Checkpoints in the published layout: taken in whole, and sampled as the plain algorithm would."""

import functools
import json
import shutil

import numpy as np
import platformdirs
import pytest
import torch
from diffusers import UNet2DModel
from PIL import Image
from safetensors.torch import load_file, save_file

from segpaint.cli import main
from segpaint.core.diffusion.engine import Engine
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import NETWORK_CONFIG, WEIGHTS, read_checkpoint
from segpaint.core.requests.request import Request
from segpaint.io.label_tables import read_label_file
from segpaint.paths import checkpoint_folders, find_label_table

SIZE = 32
SEED = 5
KINDS = {"guided": 2, "unconditional": 1, "colour": 4}
"""Input channels."""


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """A folder for each kind as diffusers writes it, with a tiny random network."""
    top = tmp_path_factory.mktemp("published")
    for kind, inputs in KINDS.items():
        torch.manual_seed(3)
        unet = UNet2DModel(
            sample_size=SIZE,
            in_channels=inputs,
            out_channels=3 if kind == "colour" else 1,
            layers_per_block=1,
            block_out_channels=(32, 32, 32),
            norm_num_groups=8,
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        )
        with torch.no_grad():
            # Untrained, a network pulls no sample back: over 50 steps even the last bits would grow to whole
            # grey levels, in float32 against float64 too. Seeing little of the sample, it keeps them small;
            # of the mask it sees more, for its numbers are small.
            unet.conv_in.weight[:, : unet.config.out_channels] *= 0.1
            unet.conv_in.weight[:, unet.config.out_channels :] *= 20
            unet.conv_out.weight *= 0.02
        unet.save_pretrained(top / kind / "unet")
    return top


@pytest.fixture
def source(networks, tmp_path):
    """A published checkpoint of a kind and a shape, to spoil."""

    def make(kind="guided", shape="folder"):
        folder = shutil.copytree(networks / kind, tmp_path / f"published {kind}")
        if shape == "folder":
            return folder
        for name, ending in ((WEIGHTS, "safetensors"), (NETWORK_CONFIG, "json")):
            (folder / name).rename(folder / f"mri.v1.{ending}")
        (folder / "unet").rmdir()
        return folder if shape == "folder of files" else folder / f"mri.v1.{shape}"

    return make


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / "data" / name)
    return tmp_path / "data" / "segpaint" / "checkpoints"


@pytest.fixture
def take_in(tmp_path):
    """Run the command and read what it wrote."""

    def run(source, *options):
        out = tmp_path / "imported"
        assert main(["checkpoint", "import", str(source), "--out", str(out), *options]) == 0
        return read_checkpoint(out)

    return run


@pytest.fixture
def refusal(tmp_path, capfd):
    """Run the command and return the one sentence with which it ends."""

    def run(source, *options):
        capfd.readouterr()
        out = tmp_path / "imported"
        there = out.exists()
        assert main(["checkpoint", "import", str(source), "--out", str(out), *options]) == 2
        message = capfd.readouterr().err
        assert message.startswith("segpaint: ")
        assert message.count("\n") == 1
        assert out.exists() == there
        return message

    return run


def labels_for(kind):
    return () if kind == "unconditional" else ("--labels", "breast-mri")


def mask():
    """Every label of breast-mri.json, in blocks."""
    return np.kron(np.array([[0, 1], [2, 3]], np.uint8), np.ones((SIZE // 2, SIZE // 2), np.uint8))


@functools.cache
@torch.inference_mode()
def plain_algorithm(folder, seen, steps=50):
    """DDIM without noise (Song et al., arXiv 2010.02502, eq. 12), its estimate of x_0 clipped."""
    unet = UNet2DModel.from_pretrained(folder / "unet").eval()
    kept = torch.cumprod(1 - torch.linspace(0.0001, 0.02, 1000), 0)
    shape = (1, unet.config.out_channels, SIZE, SIZE)
    x = torch.randn(shape, generator=torch.Generator("cpu").manual_seed(SEED))
    planes = torch.from_numpy(mask() * seen).float()[None, None] / 255
    if unet.config.in_channels == unet.config.out_channels:
        planes = planes[:, :0]
    for timestep in range(1000 - 1000 // steps, -1, -1000 // steps):
        noise = unet(torch.cat([x, planes], 1), timestep).sample
        before = kept[timestep - 1000 // steps] if timestep >= 1000 // steps else torch.tensor(1.0)
        image = (x - (1 - kept[timestep]) ** 0.5 * noise) / kept[timestep] ** 0.5
        x = before**0.5 * image.clamp(-1, 1) + (1 - before) ** 0.5 * noise
    return x


def paint(checkpoint, values):
    description = checkpoint.description
    request = Request(
        checkpoint="", fingerprint="", used=checkpoint.table.indices, mask=values, seed=SEED,
        sampler=description.sampler, steps=description.steps, guidance=description.guidance,
    )  # fmt: skip
    *_, last = Engine(checkpoint, torch.device("cpu")).run(request)
    return last.sample


@pytest.mark.parametrize(
    ("kind", "shape"),
    [*((kind, "folder") for kind in KINDS), ("guided", "safetensors"), ("unconditional", "json")],
)
def test_the_image_is_that_of_the_plain_algorithm(networks, source, take_in, kind, shape):
    values = mask() if kind != "unconditional" else mask() * 0
    checkpoint = take_in(source(kind, shape), *labels_for(kind))
    assert (checkpoint.description.sampler, checkpoint.description.steps) == ("ddim", 50)
    expected = plain_algorithm(networks / kind, kind != "unconditional")
    assert (paint(checkpoint, values) - expected).abs().max() < 1e-4
    if kind != "unconditional":  # and that algorithm does look at the mask
        assert (plain_algorithm(networks / kind, seen=False) - expected).abs().max() > 0.5


@pytest.mark.parametrize("shape", ["folder", "safetensors", "json", "folder of files"])
def test_everything_is_found_in_either_shape_and_the_weights_are_kept_to_the_bit(
    networks, source, take_in, shape
):
    checkpoint = take_in(source("guided", shape), "--labels", "breast-mri")
    assert (checkpoint.folder / WEIGHTS).read_bytes() == (networks / "guided" / WEIGHTS).read_bytes()
    description = checkpoint.description
    assert (description.size, description.channels, description.space_to_depth) == (SIZE, 1, 1)
    assert (description.encoding, description.modality) == ("index_255", "MR")
    assert [label.name for label in description.labels] == ["breast", "blood vessel", "dense tissue"]
    assert "SHA-256" in checkpoint.card


def test_what_is_given_is_written(source, take_in, tmp_path):
    table = tmp_path / "mine.json"
    labels = [{"index": 7, "name": "spleen", "color": "#112233"}]
    table.write_text(json.dumps({"modality": "CT", "labels": labels, "note": "Mind the spleen."}))
    checkpoint = take_in(
        source(), "--labels", str(table), "--name", "Spleens", "--licence", "CC BY-NC", "--source", "A study",
        "--modality", "PT", "--pixel-spacing", "0.5", "--no-ablation",
    )  # fmt: skip
    description = checkpoint.description
    assert (description.name, description.licence, description.data) == ("Spleens", "CC BY-NC", "A study")
    assert (description.modality, description.pixel_spacing) == ("PT", 0.5)
    assert not description.ablation_trained
    assert description.table.indices == (7,)
    for text in ("Spleens", "CC BY-NC", "A study", "spleen"):
        assert text in checkpoint.card


def test_a_scheduler_that_was_published_is_kept(source, take_in):
    folder = source()
    config = {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(config))
    checkpoint = take_in(folder, "--labels", "breast-mri")
    assert json.loads((checkpoint.folder / "scheduler" / "scheduler_config.json").read_text()) == config


def test_without_out_the_window_offers_it_by_itself(source, data_folder, capfd):
    assert main(["checkpoint", "import", str(source(shape="safetensors")), "--labels", "breast-mri"]) == 0
    assert data_folder / "mri.v1" in checkpoint_folders()
    printed = capfd.readouterr().err
    assert "Check against your data" in printed
    assert "1 breast, 2 blood vessel, 3 dense tissue" in printed


def test_an_imported_checkpoint_generates(source, take_in, tmp_path, capfd):
    checkpoint = take_in(source("unconditional"))
    assert checkpoint.description.ignores_mask
    Image.fromarray(mask() * 0).save(tmp_path / "blank.png")
    words = ["generate", str(tmp_path / "blank.png"), "--out", str(tmp_path / "images"), "--steps", "3"]
    assert main([*words, "--checkpoint", str(checkpoint.folder)]) == 0
    assert "ignores the mask" in capfd.readouterr().err
    assert (tmp_path / "images" / "blank.png").exists()


def test_a_network_that_sees_a_mask_needs_its_labels(source, refusal, tmp_path):
    assert "--labels" in refusal(source())
    (tmp_path / "none.json").write_text('{"modality": "MR", "labels": []}')
    assert "--labels" in refusal(tmp_path / "published guided", "--labels", str(tmp_path / "none.json"))


def test_an_import_that_was_killed_can_be_begun_again(source, tmp_path):
    (tmp_path / "imported" / "unet").mkdir(parents=True)
    (tmp_path / "imported" / "unet" / ".config.json.segpaint-0123abcd").write_text("{")
    words = [
        "checkpoint",
        "import",
        str(source()),
        "--labels",
        "breast-mri",
        "--out",
        str(tmp_path / "imported"),
    ]
    assert main(words) == 0
    assert not list((tmp_path / "imported" / "unet").glob(".*"))


def test_an_out_folder_that_is_there_is_left_alone(source, refusal, tmp_path):
    (tmp_path / "imported").mkdir()
    (tmp_path / "imported" / "precious").write_text("")
    assert "exists already" in refusal(source(), "--labels", "breast-mri")
    assert [path.name for path in (tmp_path / "imported").iterdir()] == ["precious"]


def test_pickled_weights_are_refused(source, refusal, tmp_path):
    folder = source()
    (folder / WEIGHTS).rename(folder / "unet" / "diffusion_pytorch_model.bin")
    assert "pickled" in refusal(folder, "--labels", "breast-mri")
    assert "pickled" in refusal(folder / "unet" / "diffusion_pytorch_model.bin", "--labels", "breast-mri")
    (folder / "unet" / "diffusion_pytorch_model.bin").rename(folder / WEIGHTS)
    torch.save({}, folder / WEIGHTS)  # under a false name
    assert "cannot be read as weights in safetensors" in refusal(folder, "--labels", "breast-mri")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"in_channels": 5}, "5 input and 1 output channels"),
        ({"in_channels": 5, "out_channels": 5}, "channels: it should be 1 or 3"),
        ({"sample_size": [32, 64]}, "squares"),
        ({"sample_size": None}, "squares"),
        ({"layers_per_block": 2}, "do not fit"),
        ({"block_out_channels": 3}, "cannot be read as the configuration of a U-Net"),
    ],
    ids=str,
)
def test_a_network_of_another_kind_is_refused(source, refusal, changes, reason):
    folder = source()
    config = json.loads((folder / NETWORK_CONFIG).read_text()) | changes
    (folder / NETWORK_CONFIG).write_text(json.dumps(config))
    if "in_channels" in changes:  # with weights to match
        weights = load_file(folder / WEIGHTS)
        weights["conv_in.weight"] = torch.zeros(32, config["in_channels"], 3, 3)
        weights["conv_out.weight"] = torch.zeros(config["out_channels"], 32, 3, 3)
        weights["conv_out.bias"] = torch.zeros(config["out_channels"])
        save_file(weights, folder / WEIGHTS)
    message = refusal(folder, "--labels", "breast-mri")
    assert reason in message
    assert str(folder) in message


@pytest.mark.parametrize("ending", ["json", "safetensors"])
def test_half_of_two_files_is_refused_by_the_name_of_the_other(source, refusal, ending):
    there = source(shape=ending)
    other = there.with_suffix({"json": ".safetensors", "safetensors": ".json"}[ending])
    other.unlink()
    assert f"{other} is missing" in refusal(there, "--labels", "breast-mri")


def test_the_folder_with_the_network_alone_will_do(source, take_in):
    take_in(source(shape="folder") / "unet", "--labels", "breast-mri")


def test_what_is_no_checkpoint_is_refused(refusal, tiny_checkpoint, mask_file, tmp_path):
    assert "There is no file or folder" in refusal(tmp_path / "nowhere")
    assert "no published checkpoint" in refusal(tmp_path)
    assert "no published checkpoint" in refusal(mask_file)
    assert "SegPaint's already" in refusal(tiny_checkpoint)


def test_a_label_table_that_is_not_there_is_named_with_those_that_are(source, refusal):
    assert "'nothing'. Give a file, or one of: breast-mri, ct-organ." in refusal(
        source(), "--labels", "nothing"
    )


@pytest.mark.parametrize("shape", ["folder", "safetensors", "folder of files"])
def test_opened_directly_it_is_answered_with_the_command_to_import_it(source, shape, tmp_path, capfd):
    path = source(shape=shape)
    Image.fromarray(mask()).save(tmp_path / "mask.png")
    words = ["generate", str(tmp_path / "mask.png"), "--out", str(tmp_path / "images")]
    assert main([*words, "--checkpoint", str(path)]) == 2
    assert f"segpaint checkpoint import {path} --labels" in capfd.readouterr().err


@pytest.mark.parametrize(("name", "count"), [("breast-mri", 3), ("ct-organ", 5)])
def test_the_tables_that_come_along_are_numbered_from_one(name, count):
    labels = read_label_file(find_label_table(name))
    assert labels.table.indices == tuple(range(1, count + 1))
    assert labels.note.startswith("Check against your data")
    # An ablated label would be shown as its parent, where these networks were trained with background.
    assert not any(label.parent for label in labels.table)


def test_a_label_table_that_is_none_is_named(tmp_path):
    for content in (b"{}", b"[]", b"\xff", b'{"modality": "MR", "labels": [{"index": 1}]}'):
        (tmp_path / "table.json").write_bytes(content)
        with pytest.raises(SegPaintError, match=r"table\.json"):
            read_label_file(tmp_path / "table.json")
