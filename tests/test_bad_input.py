import errno
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from diffusers import UNet2DModel
from PIL import Image

from segpaint.cli import main
from segpaint.core.requests.checkpoint import WEIGHTS


@pytest.fixture
def refused(tiny_checkpoint, tmp_path, capfd):
    """Run the command, and return the one sentence on stderr with which it ends."""

    def run(*words, checkpoint=tiny_checkpoint, out=tmp_path / "out"):
        capfd.readouterr()
        given = [str(word) for word in words]
        assert main(["generate", *given, "--checkpoint", str(checkpoint), "--out", str(out)]) == 2
        printed = capfd.readouterr()
        assert printed.out == ""
        assert "Traceback" not in printed.err
        *progress, sentence = printed.err.strip().splitlines()
        assert not any(line.startswith("segpaint:") for line in progress)
        assert sentence.startswith("segpaint: ")
        assert sentence[-1] in ".)"
        if out.is_dir():
            assert list(out.iterdir()) == []
        return sentence

    return run


@pytest.fixture
def save(tmp_path):
    def write(pixels, mode=None, name="mask.png"):
        image = Image.fromarray(pixels)
        (image.convert(mode) if mode else image).save(tmp_path / name)
        return tmp_path / name

    return write


def test_labels_that_the_checkpoint_does_not_know(refused, save):
    path = save(np.full((32, 32), 3, np.uint8))
    assert f"{path} holds labels that this checkpoint does not know: 3" in refused(path)


def test_a_mask_in_colour(refused, save, drawn_mask):
    assert "not label indices" in refused(save(drawn_mask, "RGB"))


def test_a_mask_of_the_wrong_size(refused, save):
    assert "--resize" in refused(save(np.zeros((40, 32), np.uint8)))


def test_a_free_region_of_the_wrong_size(refused, save, mask_file):
    free = save(np.zeros((40, 32), np.uint8))
    assert str(free) in refused(mask_file, "--free", free)


def test_an_empty_file(refused, tmp_path):
    (tmp_path / "mask.png").touch()
    assert "it is empty" in refused(tmp_path / "mask.png")


def test_a_file_that_is_not_there(refused, tmp_path):
    assert "There is no file" in refused(tmp_path / "nowhere.png")


def test_no_mask_at_all(refused):
    assert "Give masks" in refused()


def test_a_mask_beside_a_request(refused, mask_file):
    assert "one --request" in refused(mask_file, "--request", mask_file)


def test_a_picture_that_holds_no_request(refused, mask_file):
    assert "holds no request" in refused("--request", mask_file)


@pytest.mark.parametrize("option", ["--use", "--ablate"])
def test_a_label_that_the_checkpoint_does_not_have(refused, mask_file, option):
    assert "liver" in refused(mask_file, option, "body,liver")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--steps", "0"),
        ("--steps", "1001"),
        ("--seed", "-1"),
        ("--seed", str(2**63)),
        ("--guidance", "-1"),
        ("--per-mask", "0"),
    ],
)
def test_a_number_out_of_range_is_told_with_its_option(refused, mask_file, option, value):
    assert f"{option.removeprefix('--')} {value}" in refused(mask_file, option, value)


def test_two_masks_of_one_name(refused, mask_file, save, drawn_mask):
    other = save(drawn_mask, name=mask_file.name)
    assert "would be overwritten" in refused(mask_file, other)


def test_images_are_not_written_over_their_own_masks(tiny_checkpoint, save, drawn_mask, tmp_path, capfd):
    path = save(drawn_mask)
    before = path.read_bytes()
    words = ["generate", str(path), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path)]
    assert main(words) == 2
    assert "would be overwritten" in capfd.readouterr().err
    assert path.read_bytes() == before


def test_a_checkpoint_that_is_not_there(refused, mask_file):
    assert "There is no checkpoint 'no-such-thing'" in refused(mask_file, checkpoint="no-such-thing")


def test_a_checkpoint_that_lacks_a_file(refused, mask_file, tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "poor")
    (folder / WEIGHTS).unlink()
    assert f"lacks the file {WEIGHTS}" in refused(mask_file, checkpoint=folder)


def test_a_checkpoint_with_pickled_weights(refused, mask_file, tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "pickled")
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert "pickled" in refused(mask_file, checkpoint=folder)


def test_a_checkpoint_whose_shapes_do_not_fit(refused, mask_file, tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "bent")
    config = folder / "unet" / "config.json"
    config.write_text(config.read_text().replace('"layers_per_block": 1', '"layers_per_block": 2'))
    assert f"The weights in {folder / WEIGHTS} do not fit" in refused(mask_file, checkpoint=folder)


def test_a_request_for_another_checkpoint(refused, make_request, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(make_request(fingerprint="0" * 16).model_dump_json())
    assert "give the checkpoint that it was made with" in refused("--request", path)


def test_an_output_folder_that_cannot_be_written(refused, mask_file, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in refused(mask_file, out=tmp_path / "file")


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_disk_that_fills_up(refused, mask_file, monkeypatch, after):
    left = after

    def fsync(_descriptor):
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    assert "No space left on device" in refused(mask_file)


def test_a_network_that_raises_in_mid_run(refused, mask_file, monkeypatch):
    forward, calls = UNet2DModel.forward, []

    def fail(self, *args, **kwargs):
        calls.append(None)
        if len(calls) > 2:
            raise RuntimeError("out of memory\nwith a long story")
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(UNet2DModel, "forward", fail)
    sentence = refused(mask_file)
    assert len(calls) == 3
    assert "The network failed" in sentence
    assert "there is not enough memory; close other programs" in sentence


def test_a_device_that_is_not_here(refused, mask_file):
    import torch

    device = "mps" if not torch.backends.mps.is_available() else "cuda"
    assert f"no device '{device}'" in refused(mask_file, "--device", device)


def test_without_a_display_the_window_says_so():
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    command = [sys.executable, "-m", "segpaint"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert len(done.stderr.splitlines()) == 1
