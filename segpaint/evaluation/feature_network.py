"""Feature networks that a user names, to compare sets of images as others do."""

import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from torch import Tensor
from torch.nn import functional

from segpaint.core.diffusion.segmenter import load_segmenter
from segpaint.core.errors import SegPaintError
from segpaint.core.folders import visible
from segpaint.core.reading import check_regular, read_model, reads
from segpaint.core.requests.checkpoint import has_segmenter
from segpaint.training.segmenter_training import describe

Describe = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
DESCRIPTION = "features.json"
SCRIPTS = ("*.pt", "*.pth", "*.ts", "*.torchscript")
LARGEST_SCRIPT = 4 * 2**30
AT_ONCE = 16
"""Images that the network receives together."""


class FeatureInput(BaseModel, frozen=True, extra="forbid"):
    """What a feature network wants to see; the file ``features.json``.

    Attributes
    ----------
    size : int, optional
        Height and width in pixels; the images' own if left out.
    channels : {1, 3}
        Grey images are repeated in three channels, and colour ones averaged to one.
    mean, std : float
        Subtracted from grey levels between 0 and 1, and then divided by.
    """

    size: Annotated[int, Field(ge=8, le=2048)] | None = None
    channels: Literal[1, 3] = 3
    mean: float = 0.5
    std: Annotated[float, Field(gt=0)] = 0.5


def open_features(folder: Path, device: torch.device) -> Describe:
    """Open a folder with a feature network.

    Parameters
    ----------
    folder : Path
        With one TorchScript file and perhaps ``features.json``, or with a segmenter.

    Returns
    -------
    callable
        Computes features, shape (images, features), of images of shape (images, channels, height, width).

    Raises
    ------
    SegPaintError
        If there is no network, more than one, or one that cannot be read.
    """
    if has_segmenter(folder):
        segmenter = load_segmenter(folder, device)
        return lambda images: describe(segmenter, images, device)
    if not folder.is_dir():
        raise SegPaintError(f"There is no folder {folder}; give --features one with a feature network.")
    scripts = [path for pattern in SCRIPTS for path in visible(folder, pattern)]
    if len(scripts) != 1:
        raise SegPaintError(
            f"{folder} holds {len(scripts)} TorchScript files and no segmenter; give --features a folder with "
            "one TorchScript file (.pt), or one that segpaint train-segmenter --out wrote."
        )
    path = folder / DESCRIPTION
    wanted = _read_input(path) if path.exists() else FeatureInput()
    network = _read_script(scripts[0]).to(device).eval()

    @torch.inference_mode()
    def compute(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = [images[first : first + AT_ONCE] for first in range(0, len(images), AT_ONCE)]
        return np.concatenate(
            [_features(scripts[0], network, _prepared(part, wanted, device)) for part in parts]
        )

    return compute


def _prepared(images: NDArray[np.uint8], wanted: FeatureInput, device: torch.device) -> Tensor:
    pixels = torch.from_numpy(images).to(device).float() / 255
    if pixels.shape[1] != wanted.channels:
        pixels = pixels.mean(dim=1, keepdim=True).expand(-1, wanted.channels, -1, -1)
    if wanted.size is not None:
        size = (wanted.size, wanted.size)
        pixels = functional.interpolate(pixels, size, mode="bilinear", antialias=True, align_corners=False)
    return (pixels - wanted.mean) / wanted.std


def _features(path: Path, network: torch.nn.Module, pixels: Tensor) -> NDArray[np.float32]:
    try:
        found = network(pixels)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].rstrip(".")
        raise SegPaintError(
            f"{path} cannot take images of the shape {tuple(pixels.shape)}: {reason}. State size and channels "
            f"in {DESCRIPTION} beside it."
        ) from error
    if not isinstance(found, Tensor) or found.ndim not in (2, 4) or len(found) != len(pixels):
        raise SegPaintError(
            f"{path} returns no features of the shape (images, features) or (images, features, height, width); "
            "give a network that does."
        )
    values = found.float() if found.ndim == 2 else found.float().mean(dim=(2, 3))
    if not torch.isfinite(values).all():
        raise SegPaintError(f"{path} returns values that are no numbers; check mean and std in {DESCRIPTION}.")
    return values.cpu().numpy()


@reads("the input of a feature network", "write it anew, see the guide's page on evaluation")
def _read_input(path: Path) -> FeatureInput:
    return read_model(path, FeatureInput)


@reads("a network in TorchScript", "export the network with torch.jit.save")
def _read_script(path: Path) -> torch.jit.ScriptModule:
    """Read a network; TorchScript's reader builds numbers, texts and tensors, never objects of Python."""
    check_regular(path, LARGEST_SCRIPT)
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:  # torch's own reader passes over checksums
            raise SegPaintError(f"{path} is damaged; export the network again with torch.jit.save.")
        if not any(name.endswith("/constants.pkl") for name in archive.namelist()):
            raise SegPaintError(
                f"{path} holds pickled weights, which can run any code when they are read; export the network "
                "with torch.jit.save."
            )
    with warnings.catch_warnings():
        # The form is old, and still that in which feature networks are passed on.
        warnings.simplefilter("ignore", DeprecationWarning)
        network: torch.jit.ScriptModule = torch.jit.load(  # type: ignore[no-untyped-call]
            str(path), map_location="cpu"
        )
    return network
