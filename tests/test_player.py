import gc
import itertools
import weakref

import numpy as np
import pytest
import torch

from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.request import Stage
from segpaint.core.runs import messages, player
from segpaint.core.runs.mailbox import Mailbox
from segpaint.core.runs.messages import Control
from segpaint.core.runs.run_state import RunState

MAIL = "mail"


class Played:
    """A player, and all that came of it, in order."""

    def __init__(self, open_engine):
        self.heard = []
        self.mailbox = Mailbox(lambda: self.heard.append(MAIL))
        self.player = player.Player(self.mailbox, self.heard.append, open_engine)

    def ask(self, *asked):
        for message in asked:
            self.player.ask(message)

    def go(self, turns=None):
        """Take so many turns, or all that there is something to do in; returns how many that was."""
        for taken in itertools.count():
            if taken == turns or not self.player.take_turn():
                return taken
        return None

    def frames(self):
        return [frame.index for frame in self.mailbox.take()]

    def of(self, kind):
        return [message for message in self.heard if isinstance(message, kind)]

    @property
    def states(self):
        return [(message.run, message.state) for message in self.of(messages.StateChanged)]


class Faulty:
    """An engine whose network fails from a step on."""

    def __init__(self, engine, step):
        self._engine = engine
        self.step = step

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def run(self, request, after=None):
        for step in self._engine.run(request, after):
            if step.index == self.step:
                raise RuntimeError("out of memory")
            yield step


def play(engine):
    """A player that has loaded an engine."""
    played = Played(lambda _checkpoint: engine)
    played.ask(messages.Load(engine.checkpoint))
    played.heard.clear()
    return played


@pytest.fixture
def played(tiny_engine):
    return play(tiny_engine)


@pytest.fixture
def made(tiny_engine):
    """Make the finished image of a request, from its first step on."""

    def make(request):
        *_, last = tiny_engine.run(request)
        return to_pixels(last.sample)

    return make


@pytest.fixture
def other_mask(drawn_mask):
    return np.roll(drawn_mask, 5, axis=1)


def test_a_checkpoint_that_is_loaded_is_ready(tiny_engine):
    opened = []
    played = Played(lambda checkpoint: opened.append(checkpoint) or tiny_engine)
    played.ask(messages.Load(tiny_engine.checkpoint))
    (ready,) = played.heard
    assert ready.checkpoint is tiny_engine.checkpoint
    assert ready.device == "cpu"
    assert ready.precision in ("float32", "bfloat16")
    assert opened == [tiny_engine.checkpoint]
    assert played.go() == 0


def test_where_no_checkpoint_can_be_loaded_it_is_reported_and_no_run_starts(tiny_engine, make_request):
    def fail(_checkpoint):
        raise SegPaintError("The weights do not fit.")

    played = Played(fail)
    played.ask(messages.Load(tiny_engine.checkpoint), messages.StartRun(1, make_request(), paused=False))
    played.ask(messages.Segment(np.zeros((32, 32), np.uint8)))
    failed, state = played.heard
    assert str(failed.error) == "The weights do not fit."
    assert state == messages.StateChanged(1, RunState.FAILED)
    assert played.go() == 0


def test_the_precision_is_found_anew_without_a_run_or_a_job_being_lost(played, make_request, tiny_engine):
    played.ask(messages.StartRun(7, make_request(), paused=False))
    played.go(turns=2)
    played.ask(messages.AddJobs([messages.Job(1, make_request(steps=1))]), messages.FindPrecision())
    (found,) = played.of(messages.PrecisionFound)
    assert found == (tiny_engine.checkpoint, tiny_engine.precision)
    played.go()
    assert played.states == [(7, RunState.RUNNING), (7, RunState.FINISHED)]
    assert [done.ticket for done in played.of(messages.JobDone)] == [1]
    played.ask(messages.StartRun(8, make_request(), paused=False, after=(7, 1)))
    played.go()
    assert played.states[-1] == (8, RunState.FINISHED)
    assert played.of(messages.Failed) == []


def test_a_run_plays_to_its_end(played, make_request, made):
    request = make_request()
    played.ask(messages.StartRun(7, request, paused=False))
    assert played.go() == 4
    running, finished = played.of(messages.StateChanged)
    # One notice, however many frames wait, and the last of them before the news that it was the last.
    assert played.heard == [running, MAIL, finished]
    assert played.states == [(7, RunState.RUNNING), (7, RunState.FINISHED)]
    frames = played.mailbox.take()
    assert [(frame.run, frame.index, frame.count) for frame in frames] == [(7, index, 4) for index in range(4)]
    np.testing.assert_array_equal(frames[-1].noisy, made(request))


