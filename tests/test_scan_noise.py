"""The noise of scans that a network leaves out is measured, and added to its images."""

import json
import shutil

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segpaint.cli import main
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.diffusion.scan_noise import ScanNoise
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.request import Request
from segpaint.core.requests.scan_noise import ScanNoiseFigures
from segpaint.evaluation.distances import power_of_the_finest
from segpaint.evaluation.scan_noise import measure_scan_noise

CPU = torch.device("cpu")
FIGURES = ScanNoiseFigures(gains=(0, 0, 1, 0.5, 0.5), strengths=(0, 8, 20))
SIZE = 64


@given(st.integers(0, 2**63 - 1), st.sampled_from([(64, 64), (48, 80), (33, 50)]))
def test_noise_has_the_variance_and_the_frequencies_that_are_asked_for(seed, size):
    noise = ScanNoise(FIGURES).draw(2, size, seed)
    assert noise.shape == (2, 1, *size)
    assert noise.var().item() == pytest.approx(1, abs=0.2)
    power = torch.fft.fft2(noise).abs().square().mean(dim=(0, 1))
    away = torch.hypot(torch.fft.fftfreq(size[0])[:, None], torch.fft.fftfreq(size[1]))
    coarse, strong = power[away < 0.12].mean(), power[(away > 0.24) & (away < 0.26)].mean()
    assert coarse < 1e-6 * strong
    assert 0.1 < power[away > 0.4].mean() / strong < 0.6  # half as high: a quarter of the power


def test_noise_is_the_same_alone_and_beside_others():
    together = ScanNoise(FIGURES).draw(3, (SIZE, SIZE), [5, 2**62, 7])
    for place, seed in enumerate([5, 2**62, 7]):
        alone = ScanNoise(FIGURES).draw(1, (SIZE, SIZE), [seed])
        assert torch.equal(alone, together[place : place + 1])
    assert not torch.equal(together[0], together[2])


@pytest.mark.parametrize(("grey", "strength"), [(0, 0), (127.5, 8), (191.25, 14), (255, 20)])
def test_noise_is_as_strong_as_its_grey_level_asks_for(grey, strength):
    image = torch.full((1, 3, SIZE, SIZE), grey / 127.5 - 1)
    noise = ScanNoise(FIGURES).draw(1, (SIZE, SIZE), 3)
    added = 127.5 * (ScanNoise(FIGURES).add(image, noise) - image)
    assert added.std().item() == pytest.approx(strength * noise.std().item(), abs=0.01)


