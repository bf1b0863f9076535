"""Work beside the window's thread."""

import gc
import threading
import weakref

import pytest

from segpaint.studio.base.background import Background


def test_a_lack_of_memory_is_reported_in_a_sentence(qtbot):
    def lack():
        raise MemoryError

    background, failures = Background(), []
    background.start(lack, failed=failures.append)
    qtbot.waitUntil(lambda: len(failures) == 1)
    assert str(failures[0]).startswith("There is not enough memory; close")
    background.close()


def test_a_result_that_was_on_its_way_at_the_end_holds_nobody(qtbot):
    background, received = Background(), []

    def receive(value):
        received.append(value)

    asker = weakref.ref(receive)
    background.start(lambda: 1, receive)
    background.flush("files")  # the result waits for the window's thread
    del receive
    background.close()
    assert asker() is None
    qtbot.wait(1)
    assert received == []


@pytest.mark.parametrize("fails", [False, True])
def test_who_asks_is_let_go_on_the_window_s_thread(qtbot, fails):
    ends, goes_on = [], threading.Event()

    class Asker:
        def __del__(self):
            ends.append(threading.current_thread())

        def work(self):
            if fails:
                raise OSError("no")

        def take(self, _value):
            goes_on.set()

    background = Background()
    asker = Asker()
    background.start(asker.work, asker.take, asker.take)
    background.start(lambda: goes_on.wait(10))  # the thread stays busy while the first answer is taken
    del asker
    qtbot.waitUntil(goes_on.is_set)
    background.close()
    gc.collect()
    assert ends == [threading.current_thread()]


def test_nothing_is_begun_once_it_is_closed(qtbot):
    done = []
    background = Background()
    background.start(lambda: done.append("before"))
    background.close()
    background.start(lambda: done.append("after"))
    background.flush("files")
    qtbot.wait(50)
    assert done == ["before"]
