"""CUDA and MPS, as far as a machine without them can show."""

import pytest
import torch

from segpaint.core.diffusion.device import autocast, faster_precision, pick_device, training_layout
from segpaint.core.diffusion.network import build_network
from segpaint.core.diffusion.sampler import sample
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.sampling import SAMPLERS

COSINE = {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}


@pytest.fixture
def has(monkeypatch):
    def set_(*, cuda, mps):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return set_


def test_auto_prefers_cuda_then_mps_then_cpu(has):
    has(cuda=True, mps=True)
    assert pick_device("auto").type == "cuda"
    has(cuda=False, mps=True)
    assert pick_device("auto").type == "mps"
    has(cuda=False, mps=False)
    assert pick_device("auto").type == "cpu"


def test_a_device_that_is_not_here_is_refused_with_those_that_are(has):
    has(cuda=False, mps=True)
    with pytest.raises(SegPaintError, match="no device 'cuda' here; choose auto or one of: mps, cpu"):
        pick_device("cuda")


def test_half_precision_is_for_hardware_that_multiplies_it(monkeypatch):
    for native in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, native=native: native)
        assert faster_precision(torch.device("cuda")) == ("bfloat16" if native else "float32")
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda native=native: {"avx512_bf16": native})
        assert faster_precision(torch.device("cpu")) == ("bfloat16" if native else "float32")
    assert faster_precision(torch.device("mps")) == "float32"


def test_float32_asks_nothing_of_a_device():
    with autocast(torch.device("meta"), "float32"):
        assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_nothing_is_left_on_the_cpu_when_sampling_elsewhere(sampler, guidance):
    """On the meta device an operation that mixes it with CPU tensors raises, as it would on CUDA."""
    network = build_network(
        size=32, channels=1, conditioning_channels=2, space_to_depth=2, widths=(32, 32), attention_head_dim=8
    ).to("meta")
    conditioning = torch.zeros(1, 2, 32, 32)  # as the encoder leaves it
    steps = sample(
        network, build_scheduler(COSINE, sampler, 3), conditioning, channels=1, seed=0, guidance=guidance
    )
    for step in steps:
        assert step.sample.device.type == step.denoised.device.type == "meta"
        assert step.random_state.device.type == "cpu"


def test_only_a_cpu_trains_with_the_channels_outermost():
    assert training_layout(torch.device("cpu")) == torch.contiguous_format
    assert training_layout(torch.device("cuda")) == torch.channels_last
    assert training_layout(torch.device("mps")) == torch.channels_last
