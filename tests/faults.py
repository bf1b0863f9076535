"""Faults of a disk: the n-th call that would change it fails, or the program is killed before it."""

import io
import os
import signal
import warnings

CALLS = ("open", "fsync", "replace", "link", "mkdir", "unlink")


class Fault:
    """Lets the n-th call that changes the disk fail, and all later ones too if `lasting`.

    Attributes
    ----------
    happened : bool
        Whether there were so many calls.
    """

    def __init__(self, monkeypatch, number, code, lasting):
        self.left, self.code, self.lasting, self.happened = number, code, lasting, False
        for name in CALLS:
            monkeypatch.setattr(os, name, self._failing(getattr(os, name), name == "open"))
        monkeypatch.setattr(io, "open", self._failing(io.open, False, opens=True))

    def _failing(self, call, is_open, *, opens=False):
        def failing(*arguments, **options):
            reads = is_open and not arguments[1] & os.O_CREAT
            if opens:
                mode = arguments[1] if len(arguments) > 1 else options.get("mode", "r")
                reads = not set(mode) & set("wax+")
            if not reads:
                self.left -= 1
                if self.left == 0 or (self.left < 0 and self.lasting):
                    self.happened = True
                    raise OSError(self.code, os.strerror(self.code))
            return call(*arguments, **options)

        return failing


def killed_before(number, work):
    """Do something in a process of its own, which is killed before its n-th call to the disk.

    Returns
    -------
    bool
        Whether it was; otherwise it came to its end before.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of threads, which the child does not use
        process = os.fork()
    if not process:
        code, left = 1, number

        def deadly(call):
            def calling(*arguments, **options):
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*arguments, **options)

            return calling

        try:
            for name in (*CALLS, "rename"):
                setattr(os, name, deadly(getattr(os, name)))
            work()
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert code in (0, -signal.SIGKILL), "the work failed"
    return code != 0
