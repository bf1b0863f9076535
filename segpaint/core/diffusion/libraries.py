"""Loads torch's libraries before torch is imported, while other threads go on."""

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

WHOLE = {"linux": "libtorch.so", "darwin": "libtorch.dylib"}
"""The library that needs all those which know nothing of Python, by platform."""


def load_libraries() -> None:
    """Load the half gigabyte of torch's libraries; on Windows, and where they cannot be found, do nothing.

    An import loads them under Python's lock, which held the window for a quarter of a second. A foreign
    function is called without the lock. What is loaded is found by the import afterwards, which also reports
    what is missing. On Windows, torch itself loads them by a foreign function.

    Another thread that imports a library waits until these are loaded, and holds the lock meanwhile. Let no
    other import begin before.
    """
    found, name = find_spec("torch"), WHOLE.get(sys.platform)
    if found is None or found.origin is None or name is None or "torch" in sys.modules:
        return
    load = ctypes.CDLL(None).dlopen
    load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    load(os.fsencode(Path(found.origin).parent / "lib" / name), os.RTLD_NOW | os.RTLD_LOCAL)
