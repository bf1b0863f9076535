"""Chooses the device and the precision of the network."""

from contextlib import AbstractContextManager, nullcontext

import torch

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Precision


def pick_device(name: str = "auto") -> torch.device:
    """Find the device named "cpu", "cuda" or "mps", or for "auto" the best available one.

    Raises
    ------
    SegPaintError
        If the device is not available.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, here in available.items() if here)
    if not available.get(name, False):
        here = ", ".join(device for device, is_here in available.items() if is_here)
        raise SegPaintError(f"There is no device {name!r} here; choose auto or one of: {here}.")
    return torch.device(name)


def faster_precision(device: torch.device, *, compiled: bool = False) -> Precision:
    """Find the precision in which a network runs fastest without visible loss.

    That is bfloat16 where the hardware multiplies it natively; elsewhere it is emulated and slower.

    Parameters
    ----------
    compiled : bool
        Whether the network was compiled for the processor, see `segpaint.core.diffusion.compiled`.
    """
    if compiled and device.type == "cpu":
        return "openvino-bfloat16" if faster_precision(device) == "bfloat16" else "openvino-float32"
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    if device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        native = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
        return "bfloat16" if native else "float32"
    return "float32"


def training_layout(device: torch.device) -> torch.memory_format:
    """Find the memory format in which a network trains fastest.

    Sampling is fastest with channels last everywhere. On a CPU, the backward pass of group normalization is
    three times slower so, which outweighs the gain in convolutions.
    """
    return torch.contiguous_format if device.type == "cpu" else torch.channels_last


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[None]:
    """Run the network's convolutions in this precision, if it is torch that runs them."""
    if precision != "bfloat16":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)
