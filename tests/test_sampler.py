import copy
import itertools

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.diffusion.network import Network
from segpaint.core.diffusion.network_files import load_network
from segpaint.core.diffusion.sampler import first_noise, sample
from segpaint.core.diffusion.samplers import build_scheduler, spaced_timesteps
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.sampling import SAMPLERS

SHAPE = (1, 1, 32, 32)
SEED = 11
STEPS = 7
PREDICTIONS = ["v_prediction", "epsilon", "sample"]

samplers = pytest.mark.parametrize("sampler", SAMPLERS)
predictions = pytest.mark.parametrize("prediction", PREDICTIONS)


def config(prediction="v_prediction", schedule="squaredcos_cap_v2"):
    return {"beta_schedule": schedule, "prediction_type": prediction, "timestep_spacing": "trailing"}


@pytest.fixture(scope="module")
def network(tiny_engine):
    return tiny_engine.network


@pytest.fixture(scope="module")
def conditioning():
    return torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)).sign()


def run(network, conditioning, sampler="ddim", *, prediction="v_prediction", steps=STEPS, seed=SEED, **more):
    scheduler = build_scheduler(config(prediction), sampler, steps)
    return sample(network, scheduler, conditioning, channels=1, seed=seed, **more)


class Recorder(Network):
    """A network that remembers what it was shown."""

    def __init__(self, network):
        super().__init__(network.unet, network.space_to_depth)
        self.samples, self.conditionings = [], []

    def forward(self, sample, timestep, conditioning, attributes=None):
        self.samples.append(sample.clone())
        self.conditionings.append(conditioning.clone())
        return super().forward(sample, timestep, conditioning, attributes)


@torch.inference_mode()
def diffusers_steps(scheduler, network, conditioning):
    """The loop as diffusers' own pipelines write it."""
    generator = torch.Generator().manual_seed(SEED)
    state = torch.randn(SHAPE, generator=generator) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        output = network(scheduler.scale_model_input(state, timestep), timestep, conditioning)
        stepped = scheduler.step(output, timestep, state, generator=generator)
        state = stepped.prev_sample
        yield int(timestep), state, getattr(stepped, "pred_original_sample", None)


@predictions
@pytest.mark.parametrize("schedule", ["squaredcos_cap_v2", "linear"])
@pytest.mark.parametrize(
    ("sampler", "theirs", "count"), [("ddpm", DDPMScheduler, 7), ("ddim", DDIMScheduler, 8)]
)
def test_every_step_equals_that_of_diffusers(
    network, conditioning, sampler, theirs, count, prediction, schedule
):
    scheduler = theirs(**config(prediction, schedule))
    scheduler.set_timesteps(count)
    expected = list(diffusers_steps(scheduler, network, conditioning))
    ours = build_scheduler(config(prediction, schedule), sampler, count)
    steps = list(sample(network, ours, conditioning, channels=1, seed=SEED))
    assert len(steps) == len(expected) == count
    for step, (timestep, state, denoised) in zip(steps, expected, strict=True):
        assert step.timestep == timestep
        assert (step.sample - state).abs().max() < 1e-5
        assert (step.denoised - denoised).abs().max() < 1e-5


@predictions
def test_every_multistep_sample_equals_that_of_diffusers(network, conditioning, prediction):
    scheduler = DPMSolverMultistepScheduler(**config(prediction), algorithm_type="dpmsolver++", solver_order=2)
    scheduler.set_timesteps(timesteps=spaced_timesteps(STEPS, 1.75))
    expected = list(diffusers_steps(scheduler, network, conditioning))
    steps = list(run(network, conditioning, "dpm++", prediction=prediction))
    assert [step.timestep for step in steps] == [timestep for timestep, _, _ in expected]
    for step, (_, state, _) in zip(steps, expected, strict=True):
        assert (step.sample - state).abs().max() < 1e-5


@samplers
def test_steps_are_counted_and_the_last_one_is_the_finished_image(network, conditioning, sampler):
    steps = list(run(network, conditioning, sampler))
    assert [step.index for step in steps] == list(range(STEPS))
    assert {step.count for step in steps} == {STEPS}
    assert [step.is_last for step in steps] == [False] * (STEPS - 1) + [True]
    assert steps[0].timestep == 999
    timesteps = [step.timestep for step in steps]
    assert timesteps == sorted(timesteps, reverse=True)
    torch.testing.assert_close(steps[-1].sample.clamp(-1, 1), steps[-1].denoised, atol=0.02, rtol=0)


@samplers
def test_one_step_is_enough_for_an_image(network, conditioning, sampler):
    (only,) = run(network, conditioning, sampler, steps=1)
    assert only.is_last
    assert torch.isfinite(only.sample).all()


@samplers
def test_a_seed_means_the_same_steps_again(network, conditioning, sampler):
    once, again, other = (list(run(network, conditioning, sampler, seed=seed)) for seed in (3, 3, 4))
    for first, second in zip(once, again, strict=True):
        assert torch.equal(first.sample, second.sample)
        assert torch.equal(first.denoised, second.denoised)
    assert not torch.equal(once[-1].sample, other[-1].sample)


def test_the_first_noise_is_drawn_on_the_cpu_from_the_seed_alone():
    torch.manual_seed(99)
    noise, _ = first_noise(SHAPE, SEED)
    torch.manual_seed(100)
    again, _ = first_noise(SHAPE, SEED)
    assert noise.device.type == "cpu"
    assert torch.equal(noise, again)
    assert torch.equal(noise, torch.randn(SHAPE, generator=torch.Generator("cpu").manual_seed(SEED)))
    assert not torch.equal(noise, first_noise(SHAPE, SEED + 1)[0])


