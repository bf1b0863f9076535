"""Objects of Qt that only a cycle holds are destroyed on the window's thread, whoever makes the next object."""

import gc
import threading

from PySide6.QtCore import QObject

from segpaint.studio.base.collector import YOUNG, Collector


class Left(QObject):
    """An object that notes on which thread it goes."""

    def __init__(self, gone):
        super().__init__()
        self.itself, self.gone = self, gone

    def __del__(self):
        self.gone.append(threading.current_thread())


def make_many():
    """Make what would have Python collect, were it left to itself."""
    kept = [[number] for number in range(10 * YOUNG)]
    assert len(kept) == 10 * YOUNG


def test_a_worker_destroys_no_object_of_the_window(qapp, qtbot):
    collector, gone = Collector(qapp), []
    Left(gone)
    worker = threading.Thread(target=make_many)
    worker.start()
    worker.join()
    assert gone == []
    make_many()
    kept = [[number] for number in range(2 * YOUNG)]
    qtbot.waitUntil(lambda: gone != [], timeout=10_000)
    assert kept
    assert gone == [threading.main_thread()]
    collector.deleteLater()


def test_older_objects_are_collected_too(qapp):
    collector, gone = Collector(qapp), []
    left = Left(gone)
    gc.collect(0)
    gc.collect(1)  # it is old now
    del left
    kept = []
    while not gone and len(kept) < 200:
        kept.append([[number] for number in range(2 * YOUNG)])
        collector.look()
    assert gone == [threading.main_thread()]
    collector.deleteLater()
