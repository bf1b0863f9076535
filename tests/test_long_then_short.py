"""Tests runs that begin with long steps and end with short ones."""

import pytest
import torch

from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.long_then_short import LONG
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.request import Request
from segpaint.core.requests.sampling import LONG_THEN_SHORT

CPU = torch.device("cpu")
NAME, STEPS = LONG_THEN_SHORT.name, LONG_THEN_SHORT.usual


@pytest.fixture
def engine(distilled_checkpoint):
    return Engine(read_checkpoint(distilled_checkpoint), CPU)


def _ask(engine, mask, **settings):
    return Request.ask(engine.checkpoint, mask, "float32", sampler=NAME, **settings)


def _called(engine, monkeypatch):
    """Note which network is called, in order, and for how many images."""
    calls = []
    few, many = engine.networks.for_sampler("few"), engine.network
    for kind, network in (("long", few), ("short", many)):
        called = network.forward

        def noting(*inputs, kind=kind, called=called):
            calls.append((kind, len(inputs[0])))
            return called(*inputs)

        monkeypatch.setattr(network, "forward", noting)
    return calls


def test_long_steps_come_first_and_cost_one_call_each(engine, drawn_mask, monkeypatch):
    calls = _called(engine, monkeypatch)
    steps = list(engine.run(_ask(engine, drawn_mask, guidance=1.5)))
    assert calls == [("long", 1)] * LONG + [("short", 2)] * (STEPS - LONG)
    assert [step.index for step in steps] == list(range(STEPS))
    assert [step.timestep for step in steps] == sorted((step.timestep for step in steps), reverse=True)


@pytest.mark.parametrize("count", [100, 1000])
def test_the_schedule_falls_to_little_noise(count):
    scheduler = build_scheduler({"num_train_timesteps": count}, NAME, STEPS)
    timesteps = scheduler.timesteps.tolist()
    assert len(set(timesteps)) == STEPS
    assert timesteps == sorted(timesteps, reverse=True)
    assert timesteps[0] == count - 1
    assert timesteps[LONG] == scheduler.passes_at
    assert timesteps[-1] < count / 50


def test_a_network_that_knows_the_image_ends_at_it():
    """Every step of the first order, and every later one, keeps to the way between noise and an image."""
    scheduler = build_scheduler({"num_train_timesteps": 1000, "prediction_type": "sample"}, NAME, STEPS)
    generator = torch.Generator().manual_seed(0)
    image, noise = (torch.randn((1, 1, 8, 8), generator=generator).clamp(-1, 1) for _ in range(2))
    state = scheduler.add_noise(image, noise, scheduler.timesteps[:1])
    for place, timestep in enumerate(scheduler.timesteps):
        torch.testing.assert_close(
            state, scheduler.add_noise(image, noise, timestep[None]), rtol=1e-3, atol=2e-3,
            msg=f"before step {place}",
        )  # fmt: skip
        state = scheduler.step(image, timestep, state, return_dict=False)[0]
    torch.testing.assert_close(state, image, rtol=0, atol=1e-4)


def test_a_run_goes_on_from_any_of_its_steps(engine, drawn_mask):
    request = _ask(engine, drawn_mask)
    steps = list(engine.run(request))
    for after in steps[:-1]:
        *_, last = engine.run(request, after=after)
        assert torch.equal(last.sample, steps[-1].sample)


def test_it_is_offered_where_a_network_learnt_long_steps(tiny_checkpoint, engine, drawn_mask):
    assert LONG_THEN_SHORT in engine.checkpoint.samplers
    plain = Engine(read_checkpoint(tiny_checkpoint), CPU)
    assert LONG_THEN_SHORT not in plain.checkpoint.samplers
    with pytest.raises(SegPaintError, match="no network for few steps"):
        list(plain.run(_ask(plain, drawn_mask)))


def test_a_request_names_both_networks(engine, drawn_mask):
    request = _ask(engine, drawn_mask)
    assert request.few_steps == engine.checkpoint.few_steps != ""
    assert request.steps == STEPS
    with pytest.raises(SegPaintError, match="another network for few steps"):
        engine.check(request.model_copy(update={"few_steps": "0123456789abcdef"}))


def test_other_numbers_of_steps_are_refused(engine, drawn_mask):
    with pytest.raises(SegPaintError, match="takes 7 steps, not 20"):
        _ask(engine, drawn_mask, steps=20)
