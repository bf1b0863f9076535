"""The grain that a network leaves in its images is measured, and taken out of them."""

import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from segpaint.cli import main
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.grain import GrainFilter
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.request import Request
from segpaint.evaluation.distances import spectrum
from segpaint.evaluation.grain import measure_grain

CPU = torch.device("cpu")
GAINS = (1.0, 0.9, 0.2)
SIZE = 48


def _waves(cycles):
    """A wave of so many cycles per pixel along the rows, and as high as the values of images go."""
    return torch.cos(2 * torch.pi * cycles * torch.arange(SIZE)).expand(1, 1, SIZE, SIZE).contiguous()


def _config(prediction):
    return {"beta_schedule": "squaredcos_cap_v2", "prediction_type": prediction}


def _image(prediction, output, sample, timestep):
    kept = build_scheduler(_config(prediction), "dpm++", 1).alphas_cumprod[timestep]
    signal, noise = kept.sqrt(), (1 - kept).sqrt()
    return {
        "sample": output,
        "v_prediction": signal * sample - noise * output,
        "epsilon": (sample - noise * output) / signal,
    }[prediction]


@pytest.mark.parametrize(("cycles", "gain"), [(0, 1), (0.125, 0.95), (0.25, 0.9), (0.4375, 0.375)])
def test_each_frequency_keeps_the_share_of_its_gain(cycles, gain):
    wave = _waves(cycles)
    filtered = GrainFilter(GAINS, _config("sample"))(wave, torch.zeros_like(wave), torch.tensor(500))
    inside = (..., slice(8, -8), slice(8, -8))  # at the edges, the wave is mirrored
    torch.testing.assert_close(filtered[inside], gain * wave[inside], rtol=0, atol=0.06)


@pytest.mark.parametrize("prediction", ["sample", "v_prediction", "epsilon"])
@pytest.mark.parametrize("timestep", [3, 400, 900])
def test_what_is_filtered_is_the_image_that_an_output_stands_for(prediction, timestep):
    torch.manual_seed(0)
    output, sample = torch.randn(2, 3, SIZE, SIZE), torch.randn(2, 3, SIZE, SIZE)
    filtered = GrainFilter(GAINS, _config(prediction))(output, sample, torch.tensor(timestep))
    image = _image(prediction, output, sample, timestep)
    wanted = GrainFilter(GAINS, _config("sample"))(image, sample, torch.tensor(timestep))
    found = _image(prediction, filtered, sample, timestep)
    torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-3 * float(image.abs().max()))


def test_noise_is_told_from_what_real_images_hold():
    rng = np.random.default_rng(0)
    coarse = rng.normal(size=(12, 1, 16, 16)).repeat(4, axis=-1).repeat(4, axis=-2)
    kernel = np.exp(-0.5 * (np.fft.fftfreq(64)[:, None] ** 2 + np.fft.fftfreq(64) ** 2) / 0.1**2)
    soft = np.fft.ifft2(np.fft.fft2(coarse) * kernel).real
    real = np.clip(128 + 40 * soft, 0, 255).astype(np.uint8)
    grained = np.clip(real + rng.normal(0, 6, size=real.shape), 0, 255).astype(np.uint8)
    gains = measure_grain(grained, real)
    assert min(gains[:4]) > 0.95
    assert max(gains[-4:]) < 0.2
    scheduler = _config("sample")
    images = torch.from_numpy(grained).float() / 127.5 - 1
    filtered = GrainFilter(gains, scheduler)(images, images, torch.tensor(0))
    cleaned = np.concatenate([to_pixels(one)[None, None] for one in filtered[:, None]])
    before, after = (spectrum(some) / spectrum(real) for some in (grained, cleaned))
    assert before[-1] > 20
    assert 0.2 < after[-1] < 3
    assert after[0] == pytest.approx(1, abs=0.05)
    assert measure_grain(real, grained) == ()


@pytest.fixture(scope="module")
def grained(tiny_checkpoint):
    """The tiny checkpoint, whose untrained network leaves much noise, with and without gains."""
    plain = read_checkpoint(tiny_checkpoint)
    return plain, Checkpoint(plain.folder, plain.description.model_copy(update={"grain_gains": GAINS}))


def _make(checkpoint, mask, **settings):
    settings = {"seed": 4, "steps": 4, **settings}
    request = Request.ask(checkpoint, mask, "float32", checkpoint.table.indices, **settings)
    *_, last = Engine(checkpoint, CPU).run(request)
    return to_pixels(last.sample)


