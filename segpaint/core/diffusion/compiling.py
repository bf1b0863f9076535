"""Compiles a checkpoint's networks for this processor."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from segpaint.core.diffusion.compiled import import_openvino
from segpaint.core.diffusion.conditioning import Encoder
from segpaint.core.diffusion.few_step_files import load_few_steps
from segpaint.core.diffusion.few_steps import FewStepNetwork
from segpaint.core.diffusion.network import Network
from segpaint.core.diffusion.network_files import load_network
from segpaint.core.errors import SegPaintError, explained
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.compiled_files import FEW_STEPS, MANY_STEPS, compiled_folder, is_installed

CPU = torch.device("cpu")


def compile_checkpoint(checkpoint: Checkpoint) -> Iterator[float]:
    """Compile a checkpoint's networks for the processor, and keep that in the user's cache.

    From then on, they are run by OpenVINO where no other precision is asked for.

    Yields
    ------
    float
        Share done, 0 to 1.

    Raises
    ------
    SegPaintError
        If OpenVINO is not installed, the checkpoint sees no masks, or the files cannot be written.
    """
    if not is_installed():
        raise SegPaintError("OpenVINO is not installed; install it with pip install 'segpaint[openvino]'.")
    encoder = Encoder(checkpoint.table, checkpoint.description.encoding)
    if not encoder.channels:
        raise SegPaintError(f"{checkpoint.folder} sees no masks, and such a network is not compiled.")
    folder = compiled_folder(checkpoint)
    inputs = _example_inputs(checkpoint, encoder.channels)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as unfinished:
            plain = inputs if checkpoint.description.attributes else inputs[:3]
            _write(load_network(checkpoint, CPU), plain, Path(unfinished) / MANY_STEPS)
            yield 0.5
            if checkpoint.few_steps:
                paced = [*inputs, torch.zeros(1, dtype=torch.int64), torch.ones(1)]
                paced[1] = paced[1][None]
                _write(load_few_steps(checkpoint, CPU), paced, Path(unfinished) / FEW_STEPS)
            shutil.rmtree(folder, ignore_errors=True)
            Path(unfinished).rename(folder)
    except (OSError, RuntimeError) as error:
        raise SegPaintError(f"{checkpoint.folder} cannot be compiled: {explained(error)}") from error
    yield 1.0


def _example_inputs(checkpoint: Checkpoint, channels: int) -> list[Tensor]:
    """Make a sample, a timestep, a conditioning and unknown attributes, of one image."""
    description = checkpoint.description
    size = description.size, description.size
    sample, conditioning = torch.zeros(1, description.channels, *size), torch.zeros(1, channels, *size)
    return [sample, torch.tensor(0), conditioning, torch.zeros(1, dtype=torch.int64)]


def _write(network: Network | FewStepNetwork, inputs: list[Tensor], path: Path) -> None:
    """Trace a network with inputs, and write it as OpenVINO reads it."""
    openvino = import_openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    example = tuple(inputs)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on checks of shapes, which stay as they are
        traced = torch.jit.trace(network, example, check_trace=False)  # type: ignore[no-untyped-call]
        # openvino.convert_model would do the same, and report that it was called to its makers.
        frontend = FrontEndManager().load_by_framework("pytorch")
        decoder = TorchScriptPythonDecoder(traced, example_input=example)  # must outlive the conversion
        model = frontend.convert(frontend.load(decoder))
    openvino.save_model(model, path, compress_to_fp16=False)