@pytest.mark.parametrize(
    "changes",
    [{"sampler": "ddpm"}, {"sampler": "dpm++"}, {"steps": 3}, {"guidance": 2.0}, {"prediction": "epsilon"}],
    ids=str,
)
def test_the_first_noise_does_not_depend_on_the_rest_of_the_request(network, conditioning, changes):
    recorder = Recorder(network)
    next(run(recorder, conditioning, **changes))
    next(run(recorder, torch.zeros_like(conditioning)))
    noise, _ = first_noise(SHAPE, SEED)
    for shown in torch.cat(recorder.samples):
        assert torch.equal(shown, noise[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a second device")
def test_the_first_noise_is_the_same_on_another_device(network, conditioning):
    recorder = Recorder(copy.deepcopy(network)).to("cuda")
    next(run(recorder, conditioning))
    assert torch.equal(recorder.samples[0].cpu(), first_noise(SHAPE, SEED)[0])


@samplers
@pytest.mark.parametrize("guidance", [1.0, 2.5])
def test_going_on_from_a_kept_step_ends_bit_for_bit_alike(network, conditioning, sampler, guidance):
    straight = list(run(network, conditioning, sampler, guidance=guidance))
    for kept in (straight[0], straight[3], straight[-2]):
        rest = list(run(network, conditioning, sampler, guidance=guidance, after=kept))
        assert [step.index for step in rest] == list(range(kept.index + 1, STEPS))
        for step in rest:
            assert torch.equal(step.sample, straight[step.index].sample)
            assert torch.equal(step.denoised, straight[step.index].denoised)


def test_nothing_is_left_to_do_after_the_last_step(network, conditioning):
    *_, last = run(network, conditioning)
    assert list(run(network, conditioning, after=last)) == []


def test_a_kept_step_is_not_changed_by_those_that_follow(network, conditioning):
    steps = run(network, conditioning, "dpm++")
    kept = next(steps)
    before = kept.sample.clone(), kept.denoised.clone()
    list(steps)
    list(run(network, conditioning, "dpm++", after=kept))
    assert torch.equal(kept.sample, before[0])
    assert torch.equal(kept.denoised, before[1])


def test_guidance_of_one_is_off(network, conditioning):
    recorder = Recorder(network)
    list(run(recorder, conditioning, guidance=1.0))
    assert {len(shown) for shown in recorder.samples} == {1}
    assert all(torch.equal(shown, conditioning) for shown in recorder.conditionings)


def test_guidance_is_off_where_there_is_no_mask_to_follow(maskless_checkpoint):
    recorder = Recorder(load_network(read_checkpoint(maskless_checkpoint), torch.device("cpu")))
    nothing = torch.zeros(1, 0, 32, 32)
    *_, plain = run(recorder, nothing, guidance=1.0)
    *_, guided = run(recorder, nothing, guidance=3.0)
    assert {len(shown) for shown in recorder.samples} == {1}  # and not evaluated twice
    assert torch.equal(plain.sample, guided.sample)


@pytest.mark.parametrize("guidance", [0.0, 0.5, 3.0])
def test_guidance_leads_away_from_the_blank_mask(network, conditioning, guidance):
    step = next(run(network, conditioning, "ddim", guidance=guidance))
    noise, _ = first_noise(SHAPE, SEED)
    with torch.inference_mode():
        blank = network(noise, torch.tensor(999), torch.zeros_like(conditioning))
        masked = network(noise, torch.tensor(999), conditioning)
    output = blank + guidance * (masked - blank)
    scheduler = build_scheduler(config(), "ddim", STEPS)
    expected = scheduler.step(output, scheduler.timesteps[0], noise)
    assert (step.sample - expected.prev_sample).abs().max() < 1e-5
    assert (step.denoised - expected.pred_original_sample).abs().max() < 1e-5


def test_guidance_of_nought_forgets_the_mask(network, conditioning):
    *_, unguided = run(network, conditioning, guidance=0.0)
    *_, blank = run(network, torch.zeros_like(conditioning))
    assert (unguided.sample - blank.sample).abs().max() < 1e-5


@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("taken", [0, 1, 3])
def test_cancelling_leaves_torch_as_it_was(network, conditioning, grad, taken):
    with torch.set_grad_enabled(grad):
        steps = run(network, conditioning)
        for _ in itertools.islice(steps, taken):
            assert not torch.is_inference_mode_enabled()
            assert torch.is_grad_enabled() is grad
        steps.close()
        del steps
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled() is grad


def test_bfloat16_leaves_samples_in_float32(network, conditioning):
    *_, last = run(network, conditioning, precision="bfloat16")
    *_, exact = run(network, conditioning)
    assert last.sample.dtype == last.denoised.dtype == torch.float32
    assert 0 < (last.sample - exact.sample).abs().max() < 0.5


@given(steps=st.integers(1, 1000), power=st.floats(1, 3))
def test_spaced_timesteps_fall_from_the_noisiest_and_none_comes_twice(steps, power):
    timesteps = spaced_timesteps(steps, power)
    assert len(timesteps) == steps
    assert timesteps[0] == 999
    assert timesteps[-1] >= 0
    assert all(before > after for before, after in itertools.pairwise(timesteps))


def test_a_higher_power_crowds_the_steps_towards_the_end():
    assert spaced_timesteps(20, 1.75)[-1] < spaced_timesteps(20, 1.0)[-1] / 5
    assert spaced_timesteps(1000, 1.75) == list(range(999, -1, -1))
