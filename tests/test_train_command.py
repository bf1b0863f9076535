import json
import os
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from segpaint.cli import main
from segpaint.core.diffusion.engine import Engine
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.paths import find_checkpoint
from segpaint.training.trainer import STATE

OPTIONS = ["--widths", "32,32", "--batch-size", "4", "--save-minutes", "0", "--picture-minutes", "1000"]


def words(data, out, *more):
    return ["train", str(data), "--out", str(out), *OPTIONS, *more]


def saved(out):
    with safe_open(out / STATE, framework="pt") as file:
        return json.loads(file.metadata()["progress"])


def steps_done(out):
    return saved(out)["step"]


def older(path):
    """Take out of a state what older versions did not write."""
    progress = saved(path.parent.parent)
    kept = {key: progress[key] for key in ("step", "seconds", "images", "losses", "settings", "ema_step")}
    for setting in ("average", "attention_level"):
        del kept["settings"][setting]
    save_file(load_file(path), path, metadata={"progress": json.dumps(kept)})


@pytest.mark.parametrize("name", ["unet/diffusion_pytorch_model.safetensors", "segpaint.json", "README.md"])
def test_a_training_overwrites_no_model_and_no_other_file(tiny_data, tiny_checkpoint, tmp_path, capfd, name):
    """Such as a model that was imported, or whose state of training was deleted."""
    out = tmp_path / "mine"
    (out / name).parent.mkdir(parents=True)
    shutil.copy(tiny_checkpoint / name, out / name)
    before = (out / name).read_bytes()
    assert main(words(tiny_data, out, "--max-steps", "1")) == 2
    assert f"{out / name} would be overwritten" in capfd.readouterr().err
    assert (out / name).read_bytes() == before


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_every_verb_takes_the_same_seeds(tiny_data, tiny_checkpoint, tmp_path, capfd, seed):
    segmenter = ["train-segmenter", str(tiny_data), "--checkpoint", str(tiny_checkpoint)]
    preparation = ["prepare", str(tiny_data), "--out", str(tmp_path / "made")]
    for given in (words(tiny_data, tmp_path / "out"), segmenter, preparation):
        assert main([*given, "--seed", str(seed)]) == 2
        assert "seed" in capfd.readouterr().err


def test_a_killed_training_goes_on_exactly_where_it_was_saved(tiny_data, tmp_path):
    out = tmp_path / "killed"
    command = [sys.executable, "-c", "import sys; from segpaint.cli import main; sys.exit(main())"]
    with (tmp_path / "errors").open("wb") as errors:
        process = subprocess.Popen([*command, *words(tiny_data, out)], stderr=errors)
        try:
            deadline = time.monotonic() + 120
            while not (out / STATE).exists() or steps_done(out) < 2:
                assert process.poll() is None, (tmp_path / "errors").read_text()
                assert time.monotonic() < deadline, "nothing was saved in two minutes"
                time.sleep(0.02)
        finally:
            process.kill()
            process.wait()
    end = steps_done(out) + 2
    assert main(words(tiny_data, out, "--resume", "--max-steps", str(end))) == 0
    assert steps_done(out) == end
    straight = tmp_path / "straight"
    assert main(words(tiny_data, straight, "--max-steps", str(end))) == 0
    expected, found = load_file(straight / STATE), load_file(out / STATE)
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert torch.equal(found[name], value), name
    Engine(read_checkpoint(out), torch.device("cpu"))


def test_images_without_masks_are_given_at_resume_too(tiny_data, tmp_path, capfd):
    folder = tiny_data / "images" / "val"
    assert main(words(tiny_data, tmp_path, "--unlabelled", str(folder), "--max-steps", "1")) == 0
    older(tmp_path / STATE)
    assert main(words(tiny_data, tmp_path, "--resume", "--max-steps", "2")) == 2
    assert "other settings: --unlabelled given, not left out" in capfd.readouterr().err
    again = words(tiny_data, tmp_path, "--resume", "--unlabelled", str(folder), "--max-steps", "2")
    assert main(again) == 0
    assert main(words(tiny_data, tmp_path, "--resume", "--max-steps", "3")) == 0
    assert steps_done(tmp_path) == 3


def test_resume_needs_no_options_and_takes_those_that_may_change(tiny_data, tmp_path, capfd):
    out = tmp_path / "out"
    first = ["--seed", "5", "--rotation", "3", "--name", "Mine", "--no-ablation", "--fold", "2", "--encoding"]
    assert main(words(tiny_data, out, *first, "index_255", "--max-steps", "1")) == 0
    plain = ["train", str(tiny_data), "--out", str(out), "--resume"]
    assert main(plain) == 2
    assert "has done its 1 step; give a larger --max-steps" in capfd.readouterr().err
    before = saved(out)["settings"]
    assert main([*plain, "--max-steps", "2"]) == 0
    assert saved(out)["settings"] == before
    assert "earlier weights" not in "".join(capfd.readouterr())
    (out / "evaluation").mkdir()  # as `segpaint evaluate --card` does
    assert main([*plain, "--max-steps", "3", "--rotation", "1", "--name", "Ours"]) == 0
    after = saved(out)["settings"]
    assert (after["name"], after["augmentation"]["rotation"], after["seed"]) == ("Ours", 1, 5)
    assert "are of earlier weights; evaluate it again." in " ".join("".join(capfd.readouterr()).split())
    assert main([*plain, "--max-steps", "4", "--fold", "4"]) == 2
    assert "--fold 2, not 4" in capfd.readouterr().err
    assert steps_done(out) == 3


