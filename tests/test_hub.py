"""Checkpoints as folders that diffusers loads by itself: the same pixels, and nothing lost on the way back."""

import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from segpaint.cli import main
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.network import build_network
from segpaint.core.diffusion.network_files import write_checkpoint
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.labels.attributes import Attribute
from segpaint.core.requests.checkpoint import NETWORK_CONFIG, WEIGHTS, Description, read_checkpoint
from segpaint.core.requests.request import Request
from segpaint.io.label_tables import read_label_file

SIZE = 32
KINDS = {
    "signed": {
        "encoding": "signed", "space_to_depth": 2, "guidance": 1.5, "sampler": "few", "steps": 4,
        "grain_gains": (1, 0.8, 0.3),
        "scan_noise": {"gains": (0, 0.2, 1, 0.6), "strengths": (0, 30, 12)},
    },
    "index_255": {
        "encoding": "index_255", "channels": 3, "sampler": "ddim", "steps": 3, "grain_gains": (1, 0.5),
        "scan_noise": {"gains": (0, 1), "strengths": (4, 9)},
    },
    "none": {"encoding": "none", "labels": (), "sampler": "ddpm", "steps": 2},
}  # fmt: skip
SCHEDULERS = {
    "signed": {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"},
    "index_255": {"_class_name": "DDIMScheduler", "prediction_type": "epsilon", "set_alpha_to_one": False},
    "none": {"prediction_type": "sample", "timestep_spacing": "trailing", "num_train_timesteps": 500},
}
CALLS = [
    ("signed", {"sampler": "dpm++", "num_inference_steps": 5, "attributes": {"pathology": "benign"}}),
    ("signed", {"sampler": "ddim", "num_inference_steps": 7, "used": ["body", 4], "seed": 3}),
    ("signed", {"sampler": "ddpm", "num_inference_steps": 3, "guidance_scale": 1.0}),
    ("signed", {}),
    ("index_255", {"used": ["body", "bone"], "guidance_scale": 2.0}),
    ("none", {"seed": 2**40}),
    ("none", {"sampler": "dpm++", "num_inference_steps": 4}),
]
REFUSED = [
    ("signed", {"sampler": "few"}, "no sampler 'few'; give one of dpm++, ddim, ddpm"),
    ("signed", {"num_inference_steps": 0}, "give 1 to 1000"),
    ("signed", {"guidance_scale": 30}, "give 0 to 20"),
    ("signed", {"used": ["liver"]}, "knows no label 'liver'; give some of body, heart, bone"),
    ("signed", {"attributes": {"pathology": "cyst"}}, "no pathology 'cyst'; give benign or malignant"),
    ("none", {"attributes": {"side": "left"}}, "no attribute 'side'; it knows none"),
    ("none", {"output_type": "jpeg"}, "give 'pil' or 'np'"),
    ("none", {"mask": (8, 8)}, "give uint8 of 32 x 32 pixels"),
    ("none", {"mask": (SIZE, SIZE)}, r"no labels of this model: [7]; see labels.json"),
]
"""What `OUTSIDE` answers in one sentence; a mask is full of the value 7."""
OUTSIDE = """
import json, sys, warnings
sys.modules["segpaint"] = None  # whoever imports it fails
import numpy as np
from diffusers import DiffusionPipeline
top, calls, refused = sys.argv[1], *map(json.loads, sys.argv[2:])
masks = dict(np.load(f"{top}/masks.npz"))
models = {kind: DiffusionPipeline.from_pretrained(f"{top}/{kind}", trust_remote_code=True) for kind in masks}
pixels = {}
for number, (kind, call) in enumerate(calls):
    models[kind].set_progress_bar_config(disable=True)
    image = np.asarray(models[kind](masks[kind], **call).images[0])
    assert (image == models[kind](masks[kind], **call, output_type="np", return_dict=False)[0][0]).all()
    pixels[str(number)] = image
np.savez(f"{top}/pixels.npz", **pixels)
for kind, call in refused:
    shape = call.pop("mask", None)
    try:
        models[kind](masks[kind] if shape is None else np.full(shape, 7, np.uint8), **call)
        print("taken")
    except ValueError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory, table):
    """A checkpoint for each encoding, with all that may differ beside it."""
    top = tmp_path_factory.mktemp("sources")
    for kind, about in KINDS.items():
        known = {"name": kind, "modality": "MR", "size": SIZE, "labels": table.labels}
        if kind == "signed":
            known["attributes"] = (Attribute(name="pathology", values=("benign", "malignant")),)
        description = Description(**{**known, **about})
        torch.manual_seed(5)
        network = build_network(
            size=SIZE,
            channels=description.channels,
            conditioning_channels={"signed": 3, "index_255": 1, "none": 0}[kind],
            space_to_depth=description.space_to_depth,
            widths=(32, 32),
            attention_head_dim=8,
            combinations=description.attribute_table.combinations,
        )
        if network.unet.class_embedding is not None:
            torch.nn.init.normal_(network.unet.class_embedding.weight)
        card = f"# {kind}\n\nIts card.\n\n![samples](samples.png)\n\nSee [the report](evaluation/report.md).\n"
        write_checkpoint(top / kind, description, network, SCHEDULERS[kind], card)
    return top


@pytest.fixture(scope="module")
def exported(sources, tmp_path_factory):
    top = tmp_path_factory.mktemp("exported")
    for kind in KINDS:
        words = ["checkpoint", "export", str(sources / kind), "--diffusers", "--out", str(top / kind)]
        assert main(words) == 0
    return top


@pytest.fixture(scope="module")
def masks(drawn_mask):
    """Every label, and a free region."""
    mask = drawn_mask.copy()
    mask[:6, :9] = 255
    return {kind: mask if kind != "none" else mask * 0 for kind in KINDS}


@pytest.fixture(scope="module")
def outside(exported, masks, tmp_path_factory):
    """What a process makes, and refuses, in which there is no SegPaint."""
    np.savez(exported / "masks.npz", **masks)
    calls, refused = json.dumps(CALLS), json.dumps([(kind, call) for kind, call, _ in REFUSED])
    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE, str(exported), calls, refused],
        env={**os.environ, "HF_HOME": str(tmp_path_factory.mktemp("cache")), "HF_HUB_OFFLINE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(pixels=dict(np.load(exported / "pixels.npz")), sentences=done.stdout.splitlines())


def paint(folder, mask, call):
    """Make an image with SegPaint, as a call of the pipeline asks for."""
    checkpoint = read_checkpoint(folder)
    about = checkpoint.description
    few = about.sampler == "few"
    request = Request(
        checkpoint="", fingerprint=checkpoint.fingerprint, mask=mask, seed=call.get("seed", 0),
        used=checkpoint.table.parse(call["used"]) if "used" in call else checkpoint.table.indices,
        sampler=call.get("sampler", "dpm++" if few else about.sampler),
        steps=call.get("num_inference_steps", 20 if few else about.steps),
        guidance=call.get("guidance_scale", about.guidance), attributes=call.get("attributes", {}),
    )  # fmt: skip
    *_, last = Engine(checkpoint, torch.device("cpu")).run(request)
    return to_pixels(last.sample)


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_diffusers_alone_makes_the_same_pixels(sources, outside, masks, number):
    kind, call = CALLS[number]
    expected = paint(sources / kind, masks[kind], call)
    assert np.array_equal(outside.pixels[str(number)], expected)
    assert expected.std() > 5


def test_what_a_call_asks_for_changes_the_image(outside):
    images = [outside.pixels[str(number)] for number in range(4)]
    assert len({image.tobytes() for image in images}) == 4


def test_the_pipeline_refuses_in_a_sentence(outside):
    for sentence, (*_, words) in zip(outside.sentences, REFUSED, strict=True):
        assert words in sentence


def test_the_pipeline_imports_nothing_else(exported):
    lines = (exported / "signed" / "pipeline.py").read_text().splitlines()
    imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {"inspect", "fractions", "numpy", "torch", "diffusers"}


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_back_with_its_fingerprint(sources, exported, masks, tmp_path, kind):
    assert main(["checkpoint", "import", str(exported / kind), "--out", str(tmp_path / "back")]) == 0
    before, after = read_checkpoint(sources / kind), read_checkpoint(tmp_path / "back")
    assert (after.fingerprint, after.description) == (before.fingerprint, before.description)
    call = {"sampler": "ddim", "num_inference_steps": 2}
    assert np.array_equal(*(paint(one.folder, masks[kind], call) for one in (before, after)))


@pytest.mark.parametrize("pictures", [False, True])
def test_the_other_networks_and_on_demand_the_pictures_go_along(
    judged_checkpoint, distilled_checkpoint, tmp_path, pictures
):
    source, hub, back = (tmp_path / name for name in ("source", "hub", "back"))
    shutil.copytree(judged_checkpoint, source)
    shutil.copytree(distilled_checkpoint / "few_steps", source / "few_steps")
    card = (source / "README.md").read_text() + "\n![samples](samples.png)\n\n[report](evaluation/report.md)\n"
    (source / "README.md").write_text(card)
    shown = ("samples.png", "evaluation/report.md", "examples/1.png")
    for name in (*shown, "few_steps/training/state.pt.json"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_bytes(name.encode())
    option = ["--with-pictures"] if pictures else []
    assert main(["checkpoint", "export", str(source), "--diffusers", "--out", str(hub), *option]) == 0
    assert main(["checkpoint", "import", str(hub), "--out", str(back)]) == 0
    left = {"few_steps/training/state.pt.json"} | (set() if pictures else {*shown, "README.md"})
    files = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert {path.relative_to(back).as_posix() for path in back.rglob("*") if path.is_file()} == files - left | {
        "README.md"
    }
    for name in files - left:
        assert (back / name).read_bytes() == (source / name).read_bytes()
    assert read_checkpoint(back).few_steps == read_checkpoint(source).few_steps
    assert ("![samples](samples.png)" in (hub / "README.md").read_text()) == pictures


def test_the_card_is_that_of_a_hub(sources, tmp_path, table):
    folder = shutil.copytree(sources / "signed", tmp_path / "signed")
    about = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps({**about, "licence": "CC BY-SA 4.0"}))
    out = tmp_path / "hub"
    words = ["checkpoint", "export", str(folder), "--diffusers", "--out", str(out)]
    assert main([*words, "--dataset", "one/heart", "--dataset", "two/heart.v2"]) == 0
    text = (out / "README.md").read_text()
    front = dict(line.split(": ", 1) for line in text.split("---\n")[1].splitlines())
    fields = {name: json.loads(value) for name, value in front.items()}
    assert (fields["license"], fields["library_name"]) == ("cc-by-sa-4.0", "diffusers")
    assert (fields["datasets"], fields["pipeline_tag"]) == (["one/heart", "two/heart.v2"], "image-to-image")
    assert "MR" in fields["tags"]
    assert "must not be used for diagnosis" in text
    assert "Its card." in text
    assert "evaluation/report.md" not in text  # it stayed behind
    assert 'attributes={"pathology": "benign"}' in text
    assert read_label_file(out / "labels.json").table == table


def test_without_a_licence_the_command_asks_for_one(sources, tmp_path, capfd):
    words = ["checkpoint", "export", str(sources / "none"), "--diffusers", "--out", str(tmp_path / "hub")]
    assert main(words) == 0
    assert "states no licence" in capfd.readouterr().err
    assert 'license_name: "not stated"' in (tmp_path / "hub" / "README.md").read_text()


@pytest.fixture
def refusal(tmp_path, capfd):
    """Run an action and return the one sentence with which it ends; what is there stays as it is."""

    def run(action, source, *options):
        capfd.readouterr()
        before = sorted(tmp_path.rglob("*"))
        words = ["--diffusers"] if action == "export" else []
        out = tmp_path / "out"
        assert main(["checkpoint", action, str(source), *words, "--out", str(out), *options]) == 2
        message = capfd.readouterr().err
        assert (message.startswith("segpaint: "), message.count("\n")) == (True, 1)
        assert sorted(tmp_path.rglob("*")) == before
        return message

    return run


def test_a_folder_that_is_there_is_left_alone(sources, exported, refusal, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").write_text("")
    assert "exists already" in refusal("export", sources / "none")
    assert "exists already" in refusal("import", exported / "none")


def test_a_checkpoint_that_is_not_whole_is_not_exported(sources, refusal, tmp_path):
    folder = shutil.copytree(sources / "none", tmp_path / "spoilt")
    shutil.copy(sources / "signed" / WEIGHTS, folder / WEIGHTS)
    assert "do not fit" in refusal("export", folder)
    (folder / WEIGHTS).unlink()
    assert "lacks the file" in refusal("export", folder)
    assert "no name of a data set" in refusal("export", sources / "none", "--dataset", "heart")


def test_a_spoilt_folder_is_not_imported(exported, refusal, tmp_path):
    folder = shutil.copytree(exported / "none", tmp_path / "spoilt")
    index = json.loads((folder / "model_index.json").read_text())
    for description, words in ((None, "holds no description"), ({**index["description"], "size": 1}, "size")):
        (folder / "model_index.json").write_text(json.dumps({**index, "description": description}))
        assert words in refusal("import", folder)
    (folder / "model_index.json").write_text(json.dumps(index))
    (folder / "unet" / "more.bin").write_bytes(b"")
    assert "pickled" in refusal("import", folder)
    (folder / "unet" / "more.bin").unlink()
    (folder / NETWORK_CONFIG).unlink()
    assert "config.json is missing" in refusal("import", folder)


@pytest.mark.parametrize("option", ["--labels", "--name", "--source", "--pixel-spacing"])
def test_what_describes_itself_takes_no_description(exported, refusal, option):
    assert f"leave {option} out" in refusal("import", exported / "none", option, "1")


def test_opened_directly_it_is_answered_with_the_command_to_import_it(exported, mask_file, tmp_path, capfd):
    words = ["generate", str(mask_file), "--out", str(tmp_path), "--checkpoint", str(exported / "signed")]
    assert main(words) == 2
    assert capfd.readouterr().err.rstrip().endswith(f"segpaint checkpoint import {exported / 'signed'}")


def test_its_code_is_not_run_by_the_import(exported, tmp_path):
    folder = shutil.copytree(exported / "none", tmp_path / "hostile")
    (folder / "pipeline.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert main(["checkpoint", "import", str(folder), "--out", str(tmp_path / "back")]) == 0
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "back" / "pipeline.py").exists()
