"""Finds out how SegPaint stands on this machine, for a report of a problem; no patient's name is in it."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from segpaint import __version__
from segpaint.core.errors import SegPaintError, explained
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.compiled_files import is_compiled
from segpaint.paths import DEFAULT_CHECKPOINT, checkpoint_folders, resources, user_checkpoints, user_work

PACKAGES = (
    "torch", "diffusers", "numpy", "PySide6-Essentials", "pyqtgraph", "scikit-image", "superqt", "nibabel",
    "pydicom", "highdicom", "SimpleITK", "pylibjpeg-openjpeg", "pyjpegls", "safetensors", "av",
)  # fmt: skip
SELF_TEST_SECONDS = 10.0
"""How long the self-test makes images."""


@dataclass(frozen=True)
class Finding:
    """A line of the diagnosis.

    Attributes
    ----------
    is_well : bool
        False where something keeps the program from working.
    """

    topic: str
    text: str
    is_well: bool = True


def diagnose(*, self_test: bool = True) -> Iterator[Finding]:
    """Find out versions, device, checkpoints, and folders, one after the other, and make an image.

    Parameters
    ----------
    self_test : bool
        Whether to make an image, which takes up to `SELF_TEST_SECONDS`.
    """
    yield Finding("SegPaint", f"{__version__}, Python {platform.python_version()}, {platform.platform()}")
    found = {name: _version(name) for name in PACKAGES}
    yield Finding("Packages", ", ".join(f"{name} {found[name] or 'missing'}" for name in PACKAGES))
    yield from _device()
    openvino = _version("openvino")
    yield Finding(
        "OpenVINO", openvino or "not installed; pip install 'segpaint[openvino]' lets models be compiled"
    )
    yield from _checkpoints()
    for topic, folder in (("Own checkpoints", user_checkpoints()), ("Work", user_work())):
        yield _folder(topic, folder)
    if self_test:
        yield _self_test()


def as_text(findings: list[Finding]) -> str:
    """Write findings as lines to copy into a report."""
    return "\n".join(f"{'' if one.is_well else '! '}{one.topic}: {one.text}" for one in findings) + "\n"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _device() -> Iterator[Finding]:
    import torch

    from segpaint.core.diffusion.device import faster_precision, pick_device

    device = pick_device()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    why = "no CUDA and no MPS are here" if device.type == "cpu" else "the fastest that is here"
    yield Finding("Device", f"{device.type} ({name}), since {why}")
    precision = faster_precision(device)
    reasons = {
        "bfloat16": "which the hardware multiplies natively",
        "float32": "since bfloat16 would be emulated, and slower",
    }
    yield Finding("Precision", f"{precision}, {reasons.get(precision, 'the faster one')}")
    yield Finding("Threads", f"{torch.get_num_threads()} of torch, on {os.cpu_count()} cores")


def _checkpoints() -> Iterator[Finding]:
    folders = checkpoint_folders()
    if not folders:
        yield Finding("Checkpoints", f"none; some should lie in {_short(resources().parent)}", is_well=False)
    for folder in folders:
        try:
            checkpoint = read_checkpoint(folder)
            state = "compiled" if is_compiled(checkpoint) else "not compiled"
            text = f"{checkpoint.description.name}, {checkpoint.fingerprint}, in {_short(folder)}, {state}"
            yield Finding("Checkpoint", text)
        except SegPaintError as error:
            yield Finding("Checkpoint", str(error).replace(str(Path.home()), "~"), is_well=False)


def _folder(topic: str, folder: Path) -> Finding:
    """Check that a folder, or the one that it would be made in, can be written to."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    missing = "" if there == folder else ", which is made when it is needed"
    try:
        with tempfile.TemporaryFile(dir=there):
            return Finding(topic, f"{_short(folder)}{missing}")
    except OSError as error:
        reason = error.strerror or str(error)
        return Finding(topic, f"{_short(folder)} cannot be written to: {reason}", is_well=False)


def _short(path: Path) -> str:
    """Write a path without the name of the user."""
    try:
        return f"~/{path.resolve().relative_to(Path.home().resolve()).as_posix()}"
    except ValueError:
        return str(path)


def _self_test() -> Finding:
    """Make an image of an example mask, and measure how long a step takes."""
    from segpaint.api import open_checkpoint

    begin = time.monotonic()
    try:
        checkpoint = open_checkpoint(DEFAULT_CHECKPOINT)
        previews, moments = (
            checkpoint.previews(checkpoint.request(next(iter(checkpoint.examples.values())))),
            [],
        )
        for preview in previews:
            last = preview
            moments.append(time.monotonic())
            if moments[-1] - begin > SELF_TEST_SECONDS:
                break
    except (SegPaintError, RuntimeError, StopIteration) as error:
        return Finding("Self-test", f"failed: {explained(error)}", is_well=False)
    if last.denoised.min() == last.denoised.max():
        return Finding("Self-test", "the image is of one shade", is_well=False)
    count, seconds = len(moments), moments[-1] - begin
    pace = f", {1000 * (moments[-1] - moments[0]) / (count - 1):.0f} ms a step" if count > 1 else ""
    return Finding("Self-test", f"{count} of {last.count} steps of an image in {seconds:.1f} s{pace}")