def test_frames_that_come_after_a_look_have_a_notice_of_their_own(played, make_request):
    played.ask(messages.StartRun(1, make_request(), paused=False))
    played.go(2)
    assert played.frames() == [0, 1]
    played.go(2)
    assert played.frames() == [2, 3]
    assert played.heard.count(MAIL) == 2


def test_a_run_waits_goes_on_by_a_step_and_plays(played, make_request):
    played.ask(messages.StartRun(1, make_request(steps=6), paused=True))
    assert played.go() == 0
    played.ask(Control.STEP)
    assert played.go() == 1
    played.ask(Control.PLAY)
    assert played.go(2) == 2
    played.ask(Control.PAUSE)
    assert played.go() == 0
    played.ask(Control.STEP, Control.PAUSE)
    assert played.go() == 0
    played.ask(Control.STEP, Control.PLAY)
    assert played.go() == 3
    assert played.frames() == [*range(6)]
    assert [state for _, state in played.states] == [
        RunState.PAUSED,
        RunState.PAUSED,
        RunState.RUNNING,
        RunState.PAUSED,
        RunState.PAUSED,
        RunState.PAUSED,
        RunState.PAUSED,
        RunState.RUNNING,
        RunState.FINISHED,
    ]


def test_controls_without_a_run_do_nothing(played, make_request, drawn_mask):
    stage = Stage(step=0, used=(), mask=drawn_mask)
    played.ask(*Control, messages.ChangeRun(stage))
    assert played.heard == []
    assert played.go() == 0
    played.ask(messages.StartRun(1, make_request(), paused=True))
    assert played.go() == 0  # the step asked for before is none of this run's


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_a_change_is_followed_from_the_next_step_on(played, make_request, made, other_mask, taken):
    request = make_request()
    played.ask(messages.StartRun(1, request, paused=False))
    played.go(taken)
    played.ask(messages.ChangeRun(Stage(step=0, used=(1, 2), mask=other_mask)))
    (changed,) = played.of(messages.RequestChanged)
    assert changed.run == 1
    expected = request.changed(Stage(step=taken, used=(1, 2), mask=other_mask))
    assert changed.request.model_dump_json() == expected.model_dump_json()
    played.go()
    *_, last = played.mailbox.take()
    np.testing.assert_array_equal(last.noisy, made(changed.request))
    assert not np.array_equal(last.noisy, made(request))


def test_a_change_after_the_last_step_is_too_late(played, make_request, other_mask):
    change = messages.ChangeRun(Stage(step=0, used=(1, 2), mask=other_mask))
    played.ask(messages.StartRun(1, make_request(), paused=False))
    played.go()
    played.ask(change, messages.StartRun(2, make_request(), paused=True, after=(1, 3)), change)
    assert played.of(messages.RequestChanged) == []


@pytest.mark.parametrize("sampler", ["dpm++", "ddpm"])
def test_a_run_goes_on_after_a_kept_step_of_another(played, make_request, made, other_mask, sampler):
    request = make_request(steps=8, sampler=sampler)
    played.ask(messages.StartRun(1, request, paused=False))
    played.go()
    played.mailbox.take()
    changed = request.changed(Stage(step=3, used=(1,), mask=other_mask))
    for run, wanted in ((2, changed), (3, request)):
        played.ask(messages.StartRun(run, wanted, paused=False, after=(1, 2)))
        assert played.go() == 5
        frames = played.mailbox.take()
        assert [frame.index for frame in frames] == [3, 4, 5, 6, 7]
        np.testing.assert_array_equal(frames[-1].noisy, made(wanted))


def test_steps_thinned_out_are_taken_again_and_not_seen_twice(played, make_request, made, monkeypatch):
    monkeypatch.setattr(player, "STEP_BUDGET", 100_000)
    request = make_request(steps=40)
    played.ask(messages.StartRun(1, request, paused=False))
    played.go()
    played.mailbox.take()
    played.ask(messages.StartRun(2, request, paused=False, after=(1, 30)))
    turns = played.go()
    frames = played.mailbox.take()
    assert [frame.index for frame in frames] == [*range(31, 40)]
    assert len(frames) < turns < 40
    np.testing.assert_array_equal(frames[-1].noisy, made(request))


