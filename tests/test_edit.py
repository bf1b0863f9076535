"""Editing real images: inversion, keeping, similarity, warm starts."""

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from segpaint.core.diffusion.inversion import edited_region, invert, slerp
from segpaint.core.diffusion.pixels import from_pixels, to_pixels
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.compare import psnr
from segpaint.core.requests.origins import Counterfactual, Similarity, WarmStart
from segpaint.core.requests.request import Request, Stage
from segpaint.core.requests.sampling import SAMPLERS

STEPS = 20
USED = (1, 2, 4)


@pytest.fixture(scope="module")
def reference(tiny_data):
    from PIL import Image

    return np.array(Image.open(tiny_data / "images" / "val" / "val_0.png"))


@pytest.fixture
def other_mask(drawn_mask):
    mask = drawn_mask.copy()
    mask[4:8, 22:27] = 4
    return mask


def deterministic(prediction, steps):
    config = {"beta_schedule": "squaredcos_cap_v2", "prediction_type": prediction, "clip_sample": False}
    return build_scheduler({**config, "timestep_spacing": "trailing"}, "ddim", steps)


@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon", "sample"])
@pytest.mark.parametrize("steps", [20, 30, 50])
def test_sampling_undoes_inversion(prediction, steps):
    scheduler = deterministic(prediction, steps)

    def predict(sample, timestep):
        """Knows that images are dark and smooth, and noise is what is left."""
        kept = scheduler.alphas_cumprod[timestep]
        signal, noise = kept.sqrt(), (1 - kept).sqrt()
        spread = kept * 0.25 + 1 - kept
        blurred = torch.nn.functional.avg_pool2d(sample, 3, 1, 1)
        image = signal * 0.25 / spread * sample + 0.1 * torch.tanh(blurred) * noise - 0.1
        rest = (sample - signal * image) / noise
        velocity = signal * rest - noise * image
        return {"v_prediction": velocity, "epsilon": rest, "sample": image}[prediction]

    first = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    *_, sample = invert(predict, scheduler, first)
    for timestep in scheduler.timesteps:
        sample = scheduler.step(predict(sample, timestep), timestep, sample, return_dict=False)[0]
    assert (sample - first).abs().max() < 0.02


@pytest.mark.parametrize("guidance", [1.0, 1.5])
def test_a_reference_under_its_own_mask_comes_back(image_of, make_request, reference, drawn_mask, guidance):
    origin = Counterfactual(image=reference, mask=drawn_mask, used=USED, margin=None)
    request = make_request(sampler="ddim", steps=50, guidance=guidance, origin=origin)
    assert psnr(image_of(request), reference) > 35


def test_an_edit_changes_its_surroundings_alone(image_of, make_request, reference, drawn_mask, other_mask):
    origin = Counterfactual(image=reference, mask=drawn_mask, used=USED, margin=3)
    made = image_of(make_request(sampler="ddim", steps=STEPS, mask=other_mask, origin=origin))
    edited = drawn_mask != other_mask
    assert np.abs(made[edited].astype(int) - reference[edited]).mean() > 0
    rows, columns = np.mgrid[:32, :32]
    distance = np.min(np.hypot(rows[..., None] - rows[edited], columns[..., None] - columns[edited]), axis=-1)
    np.testing.assert_array_equal(made[distance >= 6], reference[distance >= 6])


def test_without_an_edit_the_reference_is_kept_to_the_last_pixel(image_of, make_request, reference, drawn_mask):
    origin = Counterfactual(image=reference, mask=drawn_mask, used=USED, margin=6)
    made = image_of(make_request(sampler="ddim", steps=STEPS, mask=drawn_mask, origin=origin))
    np.testing.assert_array_equal(made, reference)


def test_leaving_out_a_label_is_an_edit_too(image_of, make_request, reference, drawn_mask):
    origin = Counterfactual(image=reference, mask=drawn_mask, used=USED, margin=1)
    made = image_of(make_request(sampler="ddim", steps=STEPS, mask=drawn_mask, used=(1, 2), origin=origin))
    assert not np.array_equal(made, reference)


@pytest.mark.parametrize("step", [0, 8, 19])
def test_similarity_leads_from_an_image_of_its_own_to_the_reference(image_of, make_request, reference, step):
    def made(share):
        origin = Similarity(image=reference, share=share, step=step)
        return image_of(make_request(sampler="ddim", steps=STEPS, origin=origin)).astype(float)

    distances = [np.abs(made(share) - reference).mean() for share in (0, 0.25, 0.5, 0.75, 1)]
    assert distances[-1] < 8
    assert distances[0] > 2 * distances[-1]
    if step:
        assert distances == sorted(distances, reverse=True)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_warm_start_stays_near_where_it_began(image_of, make_request, reference, sampler):
    def distance(step):
        origin = WarmStart(image=reference, step=step)
        made = image_of(make_request(sampler=sampler, steps=STEPS, origin=origin)).astype(float)
        return np.abs(made - reference).mean()

    assert distance(19) < distance(10) < distance(1)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_warm_start_takes_the_steps_that_are_left(tiny_engine, make_request, reference, sampler):
    request = make_request(sampler=sampler, steps=STEPS, origin=WarmStart(image=reference, step=12))
    assert [step.index for step in tiny_engine.run(request)] == list(range(12, STEPS))


