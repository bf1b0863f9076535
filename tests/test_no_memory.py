"""A lack of memory is a sentence with a remedy wherever it occurs, and whoever reports it."""

import errno
import os

import numpy as np
import pytest
import torch

from segpaint.api import open_checkpoint
from segpaint.cli import main
from segpaint.core.diffusion.segmenter import Segmenter
from segpaint.core.errors import SegPaintError, explained
from segpaint.verbs import generate

SENTENCE = "There is not enough memory; close other programs, or take something smaller."


def python():
    raise MemoryError


def numpy():
    np.empty(2**58)


def on_the_cpu():
    torch.empty(2**58, dtype=torch.uint8)


def on_a_gpu():
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def system():
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


LACKS = (python, numpy, on_the_cpu, on_a_gpu, system)


@pytest.mark.parametrize("lack", LACKS)
def test_a_lack_of_memory_is_recognised(lack):
    with pytest.raises((MemoryError, RuntimeError, OSError)) as caught:
        lack()
    assert str(explained(caught.value)) == SENTENCE


@pytest.mark.parametrize(
    "error", [SegPaintError("out of memory lane"), RuntimeError("no"), ValueError("out of memory")]
)
def test_other_errors_stay_as_they_are(error):
    assert explained(error) is error


@pytest.mark.parametrize("lack", LACKS)
def test_the_command_line_reports_it(lack, monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(generate, "run", lambda _arguments: lack())
    assert main(["generate", "a.png", "--out", str(tmp_path)]) == 2
    assert capfd.readouterr().err == f"segpaint: {SENTENCE}\n"


@pytest.mark.parametrize("lack", LACKS)
def test_the_api_reports_it_for_segmenters_too(lack, monkeypatch, judged_checkpoint):
    monkeypatch.setattr(Segmenter, "find_mask", lambda *_words: lack())
    opened = open_checkpoint(judged_checkpoint, "cpu")
    with pytest.raises(SegPaintError, match="not enough memory"):
        opened.find_labels(np.zeros((32, 32), np.uint8))
