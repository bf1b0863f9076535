"""Several images at once: each is as alone, in order, or made alone."""

import numpy as np
import pytest
import torch

from segpaint.core.diffusion import engine as engine_module
from segpaint.core.diffusion import networks as networks_module
from segpaint.core.diffusion.batching import SIZES, find_batch_sizes, in_batches
from segpaint.core.requests.origins import WarmStart
from segpaint.core.requests.sampling import SAMPLERS
from segpaint.core.runs.job_queue import JobQueue
from segpaint.core.runs.messages import Job, JobDone


@pytest.fixture
def together(tiny_engine, monkeypatch):
    """Make images in batches of a size, and count the calls of the sampling loop."""

    def make(requests, size):
        calls = []
        loop = engine_module.sample
        monkeypatch.setattr(networks_module, "find_batch_sizes", lambda *_: (size,))
        monkeypatch.setattr(
            engine_module, "sample", lambda *given, **named: calls.append(1) or loop(*given, **named)
        )
        tiny_engine.networks._batch_sizes.clear()
        images = list(tiny_engine.make_all(requests))
        tiny_engine.networks._batch_sizes.clear()
        monkeypatch.undo()
        return images, len(calls)

    return make


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_each_image_of_a_batch_is_as_alone(make_request, drawn_mask, together, image_of, sampler, guidance):
    masks = [drawn_mask, drawn_mask.T.copy(), drawn_mask]
    requests = [
        make_request(sampler=sampler, guidance=guidance, steps=3, seed=seed, mask=mask, used=used)
        for seed, (mask, used) in enumerate(zip(masks, [(1, 2, 4), (1, 2), ()], strict=True))
    ]
    images, calls = together(requests + requests[:1], 4)
    assert calls == 1
    for request, image in zip(requests, images, strict=False):
        difference = np.abs(image.astype(int) - image_of(request))
        assert difference.max() <= 1  # float32 on this machine may choose other kernels for a batch
        assert (difference > 0).mean() < 0.01
    np.testing.assert_array_equal(images[0], images[3])


def test_what_cannot_share_a_call_is_made_alone_and_in_order(make_request, together, image_of):
    image = np.zeros((32, 32), np.uint8)
    requests = [
        make_request(steps=2, seed=1),
        make_request(steps=2, seed=2),
        make_request(steps=3, seed=1),
        make_request(sampler="dpm++", steps=3, seed=1, origin=WarmStart(image=image, step=1)),
        make_request(steps=2, seed=3),
    ]
    images, calls = together(requests, 2)
    assert calls == 4
    for request, made in zip(requests, images, strict=True):
        assert np.abs(made.astype(int) - image_of(request)).max() <= 1
    np.testing.assert_array_equal(images[2], image_of(requests[2]))


def test_requests_are_put_together_up_to_a_number(make_request):
    requests = [make_request(seed=seed) for seed in range(5)]
    assert [len(batch) for batch in in_batches(requests, 2)] == [2, 2, 1]
    assert [request.seed for batch in in_batches(requests, 2) for request in batch] == [0, 1, 2, 3, 4]
    assert list(in_batches([], 4)) == []


def test_a_batch_for_which_there_is_no_memory_is_made_one_by_one(
    make_request, tiny_engine, monkeypatch, image_of
):
    loop = engine_module.sample

    def out_of_memory(*given, **named):
        if len(given[2]) > 1:
            raise RuntimeError("out of memory")
        return loop(*given, **named)

    monkeypatch.setattr(networks_module, "find_batch_sizes", lambda *_: (2,))
    monkeypatch.setattr(engine_module, "sample", out_of_memory)
    tiny_engine.networks._batch_sizes.clear()
    requests = [make_request(steps=2, seed=seed) for seed in range(2)]
    images = list(tiny_engine.make_all(requests))
    tiny_engine.networks._batch_sizes.clear()
    for request, image in zip(requests, images, strict=True):
        np.testing.assert_array_equal(image, image_of(request))


class _Changing(torch.nn.Module):
    """A network whose images depend on how many are made at once, or do not."""

    device = torch.device("cpu")
    takes_long_steps = False

    def __init__(self, depends):
        super().__init__()
        self.depends, self.sizes = depends, []

    def forward(self, sample, _timestep, _conditioning, _attributes):
        self.sizes.append(len(sample))
        torch.linalg.matrix_exp(torch.ones(60, 60))  # what a call costs, however many images it makes
        return sample + (len(sample) if self.depends else 1)


@pytest.mark.parametrize("depends", [True, False])
def test_a_batch_is_made_only_where_it_changes_no_bit(depends):
    network = _Changing(depends)
    sizes = find_batch_sizes(network, (1, 2, 8, 8), 1, 1.0, "float32")
    assert (sizes == ()) if depends else (SIZES[0] in sizes)
    assert set(SIZES) <= set(network.sizes)


@pytest.fixture
def in_fours(tiny_engine, monkeypatch):
    """Let the engine make up to four images at once."""
    monkeypatch.setattr(networks_module, "find_batch_sizes", lambda *_: (4, 2))
    tiny_engine.networks._batch_sizes.clear()
    yield tiny_engine
    tiny_engine.networks._batch_sizes.clear()


def test_jobs_share_their_steps_and_are_answered_one_by_one(in_fours, make_request, image_of):
    heard = []
    queue = JobQueue(heard.append, None)
    requests = [make_request(steps=3, seed=seed) for seed in range(7)]
    queue.add([Job(ticket, request) for ticket, request in enumerate(requests)])
    turns = 0
    while queue.take_turn(in_fours):
        turns += 1
    assert turns == 3 + 3 + 3  # four, two, and one
    assert [done.ticket for done in heard] == list(range(7))
    for done, request in zip(heard, requests, strict=True):
        assert np.abs(done.pixels.astype(int) - image_of(request)).max() <= 1


def test_a_job_given_up_among_several_leaves_the_others(in_fours, make_request):
    heard = []
    queue = JobQueue(heard.append, None)
    queue.add([Job(ticket, make_request(steps=3, seed=ticket)) for ticket in range(4)])
    queue.take_turn(in_fours)
    queue.drop(lambda job: job.ticket == 2)
    while queue.take_turn(in_fours):
        pass
    assert [done.ticket for done in heard] == [0, 1, 3]


def test_jobs_for_which_there_is_no_memory_together_are_made_one_by_one(in_fours, make_request, monkeypatch):
    loop = engine_module.sample

    def out_of_memory(*given, **named):
        if len(given[2]) > 1:
            raise RuntimeError("out of memory")
        return loop(*given, **named)

    monkeypatch.setattr(engine_module, "sample", out_of_memory)
    heard = []
    queue = JobQueue(heard.append, None)
    queue.add([Job(ticket, make_request(steps=2, seed=ticket)) for ticket in range(3)])
    while queue.take_turn(in_fours):
        pass
    assert [type(done) for done in heard] == [JobDone] * 3
