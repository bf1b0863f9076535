"""Sets that are opened on another thread, and may come too late."""

from segpaint.studio.making.arriving import Arriving


class Folder:
    """Holds a folder until it is closed."""

    closed = 0

    def close(self):
        self.closed += 1


def test_what_never_arrives_is_closed_once():
    arriving, late = Arriving(), Folder()
    assert arriving.keep(late) is late
    arriving.close()
    arriving.close()
    assert late.closed == 1


def test_what_has_arrived_is_left_to_who_has_it():
    arriving, had, late = Arriving(), Folder(), Folder()
    arriving.keep(had)
    arriving.arrive()
    arriving.keep(late)
    arriving.close()
    assert (had.closed, late.closed) == (0, 1)
