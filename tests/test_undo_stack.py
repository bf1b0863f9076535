import gc
import os
import subprocess
import sys
import weakref

import numpy as np
import pytest

from segpaint.studio.document.strokes import Strokes

COLLECT = """
import gc
import numpy as np
from segpaint.studio.document.strokes import Strokes

gc.disable()
for _ in range(20):
    edited = Strokes(np.zeros((32, 32), np.uint8))
    if {in_a_cycle}:
        edited.itself = edited
    gc.collect(0)  # what is older comes last in a full collection, so the stack comes after its commands
    for value in (1, 2, 3):
        edited.replace(np.full((32, 32), value, np.uint8), "fill")
    del edited
    gc.collect()
"""


@pytest.mark.parametrize("in_a_cycle", [False, True])
def test_a_mask_with_edits_can_be_garbage(in_a_cycle):
    environment = {**os.environ, "MALLOC_PERTURB_": "85"}  # no freed memory is whole by chance
    script = COLLECT.format(in_a_cycle=in_a_cycle)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", script], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


TAKE_UP = """
import gc
from pathlib import Path
import numpy as np
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.studio.document.document import Document
from segpaint.studio.document.taking_up import take_up

gc.disable()
checkpoint = read_checkpoint(Path({folder!r}))
for _ in range(20):
    document = Document(checkpoint)
    if {in_a_cycle}:
        document.itself = document
    gc.collect(0)
    request = document.draft("float32")
    for seed in (1, 2, 3):
        take_up(document, request.model_copy(update={{"seed": seed}}), "Take up")
    document.strokes.undo()
    assert document.settings.seed == 2
    del document
    gc.collect()
"""


@pytest.mark.parametrize("in_a_cycle", [False, True])
def test_a_document_with_requests_taken_up_can_be_garbage(in_a_cycle, tiny_checkpoint):
    environment = {**os.environ, "MALLOC_PERTURB_": "85"}
    script = TAKE_UP.format(in_a_cycle=in_a_cycle, folder=str(tiny_checkpoint))
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", script], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_mask_that_nobody_holds_goes_at_once():
    gc.disable()
    try:
        edited = Strokes(np.zeros((32, 32), np.uint8))
        edited.replace(np.ones((32, 32), np.uint8), "fill")
        edited.undo()
        gone = weakref.ref(edited)
        del edited
        assert gone() is None
    finally:
        gc.enable()
