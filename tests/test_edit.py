"""Editing real images: inversion, keeping, similarity, warm starts."""

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.ndimage import distance_transform_edt

from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.inversion import Path, edited_region, invert, invert_exactly, renewing, slerp
from segpaint.core.diffusion.pixels import from_pixels, to_pixels
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.compare import psnr
from segpaint.core.requests.origins import Counterfactual, Similarity, WarmStart, level_at, step_at
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

    def back(sample, missed):
        for timestep, rest in zip(scheduler.timesteps, missed, strict=True):
            sample = scheduler.step(predict(sample, timestep), timestep, sample, return_dict=False)[0] + rest
        return sample

    first = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    *_, (noise, _) = invert(predict, scheduler, first)
    assert (back(noise, [0] * steps) - first).abs().max() < 0.02
    path = list(invert_exactly(predict, scheduler, first))
    noise, missed = path[-1][0], [rest for _, rest in reversed(path)]
    assert (back(noise, missed) - first).abs().max() < 1e-3
    assert 1e-4 < max(rest.abs().max() for rest in missed) < 0.5


@pytest.mark.parametrize("guidance", [1.0, 1.5])
@pytest.mark.parametrize(
    ("way", "steps", "least"),
    [("inversion", 50, 35), ("exact-inversion", 4, 50), ("partial-inversion", 4, 50)],
)
def test_a_reference_under_its_own_mask_comes_back(
    image_of, make_request, reference, drawn_mask, guidance, way, steps, least
):
    origin = Counterfactual(image=reference, mask=drawn_mask, used=USED, margin=None, way=way)
    request = make_request(sampler="ddim", steps=steps, guidance=guidance, origin=origin)
    assert psnr(image_of(request), reference) > least


def test_exact_inversion_calls_the_network_twice_a_step(
    tiny_engine, make_request, reference, drawn_mask, monkeypatch
):
    calls, called = [], tiny_engine.network.forward
    monkeypatch.setattr(tiny_engine.network, "forward", lambda *inputs: calls.append(1) or called(*inputs))
    origin = Counterfactual(image=reference[:, ::-1], mask=drawn_mask, used=USED, way="exact-inversion")
    request = make_request(sampler="ddim", steps=8, origin=origin)
    list(tiny_engine.prepare(request))
    assert len(calls) == 8 * 2
    list(tiny_engine.run(request))
    assert len(calls) == 8 * 2 + 8
    other = make_request(sampler="ddim", steps=8, origin=origin, mask=drawn_mask, seed=5)
    list(tiny_engine.run(other))
    assert len(calls) == 8 * 2 + 2 * 8
    partial = origin.model_copy(update={"way": "partial-inversion"})
    list(tiny_engine.run(make_request(sampler="ddim", steps=8, origin=partial)))
    assert len(calls) == 8 * 2 + 3 * 8


def test_what_was_edited_begins_with_the_noise_of_the_seed(
    image_of, make_request, reference, drawn_mask, other_mask
):
    def made(way, seed, margin):
        origin = Counterfactual(image=reference, mask=drawn_mask, used=USED, margin=margin, way=way)
        return image_of(make_request(sampler="ddim", steps=4, seed=seed, mask=other_mask, origin=origin))

    np.testing.assert_array_equal(made("exact-inversion", 1, 3), made("exact-inversion", 2, 3))
    first, second = made("partial-inversion", 1, 3), made("partial-inversion", 2, 3)
    edited = drawn_mask != other_mask
    assert np.abs(first[edited].astype(int) - second[edited]).mean() > 2
    beyond = distance_transform_edt(~edited) >= 6
    np.testing.assert_array_equal(first[beyond], reference[beyond])
    assert not np.array_equal(made("partial-inversion", 1, None), made("partial-inversion", 2, None))


def test_fresh_noise_keeps_the_level_of_noise_and_stays_where_the_edit_is():
    draws = torch.Generator().manual_seed(0)
    own, fresh = (torch.randn(1, 1, 128, 128, generator=draws) for _ in range(2))
    edited = np.zeros((128, 128), bool)
    edited[:64] = True
    begun = renewing(Path([own], []), edited)(fresh)
    assert torch.equal(begun[..., 66:, :], own[..., 66:, :])
    renewed = begun[..., :66, :]
    assert float(renewed.std()) == pytest.approx(1, abs=0.03)
    assert float(torch.corrcoef(torch.stack([renewed.flatten(), fresh[..., :66, :].flatten()]))[0, 1]) > 0.85


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


