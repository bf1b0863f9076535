import json
import os
import shutil
import subprocess
import sys
import time

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from segpaint.cli import main
from segpaint.core.diffusion.engine import Engine
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.training.trainer import STATE

OPTIONS = ["--widths", "32,32", "--batch-size", "4", "--save-minutes", "0", "--picture-minutes", "1000"]


def words(data, out, *more):
    return ["train", str(data), "--out", str(out), *OPTIONS, *more]


def steps_done(out):
    with safe_open(out / STATE, framework="pt") as file:
        return json.loads(file.metadata()["progress"])["step"]


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
    assert main(words(tiny_data, tmp_path, "--resume", "--max-steps", "2")) == 2
    assert "other settings: --unlabelled given, not left out" in capfd.readouterr().err
    again = words(tiny_data, tmp_path, "--resume", "--unlabelled", str(folder), "--max-steps", "2")
    assert main(again) == 0
    assert steps_done(tmp_path) == 2


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
        (["--widths", "32,32,32,32,32,32"], "multiple of 64"),
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
