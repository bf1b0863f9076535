"""Faults of a disk: the n-th call that would change it fails."""

import io
import os

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
