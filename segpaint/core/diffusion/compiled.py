"""Runs networks that OpenVINO compiled for this processor, about twice as fast as torch runs them.

Compiling takes seconds, and images then differ in the last digit. So it is asked for, once for a checkpoint on
a machine, see `segpaint.core.diffusion.compiling`. What is written lies in the user's cache, and is used from
then on.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from segpaint.core.diffusion.few_steps import FewStepNetwork
from segpaint.core.diffusion.network import Network
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.compiled_files import FEW_STEPS, HINTS, MANY_STEPS, compiled_folder, is_installed
from segpaint.core.requests.request import Precision


def import_openvino() -> Any:
    """Import OpenVINO without the package that reports each import to its makers, over the network."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


class CompiledNetwork:
    """Stands for a network in the sampling loop, but is run by OpenVINO.

    Parameters
    ----------
    path : Path
        Of the model, as OpenVINO writes it.
    network : Network or FewStepNetwork
        What it was made of.
    precision : Precision
        One of `HINTS`.

    Raises
    ------
    SegPaintError
        If the model cannot be read.
    """

    def __init__(self, path: Path, network: Network | FewStepNetwork, precision: Precision) -> None:
        self.device = torch.device("cpu")
        self.takes_long_steps = network.takes_long_steps
        self.grain, self.scan_noise = network.grain, network.scan_noise
        self._precision = precision
        self._core = import_openvino().Core()
        try:
            self._model = self._core.read_model(path)
        except RuntimeError as error:
            raise SegPaintError(f"{path} is damaged; compile the checkpoint again.") from error
        self._runs: dict[int, Any] = {}

    def __call__(
        self, sample: Tensor, timestep: Tensor, conditioning: Tensor, attributes: Tensor | None, *rest: Tensor
    ) -> Tensor:
        """Predict what the network predicts; see `Network.forward` and `FewStepNetwork.forward`."""
        known = torch.zeros(len(sample), dtype=torch.int64) if attributes is None else attributes
        inputs = [sample, timestep, conditioning, known, *rest]
        taken = inputs[: len(self._model.inputs)]  # those of a model without attributes end before them
        run = self._for_batch(taken)
        # Copied, since OpenVINO writes its next output to the same place.
        return torch.tensor(run([each.contiguous().numpy() for each in taken], share_inputs=True)[0])

    def _for_batch(self, inputs: list[Tensor]) -> Any:
        """Compile the network for a size of a batch; one for any size would be slower."""
        size = len(inputs[0])
        if size not in self._runs:
            shapes = zip(self._model.inputs, inputs, strict=True)
            self._model.reshape({port: list(each.shape) for port, each in shapes})
            settings = {
                "INFERENCE_PRECISION_HINT": HINTS[self._precision],
                "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            }
            compiled = self._core.compile_model(self._model, "CPU", settings)
            self._runs[size] = compiled.create_infer_request().infer
        return self._runs[size]


def load_compiled(
    checkpoint: Checkpoint, network: Network | FewStepNetwork, precision: Precision
) -> CompiledNetwork:
    """Load what was compiled of one of a checkpoint's networks.

    Raises
    ------
    SegPaintError
        If nothing was, or OpenVINO is not installed.
    """
    if not is_installed():
        raise SegPaintError(
            "The image was computed with OpenVINO, which is not installed; install it with "
            "pip install 'segpaint[openvino]', or ask for the image anew."
        )
    path = compiled_folder(checkpoint) / (FEW_STEPS if network.takes_long_steps else MANY_STEPS)
    if not path.is_file():
        raise SegPaintError(
            f"The image was computed with OpenVINO, and {checkpoint.folder} is not compiled here; do so with "
            f"segpaint checkpoint compile {checkpoint.folder}, or ask for the image anew."
        )
    return CompiledNetwork(path, network, precision)
