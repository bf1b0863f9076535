"""A sampler, defined here alone, is offered in the window and on the command line, and makes images."""

import numpy as np
import pytest

from segpaint.cli import main
from segpaint.core.requests.request import Request
from segpaint.core.requests.sampling import SAMPLERS, Sampler, register_sampler

OWN = Sampler("noisy", "DDPM, noisy", "Coarser", "diffusers:DDPMScheduler", {"variance_type": "fixed_large"})


@pytest.fixture
def own_sampler():
    register_sampler(OWN)
    yield OWN.name
    del SAMPLERS[OWN.name]


def test_it_makes_images_that_can_be_made_again(own_sampler, tiny_engine, make_request):
    request = make_request(sampler=own_sampler)
    *_, first = tiny_engine.run(request)
    *_, again = tiny_engine.run(Request.model_validate_json(request.model_dump_json()))
    *_, other = tiny_engine.run(make_request())
    np.testing.assert_array_equal(first.sample.numpy(), again.sample.numpy())
    assert not np.array_equal(first.sample.numpy(), other.sample.numpy())


def test_the_command_line_offers_it(own_sampler, tiny_checkpoint, mask_file, tmp_path):
    words = ["generate", str(mask_file), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path)]
    assert main([*words, "--sampler", own_sampler, "--device", "cpu"]) == 0
    assert (tmp_path / "drawn.png").is_file()


def test_the_window_offers_it(own_sampler, window, finish):
    field = window.request.sampler
    field.setCurrentIndex(field.findText(OWN.title))
    window.studio.runs.generate()
    finish(window)
    assert window.studio.runs.request.sampler == own_sampler


def test_without_it_a_request_is_refused(make_request):
    with pytest.raises(ValueError, match="is no sampler; there are dpm"):
        make_request(sampler=OWN.name)
