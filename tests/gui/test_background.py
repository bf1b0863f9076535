"""Work beside the window's thread."""

from segpaint.studio.base.background import Background


def test_a_lack_of_memory_is_reported_in_a_sentence(qtbot):
    def lack():
        raise MemoryError

    background, failures = Background(), []
    background.start(lack, failed=failures.append)
    qtbot.waitUntil(lambda: len(failures) == 1)
    assert str(failures[0]).startswith("There is not enough memory; close")
    background.close()
