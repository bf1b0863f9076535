"""Where what OpenVINO compiled of a checkpoint lies; without torch, so that the window can ask."""

from importlib.util import find_spec
from pathlib import Path

import platformdirs

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Precision

HINTS: dict[Precision, str] = {"openvino-float32": "f32", "openvino-bfloat16": "bf16"}
"""The precisions of compiled networks, and OpenVINO's names of their types."""
MANY_STEPS, FEW_STEPS = "network.xml", "few_steps.xml"


def by_torch(precision: Precision) -> Precision:
    """Return the type that a precision computes in, without what was compiled, which other models may lack."""
    types: dict[Precision, Precision] = {"openvino-float32": "float32", "openvino-bfloat16": "bfloat16"}
    return types.get(precision, precision)


def compiled_folder(checkpoint: Checkpoint) -> Path:
    """Return the folder of what was compiled of a checkpoint's weights, as they are now."""
    name = "-".join(filter(None, [checkpoint.fingerprint, checkpoint.few_steps]))
    return platformdirs.user_cache_path("segpaint") / "compiled" / name


def is_installed() -> bool:
    """Check whether OpenVINO is installed, without importing it."""
    return find_spec("openvino") is not None


def is_compiled(checkpoint: Checkpoint) -> bool:
    """Check whether a checkpoint was compiled on this machine, and what runs it is installed."""
    return is_installed() and (compiled_folder(checkpoint) / MANY_STEPS).is_file()
