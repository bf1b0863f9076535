"""Work beside the window's thread."""

import weakref

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