@pytest.mark.parametrize("way", ["exact-inversion", "inversion"])
@pytest.mark.parametrize("step", [0, 8, 19])
def test_similarity_leads_from_an_image_of_its_own_to_the_reference(
    image_of, make_request, reference, step, way
):
    def made(share):
        origin = Similarity(image=reference, share=share, step=step, way=way)
        return image_of(make_request(sampler="ddim", steps=STEPS, origin=origin)).astype(float)

    distances = [np.abs(made(share) - reference).mean() for share in (0, 0.25, 0.5, 0.75, 1)]
    assert distances[-1] < 8
    assert distances[0] > 2 * distances[-1]
    if step:
        assert distances == sorted(distances, reverse=True)
    if way == "exact-inversion":
        np.testing.assert_allclose(made(1), reference, atol=1)


@given(steps=st.integers(1, 1000), part=st.floats(0, 1), way=st.sampled_from(["exact-inversion", "inversion"]))
def test_a_level_names_the_step_at_which_so_much_noise_is_gone(steps, part, way):
    step = step_at(part, steps, way)
    assert 0 <= step < steps
    assert step_at(level_at(step, steps, way), steps, way) == step


def test_requests_that_knew_no_way_are_written_as_before(make_request, reference, drawn_mask):
    edit = Counterfactual(image=reference, mask=drawn_mask, used=USED)
    near = Similarity(image=reference, share=0.5, step=1)
    for origin in (edit, near):
        assert "way" not in make_request(sampler="ddim", origin=origin).model_dump()["origin"]
        exact = make_request(sampler="ddim", origin=origin.model_copy(update={"way": "exact-inversion"}))
        assert exact.model_dump()["origin"]["way"] == "exact-inversion"
        again = Request.model_validate_json(exact.model_dump_json())
        assert again.model_dump_json() == exact.model_dump_json()


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


@pytest.mark.parametrize(
    "kind",
    [
        "counterfactual",
        "exact counterfactual",
        "partial counterfactual",
        "similarity",
        "exact similarity",
        "warm start",
    ],
)
def test_going_on_from_a_kept_step_is_exact_with_an_edit_on_the_way(
    tiny_engine, make_request, reference, drawn_mask, other_mask, kind
):
    origin = {
        "counterfactual": Counterfactual(image=reference, mask=drawn_mask, used=USED),
        "exact counterfactual": Counterfactual(
            image=reference, mask=drawn_mask, used=USED, way="exact-inversion"
        ),
        "partial counterfactual": Counterfactual(
            image=reference, mask=drawn_mask, used=USED, way="partial-inversion"
        ),
        "similarity": Similarity(image=reference, share=0.4, step=5),
        "exact similarity": Similarity(image=reference, share=0.4, step=5, way="exact-inversion"),
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


@pytest.mark.parametrize("way", ["exact-inversion", "inversion"])
def test_preparing_goes_on_with_what_was_begun(tiny_engine, make_request, image_of, reference, drawn_mask, way):
    origin = Counterfactual(image=reference[::-1, ::-1], mask=drawn_mask, used=USED, margin=None, way=way)
    request = make_request(sampler="ddim", steps=5, origin=origin)
    ahead = tiny_engine.prepare(request)
    assert [next(ahead), next(ahead)] == pytest.approx([0.2, 0.4])
    assert list(tiny_engine.prepare(request)) == pytest.approx([0.6, 0.8, 1.0])
    assert list(ahead) == []
    made = image_of(request)
    alone = Engine(tiny_engine.checkpoint, torch.device("cpu"))
    np.testing.assert_array_equal(to_pixels(list(alone.run(request))[-1].sample), made)


def test_a_failed_preparation_is_begun_anew(tiny_engine, make_request, reference, drawn_mask, monkeypatch):
    origin = Counterfactual(image=reference[:, ::-1], mask=drawn_mask[::-1].copy(), used=USED)
    request = make_request(sampler="ddim", steps=5, origin=origin)
    first = tiny_engine.prepare(request)
    next(first)
    with monkeypatch.context() as patch:
        patch.setattr(tiny_engine.network, "forward", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            next(first)
    assert len(list(tiny_engine.prepare(request))) == 5


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