def _phantoms(rng, count):
    """Organs of flat grey levels before black, with soft borders."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    images = np.zeros((count, 1, SIZE, SIZE))
    for image in images[:, 0]:
        for level in (90, 150, 210):
            row, column, radius = rng.uniform(10, 54), rng.uniform(10, 54), rng.uniform(8, 14)
            inside = 1 / (1 + np.exp(np.hypot(rows - row, columns - column) - radius))
            image += inside * (level - image)
    return images


def test_what_is_lacking_is_measured_by_frequency_and_grey_level():
    rng = np.random.default_rng(0)
    flat = _phantoms(rng, 60)
    truth = ScanNoise(FIGURES)
    noise = truth.draw(60, (SIZE, SIZE), list(range(100, 160)))
    noisy = truth.add(torch.from_numpy(flat / 127.5 - 1).float(), noise)
    real = np.stack([to_pixels(one[None]) for one in noisy])[:, None]
    made = _phantoms(rng, 60).round().astype(np.uint8)
    figures = measure_scan_noise(made, real)
    gains, strengths = np.array(figures.gains), np.array(figures.strengths)
    assert (gains[np.linspace(0, 0.5, len(gains)) < 0.12] == 0).all()
    assert gains[16] > 0.9 > 0.7 > gains[-1] > 0.3
    levels = np.linspace(0, 255, len(strengths))
    for grey, strength in ((0, 0), (90, 5.6), (150, 10.1), (210, 15.2)):
        assert np.interp(grey, levels, strengths) == pytest.approx(strength, rel=0.2, abs=0.5)
    measured = ScanNoise(figures)
    again = measured.add(torch.from_numpy(made / 127.5 - 1).float(), measured.draw(60, (SIZE, SIZE), 1))
    finished = np.stack([to_pixels(one[None]) for one in again])[:, None]
    assert power_of_the_finest(made, real) < 0.1
    assert power_of_the_finest(finished, real) == pytest.approx(1, abs=0.3)
    assert measure_scan_noise(real, made) is None
    assert measure_scan_noise(real, real) is None


@pytest.fixture(scope="module")
def both(tiny_checkpoint):
    """The tiny checkpoint without noise, and with it."""
    plain = read_checkpoint(tiny_checkpoint)
    return plain, plain.finished(scan_noise=FIGURES)


def _request(checkpoint, mask, **settings):
    settings = {"seed": 4, "steps": 4, **settings}
    return Request.ask(checkpoint, mask, "float32", checkpoint.table.indices, **settings)


def _steps(checkpoint, mask, **settings):
    return list(Engine(checkpoint, CPU).run(_request(checkpoint, mask, **settings)))


@pytest.mark.parametrize("sampler", ["dpm++", "ddim", "ddpm"])
def test_noise_is_added_to_what_is_shown_and_not_to_what_the_network_sees(both, drawn_mask, sampler):
    plain, noised = both
    assert plain.fingerprint != noised.fingerprint
    first, second = (_steps(one, drawn_mask, sampler=sampler) for one in both)
    scan = ScanNoise(FIGURES)
    noise = scan.draw(1, drawn_mask.shape, [4])
    for before, after in zip(first, second, strict=True):
        torch.testing.assert_close(after.denoised, scan.add(before.denoised, noise).clamp(-1, 1))
        wanted = scan.add(before.sample, noise) if after.is_last else before.sample
        torch.testing.assert_close(after.sample, wanted)


def test_a_run_that_goes_on_keeps_its_noise(both, drawn_mask):
    engine, request = Engine(both[1], CPU), _request(both[1], drawn_mask, sampler="ddpm")
    steps = list(engine.run(request))
    *_, last = engine.run(request, after=steps[1])
    assert torch.equal(last.sample, steps[-1].sample)


def test_images_that_are_made_together_are_as_if_alone(both, drawn_mask):
    engine = Engine(both[1], CPU)
    requests = [_request(both[1], drawn_mask, seed=seed) for seed in range(3)]
    for request, image in zip(requests, engine.make_all(requests), strict=True):
        *_, alone = engine.run(request)
        np.testing.assert_array_equal(to_pixels(alone.sample), image)


def test_beyond_the_margin_of_an_edit_a_reference_gets_no_noise(both, drawn_mask):
    reference = np.random.default_rng(1).integers(90, 160, drawn_mask.shape).astype(np.uint8)
    used, before = both[1].table.indices, drawn_mask.copy()
    edited = drawn_mask.copy()
    edited[:8, :8] = used[0] if drawn_mask[0, 0] != used[0] else 0
    origin = Counterfactual(image=reference, mask=before, used=used, way="warp", margin=2)
    images = [to_pixels(_steps(one, edited, origin=origin)[-1].sample) for one in both]
    far = np.ones(reference.shape, np.bool_)
    far[:14, :14] = False
    for image in images:
        np.testing.assert_array_equal(image[far], reference[far])
    assert not np.array_equal(*images)


def test_a_reference_comes_back_from_noise_without_another_scan_s(both, drawn_mask):
    reference = np.random.default_rng(1).integers(90, 160, drawn_mask.shape).astype(np.uint8)
    used = both[1].table.indices
    origin = Counterfactual(image=reference, mask=drawn_mask, used=used, way="exact-inversion", margin=None)
    again = to_pixels(_steps(both[1], drawn_mask, origin=origin, sampler="ddim")[-1].sample)
    assert np.abs(again.astype(int) - reference).max() <= 1


@pytest.fixture
def smooth(distilled_checkpoint, tiny_data, tmp_path):
    """A checkpoint whose images are without detail, and scans that are full of noise."""
    folder = shutil.copytree(distilled_checkpoint, tmp_path / "smooth")
    plain = read_checkpoint(folder)
    about = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps({**about, "grain_gains": [1, 0.1, 0, 0, 0]}))
    few = folder / "few_steps" / "few_steps.json"
    few.write_text(few.read_text().replace(plain.fingerprint, read_checkpoint(folder).fingerprint))
    noisy = shutil.copytree(tiny_data, tmp_path / "noisy")
    rng = np.random.default_rng(2)
    for path in noisy.glob("images/*/*.png"):
        with Image.open(path) as image:
            shape = np.asarray(image).shape
        Image.fromarray(rng.normal(128, 25, shape).clip(0, 255).astype(np.uint8)).save(path)
    return folder, noisy


def test_a_command_measures_the_noise_of_both_networks_and_adds_it(smooth, capfd):
    folder, noisy = smooth
    before = read_checkpoint(folder)
    few_steps = before.few_steps
    command = ["checkpoint", "noise", str(folder), "--data", str(noisy), "--images", "2"]
    assert main(command) == 0
    shown = " ".join(capfd.readouterr().err.split())
    assert "DPM-Solver++ (2M): power at the finest was 0.0" in shown
    assert "Few steps: power at the finest was 0.0" in shown
    assert "makes other images than before" in shown
    after = read_checkpoint(folder)
    assert after.description.scan_noise.gains[-1] > 0
    assert after.fingerprint != before.fingerprint
    assert after.few_steps != few_steps
    engine = Engine(after, CPU)
    assert engine.networks.for_sampler("few").scan_noise is not None
    assert engine.networks.for_sampler("dpm++").scan_noise is not None
    written = {path: path.read_bytes() for path in folder.rglob("*.json")}
    assert main(command) == 0  # it measures images without the noise that it has added
    assert written == {path: path.read_bytes() for path in folder.rglob("*.json")}


def test_smoothing_drops_the_noise_that_was_measured_on_other_images(smooth, tiny_data, capfd):
    folder, noisy = smooth
    assert main(["checkpoint", "noise", str(folder), "--data", str(noisy), "--images", "2"]) == 0
    assert main(["checkpoint", "smooth", str(folder), "--data", str(tiny_data), "--images", "2"]) == 0
    assert "measure that anew" in " ".join(capfd.readouterr().err.split())
    after = read_checkpoint(folder)
    assert after.description.scan_noise is None
    assert Engine(after, CPU).networks.for_sampler("few").scan_noise is None


def test_a_checkpoint_that_lacks_nothing_stays_as_it_is(distilled_checkpoint, tiny_data, tmp_path, capfd):
    folder = shutil.copytree(distilled_checkpoint, tmp_path / "mine")
    written = {path: path.read_bytes() for path in folder.rglob("*.json")}
    command = ["checkpoint", "noise", str(folder), "--data", str(tiny_data), "--images", "1"]
    assert main(command) == 0
    assert "no noise of scans is lacking" in " ".join(capfd.readouterr().err.split())
    assert written == {path: path.read_bytes() for path in folder.rglob("*.json")}
    assert main([*command[:-1], "0"]) == 2
    assert "--images 0: give 1 or more." in capfd.readouterr().err


def test_noise_without_any_frequency_is_refused(tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "mine")
    about = json.loads((folder / "segpaint.json").read_text())
    about["scan_noise"] = {"gains": [0, 0], "strengths": [1, 2]}
    (folder / "segpaint.json").write_text(json.dumps(about))
    with pytest.raises(SegPaintError, match=r"are all 0, which is no noise; leave scan_noise out"):
        read_checkpoint(folder)
