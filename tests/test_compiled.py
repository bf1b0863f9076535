"""Tests networks that OpenVINO compiled: `segpaint checkpoint compile`."""

import numpy as np
import pytest
import torch

from segpaint.cli import main
from segpaint.core.diffusion.compiling import compile_checkpoint
from segpaint.core.diffusion.device import faster_precision
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.errors import SegPaintError
from segpaint.core.requests import compiled_files
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.compiled_files import MANY_STEPS, compiled_folder, is_compiled
from segpaint.core.requests.request import Request

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def compiled_engine(distilled_checkpoint):
    checkpoint = read_checkpoint(distilled_checkpoint)
    assert list(compile_checkpoint(checkpoint))[-1] == 1.0
    return Engine(checkpoint, CPU)


def _make(engine, mask, precision, **settings):
    request = Request.ask(engine.checkpoint, mask, precision, **settings)
    engine.check(request)
    return list(engine.run(request))[-1].sample


@pytest.mark.parametrize(
    "settings",
    [
        {"steps": 3, "guidance": 2.0},
        {"steps": 3, "guidance": 1.0},
        {"sampler": "few", "steps": 2, "guidance": 1.5},
        {"sampler": "relay", "guidance": 1.5},
    ],
)
def test_a_compiled_network_makes_the_same_images(compiled_engine, drawn_mask, settings):
    of_torch = _make(compiled_engine, drawn_mask, "float32", **settings)
    made = _make(compiled_engine, drawn_mask, "openvino-float32", **settings)
    torch.testing.assert_close(made, of_torch, rtol=0, atol=1e-3)
    again = _make(compiled_engine, drawn_mask, "openvino-float32", **settings)
    assert torch.equal(again, made)


def test_it_is_used_from_then_on(distilled_checkpoint, drawn_mask):
    checkpoint = read_checkpoint(distilled_checkpoint)
    before = Engine(checkpoint, CPU).precision
    assert before == faster_precision(CPU)
    assert not is_compiled(checkpoint)
    list(compile_checkpoint(checkpoint))
    engine = Engine(checkpoint, CPU)
    assert engine.precision == f"openvino-{before}"
    of_torch = to_pixels(_make(engine, drawn_mask, "float32", steps=3)).astype(float)
    made = to_pixels(_make(engine, drawn_mask, engine.precision, steps=3))
    assert np.abs(made - of_torch).mean() < 3


def test_several_images_are_made_at_once_as_each_alone(compiled_engine, drawn_mask):
    requests = [
        Request.ask(compiled_engine.checkpoint, drawn_mask, "openvino-float32", steps=2, seed=seed)
        for seed in range(3)
    ]
    together = list(compiled_engine.make_all(requests))
    alone = [to_pixels(list(compiled_engine.run(request))[-1].sample) for request in requests]
    for each, expected in zip(together, alone, strict=True):
        np.testing.assert_array_equal(each, expected)


def test_a_damaged_file_leaves_the_work_to_torch(distilled_checkpoint, drawn_mask):
    checkpoint = read_checkpoint(distilled_checkpoint)
    list(compile_checkpoint(checkpoint))
    (compiled_folder(checkpoint) / MANY_STEPS).write_text("no model")
    engine = Engine(checkpoint, CPU)
    assert engine.precision == faster_precision(CPU)
    request = Request.ask(checkpoint, drawn_mask, "openvino-float32", steps=2)
    with pytest.raises(SegPaintError, match="is damaged; compile the checkpoint again"):
        list(engine.answer(request))
    list(compile_checkpoint(checkpoint))
    assert Engine(checkpoint, CPU).precision != faster_precision(CPU)


def test_other_weights_are_compiled_apart(distilled_checkpoint):
    checkpoint = read_checkpoint(distilled_checkpoint)
    list(compile_checkpoint(checkpoint))
    other = checkpoint.finished(grain_gains=(1.0, 0.5))
    assert compiled_folder(other) != compiled_folder(checkpoint)
    assert not is_compiled(other)


def test_a_request_names_what_it_needs(distilled_checkpoint, drawn_mask, monkeypatch):
    engine = Engine(read_checkpoint(distilled_checkpoint), CPU)
    request = Request.ask(engine.checkpoint, drawn_mask, "openvino-float32", steps=2)
    with pytest.raises(SegPaintError, match="segpaint checkpoint compile"):
        list(engine.answer(request))
    monkeypatch.setattr(compiled_files, "find_spec", lambda _name: None)
    with pytest.raises(SegPaintError, match=r"segpaint\[openvino\]"):
        list(engine.answer(request))
    assert engine.precision in ("float32", "bfloat16")


def test_the_command_compiles_by_name_or_folder(distilled_checkpoint, capsys):
    assert main(["checkpoint", "compile", str(distilled_checkpoint)]) == 0
    assert "is compiled" in capsys.readouterr().err
    assert is_compiled(read_checkpoint(distilled_checkpoint))


def test_the_command_reports_that_openvino_is_missing(distilled_checkpoint, capsys, monkeypatch):
    monkeypatch.setattr("segpaint.core.diffusion.compiling.is_installed", lambda: False)
    assert main(["checkpoint", "compile", str(distilled_checkpoint)]) == 2
    assert "pip install 'segpaint[openvino]'" in capsys.readouterr().err
