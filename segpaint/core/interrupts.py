"""Ctrl+C: stops the work at once, or at the next place that suits it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Let Ctrl+C stop the work even where a library makes another error of it, or nothing.

    pydantic turns a `KeyboardInterrupt` in a serializer into its own error, and Python drops one that arrives
    while an object is destroyed.

    Yields
    ------
    callable
        To be called now and then; raises a `KeyboardInterrupt` if one was lost.
    """
    previous, pressed = signal.getsignal(signal.SIGINT), False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        if callable(previous):
            previous(number, frame)

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    # Other threads get no signals, and a shell may have started the program deaf to this one.
    is_open = callable(previous) and threading.current_thread() is threading.main_thread()
    if is_open:
        signal.signal(signal.SIGINT, note)
    try:
        yield check
    except Exception as error:
        if pressed:
            raise KeyboardInterrupt from error
        raise
    finally:
        if is_open:
            signal.signal(signal.SIGINT, previous)


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl+C into a request that the yielded function reports; the next interrupts."""
    asked = False

    def remember(*_: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, previous)