def test_a_training_of_an_older_version_goes_on_from_the_command_line(tiny_data, tmp_path):
    assert main(words(tiny_data, tmp_path, "--fold", "2", "--max-steps", "1")) == 0
    older(tmp_path / STATE)
    assert main(words(tiny_data, tmp_path, "--fold", "2", "--resume", "--max-steps", "2")) == 0
    older(tmp_path / STATE)
    assert main(["train", str(tiny_data), "--out", str(tmp_path), "--resume", "--max-steps", "3"]) == 0
    assert steps_done(tmp_path) == 3


def test_the_default_network_is_that_of_the_shipped_models(tiny_data, tmp_path):
    assert main(["train", str(tiny_data), "--out", str(tmp_path), "--max-steps", "1", "--batch-size", "1"]) == 0
    config = json.loads((tmp_path / "unet/config.json").read_text())
    shipped = json.loads((find_checkpoint("head-neck-ct-128") / "unet/config.json").read_text())
    shape = (
        "block_out_channels",
        "layers_per_block",
        "down_block_types",
        "attention_head_dim",
        "norm_num_groups",
    )
    assert {key: config[key] for key in shape} == {key: shipped[key] for key in shape}
    assert read_checkpoint(tmp_path).description.space_to_depth == 4


def test_images_that_the_default_network_cannot_halve_are_folded_less(tiny_data, tmp_path):
    data = shutil.copytree(tiny_data, tmp_path / "data")
    for path in data.rglob("*.png"):
        with Image.open(path) as image:
            smaller = image.resize((24, 24), Image.Resampling.NEAREST)
        smaller.save(path)
    words = ["train", str(data), "--out", str(tmp_path / "out"), "--max-steps", "1", "--batch-size", "1"]
    assert main(words) == 0
    assert read_checkpoint(tmp_path / "out").description.space_to_depth == 2


def test_the_recipe_of_the_publication_and_options_that_change_it(tiny_data, tmp_path):
    small = ["--recipe", "published", "--widths", "32,32,32", "--batch-size", "2", "--max-steps", "1"]
    assert main(["train", str(tiny_data), "--out", str(tmp_path), *small, "--device", "cpu"]) == 0
    settings = saved(tmp_path)["settings"]
    assert (settings["full_share"], settings["blank_share"], settings["free_share"]) == (0, 0, 0)
    assert (settings["average"], settings["min_snr_gamma"], settings["augmentation"]["share"]) == (False, 0, 0)
    description = read_checkpoint(tmp_path).description
    assert (description.encoding, description.space_to_depth) == ("index_255", 1)
    config = json.loads((tmp_path / "unet/config.json").read_text())
    assert config["down_block_types"] == ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D"]
    assert config["up_block_types"] == ["UpBlock2D", "AttnUpBlock2D", "UpBlock2D"]
    scheduler = json.loads((tmp_path / "scheduler/scheduler_config.json").read_text())
    assert (scheduler["beta_schedule"], scheduler["prediction_type"]) == ("linear", "epsilon")


def test_the_window_of_images_is_an_option_and_kept(tiny_data, tmp_path):
    assert main(words(tiny_data, tmp_path, "--image-window", "-160", "240", "--max-steps", "1")) == 0
    assert read_checkpoint(tmp_path).description.window == (-160, 240)
    assert main(words(tiny_data, tmp_path, "--max-steps", "2", "--resume")) == 0
    assert read_checkpoint(tmp_path).description.window == (-160, 240)


def test_shares_of_full_and_blank_masks_are_options(tiny_data, tmp_path):
    assert (
        main(words(tiny_data, tmp_path, "--full-share", "0.5", "--blank-share", "0", "--max-steps", "1")) == 0
    )
    settings = saved(tmp_path)["settings"]
    assert (settings["full_share"], settings["blank_share"]) == (0.5, 0)


