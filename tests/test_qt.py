"""What the window needs of Qt's bindings, beyond what their documentation promises."""

import sys

import pytest
from PySide6.QtCore import QObject, Signal


class Sender(QObject):
    sent = Signal()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python keeps True for ever")
def test_signals_lose_no_references():
    """A program that paints sends thousands of signals a minute; each lost reference brings its end nearer."""
    sender = Sender()
    sender.sent.emit()
    before = sys.getrefcount(True)
    for _ in range(200):
        sender.sent.emit()
    assert sys.getrefcount(True) - before > -100