def test_a_network_that_fails_ends_the_run_and_the_next_one_works(tiny_engine, make_request):
    engine = Faulty(tiny_engine, step=2)
    played = play(engine)
    played.ask(messages.StartRun(1, make_request(), paused=False))
    assert played.go() == 3
    *_, state, failed = played.heard
    assert state == messages.StateChanged(1, RunState.FAILED)
    assert str(failed.error).startswith("There is not enough memory")
    assert played.frames() == [0, 1]
    engine.step = -1
    played.ask(messages.StartRun(2, make_request(), paused=False))
    played.go()
    assert played.states[-1] == (2, RunState.FINISHED)


def test_a_run_that_is_stopped_leaves_no_frame_under_way(played, make_request):
    played.ask(messages.StartRun(1, make_request(), paused=False))
    played.go(2)
    played.ask(Control.STOP)
    assert played.mailbox.take() == ()
    assert played.go() == 0
    assert played.states == [(1, RunState.RUNNING), (1, RunState.STOPPED)]
    played.ask(Control.STOP, Control.PLAY)
    assert len(played.states) == 2


def test_a_run_that_is_over_cannot_be_stopped_and_its_frames_stay(played, make_request):
    played.ask(messages.StartRun(1, make_request(), paused=False))
    played.go()
    played.ask(Control.STOP)
    assert played.frames() == [0, 1, 2, 3]
    assert played.states[-1] == (1, RunState.FINISHED)


def test_a_step_takes_with_it_what_must_be_done_before(played, make_request, drawn_mask):
    reference = (drawn_mask * 60).astype(np.uint8)
    origin = Counterfactual(image=reference, mask=drawn_mask, used=(1, 2, 4))
    played.ask(messages.StartRun(1, make_request(sampler="ddim", origin=origin), paused=True), Control.STEP)
    assert played.go() == 5
    assert [answer.done for answer in played.of(messages.Preparing)] == [0.25, 0.5, 0.75, 1]
    (frame,) = played.mailbox.take()
    assert frame.preparation > 0
    played.ask(Control.STEP)
    played.go()
    (frame,) = played.mailbox.take()
    assert frame.preparation == 0


def test_the_segmenter_finds_labels_and_judges(judged_checkpoint, make_request, drawn_mask):
    engine = Engine(read_checkpoint(judged_checkpoint), torch.device("cpu"))
    played, image = play(engine), np.full((32, 32), 80, np.uint8)
    request = make_request()
    played.ask(messages.Segment(image), messages.JudgeImage(5, image, request))
    segmented, judged = played.heard
    assert segmented.image is image
    np.testing.assert_array_equal(segmented.mask, engine.find_mask(image))
    assert judged.run == 5
    np.testing.assert_array_equal(judged.judgement.found, engine.judge(image, request).found)


def test_without_a_segmenter_it_is_reported(played, make_request):
    image = np.zeros((32, 32), np.uint8)
    played.ask(messages.Segment(image), messages.JudgeImage(5, image, make_request()))
    assert [type(answer.error) for answer in played.of(messages.Failed)] == [SegPaintError, SegPaintError]


def test_jobs_are_made_while_no_run_plays(played, make_request):
    jobs = [messages.Job(ticket, make_request(seed=ticket)) for ticket in (11, 12)]
    played.ask(messages.AddJobs(jobs))
    played.go(2)
    played.ask(messages.StartRun(1, make_request(), paused=False))
    played.go(4)
    assert played.states[-1] == (1, RunState.FINISHED)
    assert played.of(messages.JobDone) == []
    played.go(2)
    assert [answer.ticket for answer in played.of(messages.JobDone)] == [11]  # it had been begun
    played.ask(messages.StartRun(2, make_request(), paused=True))
    assert played.go() == 4  # a run that waits is in nobody's way
    assert [answer.ticket for answer in played.of(messages.JobDone)] == [11, 12]


def test_jobs_can_be_dropped(played, make_request):
    played.ask(messages.AddJobs([messages.Job(ticket, make_request()) for ticket in (1, 2, 3)]))
    played.go(1)
    played.ask(messages.DropJobs({1, 3}))
    assert played.go() == 4
    assert [answer.ticket for answer in played.of(messages.JobDone)] == [2]