@pytest.mark.parametrize("kind", ["counterfactual", "similarity", "warm start"])
def test_going_on_from_a_kept_step_is_exact_with_an_edit_on_the_way(
    tiny_engine, make_request, reference, drawn_mask, other_mask, kind
):
    origin = {
        "counterfactual": Counterfactual(image=reference, mask=drawn_mask, used=USED),
        "similarity": Similarity(image=reference, share=0.4, step=5),
        "warm start": WarmStart(image=reference, step=3),
    }[kind]
    request = make_request(sampler="ddim", steps=STEPS, mask=other_mask, origin=origin)
    straight = list(tiny_engine.run(request))
    for kept in (straight[0], straight[2], straight[-2]):
        rest = list(tiny_engine.run(request, after=kept))
        assert torch.equal(rest[-1].sample, straight[-1].sample)
    edited = request.changed(Stage(step=9, used=(1,), mask=drawn_mask))
    rest = list(tiny_engine.run(edited, after=next(step for step in straight if step.index == 8)))
    assert torch.equal(rest[-1].sample, list(tiny_engine.run(edited))[-1].sample)


def test_preparing_tells_how_far_it_is_and_is_done_once(tiny_engine, make_request, reference, drawn_mask):
    origin = Counterfactual(image=reference[::-1], mask=drawn_mask, used=USED)
    request = make_request(sampler="ddim", steps=5, origin=origin)
    assert list(tiny_engine.prepare(request)) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert list(tiny_engine.prepare(request)) == []
    assert list(tiny_engine.prepare(make_request())) == []


def test_only_a_reversible_sampler_can_invert(make_request, reference, drawn_mask):
    for origin in (
        Counterfactual(image=reference, mask=drawn_mask, used=USED),
        Similarity(image=reference, share=0.5, step=1),
    ):
        with pytest.raises(ValidationError, match="sampler ddim"):
            make_request(sampler="dpm++", origin=origin)
    with pytest.raises(ValidationError, match="beyond its last"):
        make_request(steps=4, origin=WarmStart(image=reference, step=4))


def test_a_reference_of_another_size_is_refused(tiny_engine, make_request):
    wrong = make_request(origin=WarmStart(image=np.zeros((8, 8), np.uint8), step=0))
    with pytest.raises(SegPaintError, match=r"shape \(8, 8\)"):
        tiny_engine.check(wrong)


@pytest.mark.parametrize("colour", [False, True])
def test_json_keeps_the_origin(make_request, reference, drawn_mask, colour):
    image = np.stack([reference] * 3, axis=-1) if colour else reference
    origin = Counterfactual(image=image, mask=drawn_mask, used=(1,), margin=2.5)
    again = Request.model_validate_json(make_request(sampler="ddim", origin=origin).model_dump_json()).origin
    np.testing.assert_array_equal(again.image, image)
    np.testing.assert_array_equal(again.mask, drawn_mask)
    assert (again.used, again.margin, again.kind) == ((1,), 2.5, "counterfactual")
    with pytest.raises(ValueError, match="read-only"):
        again.image[0, 0] = 1


@given(st.floats(0, 1), st.integers(0, 100))
def test_a_mixture_of_noises_is_as_noisy_as_they(share, seed):
    first, second = torch.randn(2, 1, 1, 64, 64, generator=torch.Generator().manual_seed(seed))
    mixed = slerp(first, second, share)
    assert float(mixed.std()) == pytest.approx(1, abs=0.05)
    assert torch.allclose(slerp(first, second, 0), first, atol=1e-5)
    assert torch.allclose(slerp(first, second, 1), second, atol=1e-5)
    assert torch.allclose(slerp(first, first, share), first, atol=1e-5)


def test_an_edited_region_fades_out_around_the_edit():
    edited = np.zeros((32, 32), np.bool_)
    edited[10:14, 10:14] = True
    region = edited_region(edited, 4)
    assert region[0, 0, 12, 12] == 1
    assert region[0, 0, 12, 16] == 1
    assert 0 < region[0, 0, 12, 19] < 1
    assert region[0, 0, 12, 22] == 0
    assert not edited_region(np.zeros((32, 32), np.bool_), 4).any()
    assert edited_region(edited, 0).sum() == 16


def test_pixels_survive_the_way_to_the_network_and_back(reference):
    np.testing.assert_array_equal(to_pixels(from_pixels(reference)[None]), reference)


def test_the_scheduler_of_diffusers_is_what_is_undone():
    assert isinstance(deterministic("v_prediction", 5), DDIMScheduler)
