import weakref

import numpy as np
import pytest
import torch

from segpaint.core.diffusion import networks as networks_module
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.job_queue import JobQueue
from segpaint.core.runs.messages import Job, JobDone, JobFailed


class Opened:
    """Opens engines, and knows which are still there."""

    def __init__(self):
        self.names = []
        self._alive = []

    def __call__(self, checkpoint):
        assert self.count == 0  # the guest before it has gone
        self.names.append(checkpoint.folder.name)
        engine = Engine(checkpoint, torch.device("cpu"))
        self._alive.append(weakref.ref(engine))
        return engine

    @property
    def count(self):
        return sum(reference() is not None for reference in self._alive)


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch):
    """Share no steps, whatever is quicker here; see `test_batching.py`."""
    monkeypatch.setattr(networks_module, "find_batch_sizes", lambda *_: ())


@pytest.fixture
def heard():
    return []


@pytest.fixture
def opened():
    return Opened()


@pytest.fixture
def queue(heard, opened):
    return JobQueue(heard.append, opened)


@pytest.fixture
def guests(other_checkpoint, maskless_checkpoint):
    return [read_checkpoint(folder) for folder in (other_checkpoint, maskless_checkpoint)]


@pytest.fixture
def asked(make_request):
    """Make a request for a checkpoint, with a blank mask."""

    def make(checkpoint):
        mask = np.zeros((32, 32), np.uint8)
        return make_request(used=(), fingerprint=checkpoint.fingerprint, mask=mask)

    return make


def finish(queue, loaded):
    """Take all turns; returns how many there was something to do in."""
    turns = 0
    while queue.take_turn(loaded):
        turns += 1
    return turns


def test_images_are_made_in_the_order_in_which_they_were_asked_for(queue, heard, tiny_engine, make_request):
    requests = {ticket: make_request(seed=ticket) for ticket in (5, 3, 4)}
    queue.add([Job(ticket, requests[ticket]) for ticket in (5, 3)])
    assert queue.take_turn(tiny_engine)
    queue.add([Job(4, requests[4])])
    assert finish(queue, tiny_engine) == 11
    assert [done.ticket for done in heard] == [5, 3, 4]
    for done in heard:
        *_, last = tiny_engine.run(requests[done.ticket])
        np.testing.assert_array_equal(done.pixels, to_pixels(last.sample))


def test_a_job_that_is_dropped_halfway_is_not_gone_on_with(queue, heard, tiny_engine, make_request):
    queue.add([Job(ticket, make_request(seed=ticket)) for ticket in (1, 2, 3)])
    queue.take_turn(tiny_engine)
    queue.drop(lambda job: job.ticket != 2)
    assert finish(queue, tiny_engine) == 4
    (done,) = heard
    *_, last = tiny_engine.run(make_request(seed=2))
    assert done.ticket == 2
    np.testing.assert_array_equal(done.pixels, to_pixels(last.sample))


def test_a_job_that_is_not_dropped_goes_on(queue, heard, tiny_engine, make_request):
    queue.add([Job(1, make_request()), Job(2, make_request())])
    queue.take_turn(tiny_engine)
    queue.drop(lambda job: job.ticket == 2)
    assert finish(queue, tiny_engine) == 3
    assert [done.ticket for done in heard] == [1]


def test_one_guest_makes_what_names_another_checkpoint(queue, heard, opened, tiny_engine, guests, asked):
    first, second = guests
    wanted = [first, tiny_engine.checkpoint, first, second]
    queue.add([Job(ticket, asked(checkpoint), checkpoint) for ticket, checkpoint in enumerate(wanted)])
    finish(queue, tiny_engine)
    assert [done.ticket for done in heard if isinstance(done, JobDone)] == [0, 1, 2, 3]
    assert opened.names == ["other", "maskless"]
    assert opened.count == 1  # it may be asked again
    assert not np.array_equal(heard[0].pixels, heard[1].pixels)
    queue.drop(lambda _: False)
    assert opened.count == 0


def test_a_guest_needs_no_loaded_model(queue, heard, guests, asked):
    queue.add([Job(1, asked(guests[0]), guests[0])])
    finish(queue, None)
    assert isinstance(heard[0], JobDone)


def test_without_a_model_a_job_fails(queue, heard, make_request):
    queue.add([Job(1, make_request())])
    assert finish(queue, None) == 1
    (failed,) = heard
    assert isinstance(failed.error, SegPaintError)
    assert "choose one" in str(failed.error)


def test_a_job_that_fails_does_not_hold_up_the_others(queue, heard, tiny_engine, make_request):
    unfit = make_request(mask=np.zeros((7, 7), np.uint8))
    queue.add([Job(1, make_request()), Job(2, unfit), Job(3, make_request())])
    finish(queue, tiny_engine)
    assert [(type(answer), answer.ticket) for answer in heard] == [(JobDone, 1), (JobFailed, 2), (JobDone, 3)]


def test_pixels_are_kept_before_they_are_reported(queue, heard, tiny_engine, make_request):
    kept = []

    def keep(pixels, _judgement):
        assert heard == []
        kept.append(pixels)

    queue.add([Job(1, make_request(), keep=keep)])
    finish(queue, tiny_engine)
    (done,) = heard
    assert len(kept) == 1
    assert kept[0] is done.pixels


def test_pixels_that_cannot_be_kept_are_a_failure(queue, heard, tiny_engine, make_request):
    def fail(_pixels, _judgement):
        raise OSError("The disk is full.")

    queue.add([Job(1, make_request(), keep=fail), Job(2, make_request())])
    finish(queue, tiny_engine)
    assert [type(answer) for answer in heard] == [JobFailed, JobDone]
    assert str(heard[0].error) == "The disk is full."


def test_what_somebody_waits_for_comes_before_what_is_not_under_way(queue, heard, tiny_engine, make_request):
    queue.add([Job(ticket, make_request(seed=ticket)) for ticket in (1, 2, 3)])
    queue.take_turn(tiny_engine)
    queue.add([Job(4, make_request(seed=4))], first=True)
    finish(queue, tiny_engine)
    assert [answer.ticket for answer in heard] == [1, 4, 2, 3]