def test_another_checkpoint_ends_the_run_and_the_jobs_that_name_none(played, tiny_engine, make_request):
    checkpoint = tiny_engine.checkpoint
    played.ask(messages.AddJobs([messages.Job(1, make_request()), messages.Job(2, make_request(), checkpoint)]))
    played.ask(messages.StartRun(3, make_request(), paused=False))
    played.go(1)
    played.ask(messages.Load(checkpoint))
    assert played.states[-1] == (3, RunState.STOPPED)
    assert played.go() == 4
    assert [answer.ticket for answer in played.of(messages.JobDone)] == [2]
    assert played.of(messages.JobFailed) == []


def test_no_two_networks_are_in_memory_while_one_is_loaded(tiny_checkpoint, make_request):
    checkpoint, alive = read_checkpoint(tiny_checkpoint), []

    def open_engine(checkpoint):
        assert [reference() for reference in alive if reference() is not None] == []
        engine = Engine(checkpoint, torch.device("cpu"))
        alive.append(weakref.ref(engine))
        return engine

    played = Played(open_engine)
    for turns in (0, 2, 9):
        played.ask(messages.Load(checkpoint), messages.StartRun(1, make_request(), paused=False))
        played.go(turns)
    assert len(alive) == 3
    assert played.of(messages.Failed) == []


def test_the_way_to_noise_is_found_ahead(tiny_checkpoint, make_request, drawn_mask):
    checkpoint = read_checkpoint(tiny_checkpoint)
    engine = Engine(checkpoint, torch.device("cpu"))
    played = Played(lambda _: engine)
    image = np.full((32, 32), 90, np.uint8)
    origin = Counterfactual(image=image, mask=drawn_mask, used=(1, 2, 4), way="exact-inversion")
    request = make_request(sampler="ddim", steps=4, origin=origin)
    played.ask(messages.Prepare(request))
    assert not played.player.work_ahead()
    played.ask(messages.Load(checkpoint))
    played.ask(messages.Prepare(request))
    assert played.go() == 0
    assert sum(iter(played.player.work_ahead, False)) == 4
    played.ask(messages.StartRun(1, request, paused=False))
    played.go()
    assert played.of(messages.Preparing) == []
    assert played.states[-1] == (1, RunState.FINISHED)


def test_the_other_networks_are_loaded_ahead(judged_checkpoint, monkeypatch):
    loaded = []
    monkeypatch.setattr("segpaint.core.diffusion.engine.load_segmenter", lambda *_: loaded.append("segmenter"))
    played = Played(lambda checkpoint: Engine(checkpoint, torch.device("cpu")))
    played.ask(messages.Load(read_checkpoint(judged_checkpoint)))
    assert loaded == []
    while played.player.work_ahead():
        pass
    assert loaded == ["segmenter"]


def test_what_fails_ahead_is_reported_by_the_run_that_needs_it(judged_checkpoint, monkeypatch, make_request):
    monkeypatch.setattr("segpaint.core.diffusion.engine.load_segmenter", lambda *_: 1 / 0)
    played = Played(lambda checkpoint: Engine(checkpoint, torch.device("cpu")))
    played.ask(messages.Load(read_checkpoint(judged_checkpoint)))
    assert not played.player.work_ahead()
    assert played.of(messages.Failed) == []
    played.ask(messages.Segment(np.zeros((32, 32), np.uint8)))
    assert len(played.of(messages.Failed)) == 1


def test_what_is_released_is_freed_at_once(tiny_checkpoint, other_checkpoint, make_request):
    checkpoints, alive = [read_checkpoint(folder) for folder in (tiny_checkpoint, other_checkpoint)], []

    def open_engine(checkpoint):
        engine = Engine(checkpoint, torch.device("cpu"))
        alive.append(weakref.ref(engine))
        return engine

    played = Played(open_engine)
    played.ask(messages.Load(checkpoints[0]))
    guests = make_request(used=(), fingerprint=checkpoints[1].fingerprint)
    played.ask(messages.AddJobs([messages.Job(1, guests, checkpoints[1])]))
    played.go(2)
    played.ask(messages.StartRun(1, make_request(), paused=False))
    played.go(2)
    assert all(reference() is not None for reference in alive)
    gc.disable()
    try:
        played.player.release()
        assert [reference() for reference in alive] == [None, None]
    finally:
        gc.enable()