def test_tensorboard_that_is_not_installed_gets_a_sentence(tiny_data, tmp_path, capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert main(words(tiny_data, tmp_path, "--tensorboard", "--max-steps", "1")) == 2
    assert "TensorBoard is not installed" in capfd.readouterr().err


class Board:
    """Stands for TensorBoard, which drops on its screen what a writer takes again: from `purge_step` on."""

    shown: dict[tuple[str, int], float] = {}

    def __init__(self, folder, purge_step):
        for name, step in [key for key in self.shown if key[1] >= purge_step]:
            del self.shown[name, step]

    def add_scalar(self, name, value, step):
        self.shown[name, step] = value

    def close(self):
        pass


def test_tensorboard_shows_each_step_once_whether_resumed_or_not(tiny_data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Board))
    monkeypatch.setattr(Board, "shown", {})
    assert main(words(tiny_data, tmp_path, "--tensorboard", "--max-steps", "2")) == 0
    assert main(words(tiny_data, tmp_path, "--resume", "--max-steps", "4")) == 0
    assert set(Board.shown) == {(name, step) for name in ("loss", "learning rate") for step in (1, 2, 3, 4)}


def test_a_device_that_is_not_here_gets_a_sentence(tiny_data, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main(words(tiny_data, tmp_path, "--device", "cuda", "--max-steps", "1")) == 2
    assert "no device 'cuda'" in capfd.readouterr().err


def test_a_training_is_not_begun_over_another(tiny_data, tmp_path, capfd):
    (tmp_path / STATE).parent.mkdir()
    (tmp_path / STATE).write_bytes(b"precious")
    assert main(words(tiny_data, tmp_path, "--max-steps", "1")) == 2
    assert "--resume" in capfd.readouterr().err
    assert (tmp_path / STATE).read_bytes() == b"precious"


def test_max_minutes_ends_a_training(tiny_data, tmp_path):
    assert main(words(tiny_data, tmp_path / "out", "--max-minutes", "0.01")) == 0
    assert steps_done(tmp_path / "out") >= 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--resume"], "no training to resume"),
        (["--widths", "33"], "widths"),
        (["--widths", ""], "cannot be trained"),
        (["--widths", "wide"], "cannot be trained"),
        (["--widths", "32,32,32,32,32,32,32"], "multiple of 256"),
        (["--batch-size", "0"], "batch_size"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_trained_get_a_sentence(tiny_data, tmp_path, capfd, options, reason):
    assert main([*words(tiny_data, tmp_path / "out"), "--max-steps", "1", *options]) == 2
    message = capfd.readouterr().err
    assert reason in message
    assert message.startswith("segpaint: ")
    assert message.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_data_set_that_is_not_there_gets_a_sentence(tmp_path, capfd):
    assert main(words(tmp_path / "nowhere", tmp_path / "out")) == 2
    message = capfd.readouterr().err
    assert f"There is no folder {tmp_path / 'nowhere'}" in message
    assert message.count("\n") == 1


def test_labels_that_no_mask_shows_are_told(tiny_data, tmp_path, capfd):
    data = shutil.copytree(tiny_data, tmp_path / "data")
    table = json.loads((data / "labels.json").read_text())
    table["labels"].append({"index": 9, "name": "spleen", "color": "#00ff00"})
    (data / "labels.json").write_text(json.dumps(table))
    assert main(words(data, tmp_path / "out", "--max-steps", "1")) == 0
    assert "nothing can be learnt of: spleen." in capfd.readouterr().err


def test_an_out_folder_that_cannot_be_written_gets_a_sentence(tiny_data, tmp_path, capfd):
    (tmp_path / "out").write_text("in the way")
    assert main(words(tiny_data, tmp_path / "out", "--max-steps", "1")) == 2
    message = capfd.readouterr().err.splitlines()[-1]
    assert message.startswith("segpaint: ")
    assert "cannot be written" in message


def test_several_processes_train_one_network_and_stop_together(tiny_data, tmp_path):
    environment = {**os.environ, "ACCELERATE_USE_CPU": "true"}
    launch = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc_per_node",
        "2",
        "-m",
        "segpaint",
    ]
    for end, more in ((2, []), (4, ["--resume"])):
        command = [*launch, *words(tiny_data, tmp_path, "--max-steps", str(end), *more)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert steps_done(tmp_path) == end
    assert read_checkpoint(tmp_path).description.training["batch size"] == 8


def test_images_and_masks_that_have_changed_are_reported_at_resume(tiny_data, tmp_path, capfd):
    data, out = shutil.copytree(tiny_data, tmp_path / "data"), tmp_path / "out"
    assert main(words(data, out, "--max-steps", "1")) == 0
    assert main(words(data, out, "--resume", "--max-steps", "2")) == 0
    assert "have changed" not in "".join(capfd.readouterr())
    first, second, *_ = sorted((data / "masks" / "all" / "train").iterdir())
    swapped = first.read_bytes(), second.read_bytes()
    second.write_bytes(swapped[0])
    first.write_bytes(swapped[1])
    assert main(words(data, out, "--resume", "--max-steps", "3")) == 0
    assert "have changed since the training was saved" in " ".join("".join(capfd.readouterr()).split())
    assert main(words(data, out, "--resume", "--max-steps", "4")) == 0
    assert "have changed" not in "".join(capfd.readouterr())
