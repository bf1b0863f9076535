"""Tests the making of a set with images that come when they come."""

from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal

from segpaint.studio.making.set_production import Production, SetState


class HeldJobs(QObject):
    """Jobs whose images are made when the test has them made."""

    done = Signal(int, object)
    failed = Signal(int, object)

    def __init__(self):
        super().__init__()
        self.asked, self._tickets = {}, count()

    def add(self, _requests, *, checkpoint, keep, judge):
        assert (checkpoint, judge) == (None, False)
        ticket = next(self._tickets)
        self.asked[ticket] = keep
        return [ticket]

    def drop(self, _tickets):
        """Drop none: all of them are under way."""

    def write(self, ticket):
        self.asked.pop(ticket)(None, None)

    def make(self, ticket):
        self.write(ticket)
        self.done.emit(ticket, None)


class Folder:
    """A set of three images, opened as often as one likes."""

    judges, notes = False, ()

    def __init__(self):
        self.pairs = [SimpleNamespace(place=place, request=None, checkpoint=None) for place in range(3)]
        self.written = []

    @property
    def missing(self):
        return [pair for pair in self.pairs if pair.place not in self.written]

    def write(self, pair, _pixels, _judgement):
        self.written.append(pair.place)

    def sum_up(self):
        pass

    def close(self):
        pass


class AtOnce:
    """A background that does all work when it is asked for."""

    def start(self, work, on_done, _on_failed, lane):
        assert lane == "paired sets"
        on_done(work())


@pytest.fixture
def jobs():
    return HeldJobs()


@pytest.fixture
def production(jobs):
    return Production(SimpleNamespace(precision="float32"), jobs, AtOnce())


def test_images_are_counted_as_they_come(production, jobs):
    folder = Folder()
    production.begin(Path("set"), lambda: folder)
    for ticket in range(3):
        assert production.done == ticket
        jobs.make(ticket)
    assert (production.progress, production.done) == (SetState.FINISHED, 3)


def test_an_image_that_is_reported_after_the_set_was_opened_again_counts_once(production, jobs):
    folder = Folder()
    production.begin(Path("set"), lambda: folder)
    production.cancel()
    assert production.progress is SetState.STOPPED
    jobs.write(0)  # it was under way
    production.begin(Path("set"), lambda: folder)
    assert production.done == 1
    jobs.done.emit(0, None)
    assert production.done == 1
    for ticket in (2, 3):
        jobs.make(ticket)
    assert (production.progress, production.done) == (SetState.FINISHED, 3)
    assert sorted(folder.written) == [0, 1, 2]


def test_an_image_of_a_set_before_does_not_count(production, jobs):
    production.begin(Path("first"), Folder)
    production.cancel()
    folder = Folder()
    production.begin(Path("second"), lambda: folder)
    jobs.make(0)
    assert (production.done, folder.written) == (0, [])
    for ticket in (2, 3, 4):
        jobs.make(ticket)
    assert (production.progress, production.done) == (SetState.FINISHED, 3)


def test_an_image_that_ends_while_the_set_is_paused_counts_once(production, jobs):
    folder = Folder()
    production.begin(Path("set"), lambda: folder)
    production.pause()
    jobs.make(0)
    assert production.done == 1
    production.resume()
    for ticket in (2, 3):
        jobs.make(ticket)
    assert (production.progress, production.done) == (SetState.FINISHED, 3)
    assert sorted(folder.written) == [0, 1, 2]