def test_a_checkpoint_with_gains_makes_smoother_images_and_is_another_one(grained, drawn_mask):
    plain, smooth = grained
    assert plain.fingerprint != smooth.fingerprint
    first, second = (_make(one, drawn_mask)[None, None] for one in grained)
    assert spectrum(second)[-1] < 0.3 * spectrum(first)[-1]
    np.testing.assert_array_equal(second[0, 0], _make(smooth, drawn_mask))


def test_a_reference_comes_back_from_noise_with_all_its_grain(grained, drawn_mask):
    reference = np.random.default_rng(1).integers(90, 160, drawn_mask.shape).astype(np.uint8)
    used = grained[0].table.indices
    origin = Counterfactual(image=reference, mask=drawn_mask, used=used, way="exact-inversion", margin=None)
    for checkpoint in grained:
        again = _make(checkpoint, drawn_mask, origin=origin, sampler="ddim")
        assert np.abs(again.astype(int) - reference).max() <= 1


def test_few_steps_are_filtered_at_their_end(distilled_checkpoint, drawn_mask):
    plain = read_checkpoint(distilled_checkpoint)
    smooth = Checkpoint(plain.folder, plain.description.model_copy(update={"grain_gains": GAINS}))
    few = plain.folder / "few_steps" / "few_steps.json"
    kept = few.read_text()
    runs = []
    for checkpoint in (plain, smooth):
        few.write_text(kept.replace(plain.fingerprint, checkpoint.fingerprint))
        request = Request.ask(
            checkpoint, drawn_mask, "float32", checkpoint.table.indices, seed=2, steps=4, sampler="few"
        )
        runs.append(list(Engine(checkpoint, CPU).run(request)))
    few.write_text(kept)
    for first, second in zip(*(steps[:-1] for steps in runs), strict=True):
        assert torch.equal(first.sample, second.sample)
    first, second = (to_pixels(steps[-1].sample)[None, None] for steps in runs)
    assert spectrum(second)[-1] < 0.3 * spectrum(first)[-1]


def test_an_image_is_filtered_alike_alone_and_beside_others():
    torch.manual_seed(1)
    images = torch.randn(5, 1, SIZE, SIZE)
    smooth = GrainFilter(GAINS, _config("v_prediction"))
    together = smooth(images, images.flip(0), torch.tensor(300))
    for place in range(5):
        alone = smooth(images[place : place + 1], images.flip(0)[place : place + 1], torch.tensor(300))
        assert torch.equal(alone, together[place : place + 1])


def test_a_command_measures_the_grain_and_takes_it_out(distilled_checkpoint, tiny_data, tmp_path, capfd):
    folder = shutil.copytree(distilled_checkpoint, tmp_path / "mine")
    command = ["checkpoint", "smooth", str(folder), "--data", str(tiny_data), "--images", "2"]
    before = read_checkpoint(folder)
    assert main(command) == 0
    shown = " ".join(capfd.readouterr().err.split())
    assert "Power at the finest was" in shown
    after = read_checkpoint(folder)
    assert max(after.description.grain_gains) <= 1
    assert after.description.grain_gains[-1] < after.description.grain_gains[0]
    assert after.fingerprint != before.fingerprint
    assert after.few_steps == before.few_steps != ""
    few = Engine(after, CPU).networks.for_sampler("few")  # still belongs to the weights
    assert few is not None
    gains = after.description.grain_gains
    assert main(command) == 0
    assert read_checkpoint(folder).description.grain_gains == gains  # of the images without the filter


def test_a_checkpoint_without_grain_stays_as_it_is(tiny_checkpoint, tiny_data, tmp_path, capfd):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "mine")
    noisy = shutil.copytree(tiny_data, tmp_path / "noisy")
    rng = np.random.default_rng(2)
    for path in noisy.glob("images/*/*.png"):
        with Image.open(path) as image:
            shape = np.asarray(image).shape
        Image.fromarray((255 * rng.integers(0, 2, shape)).astype(np.uint8)).save(path)
    fingerprint = read_checkpoint(folder).fingerprint
    command = ["checkpoint", "smooth", str(folder), "--data", str(noisy), "--images", "1"]
    assert main(command) == 0
    assert "leaves no grain" in " ".join(capfd.readouterr().err.split())
    assert read_checkpoint(folder).fingerprint == fingerprint
    assert main([*command[:-1], "0"]) == 2
    assert "--images 0: give 1 or more." in capfd.readouterr().err
