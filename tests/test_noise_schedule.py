"""The noise schedule that is shifted to the size of the images."""

import json

import numpy as np
import pytest
import torch

from segpaint.cli import main
from segpaint.core.diffusion.network_files import read_scheduler_config
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import SCHEDULER_CONFIG, read_checkpoint
from segpaint.core.requests.sampling import SAMPLERS
from segpaint.training.noise_schedule import noise_scheduler


@pytest.mark.parametrize("shift", [-2.77, -1.0, 0.5])
def test_the_signal_to_noise_ratio_of_each_timestep_is_shifted(shift):
    plain, shifted = (
        np.log(kept / (1 - kept))
        for kept in (
            noise_scheduler("squaredcos_cap_v2", "v_prediction", one).alphas_cumprod.double().numpy()
            for one in (0.0, shift)
        )
    )
    assert shifted[:-1] - plain[:-1] == pytest.approx(shift, abs=0.02)
    assert (np.diff(shifted) < 0).all()


def test_noise_of_averages_is_as_that_of_pixels():
    """Where 4 x 4 pixels are averaged, the shift makes the noise that a plain schedule gives one pixel."""
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(1, 1, 256, 256, generator=generator)
    plain = noise_scheduler("squaredcos_cap_v2", "v_prediction", 0.0)
    shifted = noise_scheduler("squaredcos_cap_v2", "v_prediction", 2 * np.log(64 / 256))
    ratio = []
    for scheduler, side in ((plain, 1), (shifted, 4)):
        kept = scheduler.alphas_cumprod[600]
        averaged = torch.nn.functional.avg_pool2d(noise, side) if side > 1 else noise
        ratio.append(float(kept.sqrt() / ((1 - kept).sqrt() * averaged.std())))
    assert ratio[0] == pytest.approx(ratio[1], rel=0.03)


def test_a_training_hands_it_to_its_checkpoint_and_to_the_next(tiny_data, tmp_path):
    words = ["train", str(tiny_data), "--widths", "32,32", "--max-steps", "1"]
    assert main([*words, "--out", str(tmp_path / "first"), "--noise-shift", "-1.4"]) == 0
    init = ["--init-from", str(tmp_path / "first")]
    begin = ["train", str(tiny_data), "--max-steps", "1", *init]
    assert main([*begin, "--out", str(tmp_path / "next")]) == 0
    assert main([*begin, "--out", str(tmp_path / "plain"), "--noise-shift", "0"]) == 0
    first, following, plain = (
        read_scheduler_config(read_checkpoint(tmp_path / name)) for name in ("first", "next", "plain")
    )
    assert first["trained_betas"] == following["trained_betas"]
    assert plain.get("trained_betas") is None
    for name in SAMPLERS:
        kept = build_scheduler(first, name, 5).alphas_cumprod
        torch.testing.assert_close(
            kept, noise_scheduler("squaredcos_cap_v2", "v_prediction", -1.4).alphas_cumprod
        )


@pytest.mark.parametrize("betas", [[0.1], "many", [0.5] * 999 + [2.0]])
def test_damaged_schedules_are_refused(tiny_checkpoint, tmp_path, betas):
    import shutil

    folder = shutil.copytree(tiny_checkpoint, tmp_path / "damaged")
    config = json.loads((folder / SCHEDULER_CONFIG).read_text())
    (folder / SCHEDULER_CONFIG).write_text(json.dumps({**config, "trained_betas": betas}))
    with pytest.raises(SegPaintError, match="trained_betas"):
        read_scheduler_config(read_checkpoint(folder))
