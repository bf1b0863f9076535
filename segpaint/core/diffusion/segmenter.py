"""The segmenter: a small network that finds a checkpoint's labels in an image.

It is trained on real images alone, and so judges generated ones independently (Konz et al., arXiv 2402.05210,
section 4.2). Its result is a model's opinion, not the truth.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from diffusers import UNet2DModel
from numpy.typing import NDArray
from pydantic import BaseModel
from torch import Tensor, nn
from torch.nn import functional

from segpaint.core.diffusion.network import fold, unfold
from segpaint.core.diffusion.network_files import half_precision, load_unet, to_json, unet_config
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.errors import SegPaintError
from segpaint.core.files import recover, write_together
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.reading import read_model, reads
from segpaint.core.requests.checkpoint import DESCRIPTION as CHECKPOINT
from segpaint.core.requests.checkpoint import has_segmenter, read_description
from segpaint.core.requests.faithfulness import POOR, Judgement, innermost, judge
from segpaint.core.requests.request import Stage
from segpaint.core.requests.verdict import EditedPair, Verdict, judge_edit

FOLDER = "segmenter"
DESCRIPTION = "segmenter.json"
CONFIG = "config.json"
WEIGHTS = "model.safetensors"


class SegmenterDescription(BaseModel, frozen=True, extra="forbid"):
    """Labels and quality of a segmenter; the file ``segmenter.json``.

    Attributes
    ----------
    labels : tuple of Label
        Labels in the order of the output channels.
    channels : {1, 3}
        Channels of the images.
    space_to_depth : int
        See `segpaint.core.diffusion.network.fold`.
    dice : dict
        Mean Dice on real test slices, by label name.
    training : dict
        Figures of the training, for the reader.
    """

    format: Literal[1] = 1
    labels: tuple[Label, ...]
    channels: Literal[1, 3] = 1
    space_to_depth: Literal[1, 2, 4, 8] = 4
    dice: dict[str, float] = {}
    training: dict[str, float | int | str] = {}


class Segmenter(nn.Module):
    """Finds labels in images."""

    def __init__(self, unet: UNet2DModel, description: SegmenterDescription) -> None:
        super().__init__()
        self.unet = unet
        self.description = description
        self.table = LabelTable(description.labels)

    def forward(self, images: Tensor) -> Tensor:
        """Compute the logits of each label, independently, since labels nest.

        Parameters
        ----------
        images : Tensor of float32, shape (batch, channels, height, width), in [-1, 1]

        Returns
        -------
        Tensor of float32, shape (batch, labels, height, width)
        """
        factor = self.description.space_to_depth
        return unfold(self.unet(fold(images, factor), 0, return_dict=False)[0], factor).float()

    @torch.inference_mode()
    def find(self, images: Tensor) -> Tensor:
        """Find where each label, or one inside it, is.

        Parameters
        ----------
        images : Tensor of float32, shape (batch, channels, height, width), in [-1, 1]

        Returns
        -------
        Tensor of bool, shape (batch, labels, height, width)
        """
        logits: Tensor = self(images)
        return logits > 0

    def find_mask(self, image: Tensor) -> NDArray[np.uint8]:
        """Find the mask of one image; of nested labels, the innermost.

        Parameters
        ----------
        image : Tensor of float32, shape (1, channels, height, width), in [-1, 1]

        Returns
        -------
        ndarray of uint8, shape (height, width)
        """
        return innermost(self.find(image)[0].cpu().numpy(), self.table)

    def judge(self, image: Tensor, mask: NDArray[np.uint8], used: Collection[int]) -> Judgement:
        """Compare the labels found in one image with the requested mask.

        Parameters
        ----------
        image : Tensor of float32, shape (1, channels, height, width), in [-1, 1]
        mask : ndarray of uint8, shape (height, width)
        used : collection of int
            Labels in use.
        """
        return judge(mask, used, self._planes(image), self.table, self._real)

    def judge_edit(
        self, image: Tensor, stage: Stage, reference: Tensor, mask: NDArray[np.uint8], used: Collection[int]
    ) -> Verdict | None:
        """Hold an edited image against its edit, see `segpaint.core.requests.verdict.judge_edit`.

        Parameters
        ----------
        image, reference : Tensor of float32, shape (1, channels, height, width), in [-1, 1]
        stage : Stage
            What was asked for.
        mask : ndarray of uint8, shape (height, width)
            The reference's own.
        used : collection of int
            Labels annotated in it.
        """
        pixels = to_pixels(reference), to_pixels(image)
        pair = EditedPair(*pixels, mask, stage.mask, self._planes(reference), self._planes(image))
        unreliable = [index for index, dice in self._real.items() if dice < POOR]
        return judge_edit(pair, set(used) & set(stage.used), self.table, unreliable)

    def _planes(self, image: Tensor) -> NDArray[np.bool_]:
        return np.asarray(self.find(image)[0].cpu().numpy(), np.bool_)

    @property
    def _real(self) -> dict[int, float]:
        names = self.description.dice
        return {label.index: names[label.name] for label in self.table if label.name in names}

    @torch.inference_mode()
    def describe(self, images: Tensor, within: Tensor | None = None) -> Tensor:
        """Compute features of each image at the coarsest level, to compare sets of images.

        Parameters
        ----------
        images : Tensor of float32, shape (batch, channels, height, width), in [-1, 1]
        within : Tensor of bool, shape (batch, regions, height, width), optional
            Regions to describe, too.

        Returns
        -------
        Tensor of float32, shape (batch, features)
            Mean and standard deviation of each channel over the image, and its mean over each region; over
            the whole image where a region is empty.
        """
        seen: list[Tensor] = []
        hook = self.unet.mid_block.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
        try:
            self(images)
        finally:
            hook.remove()
        coarse = seen[0].float()
        deviation, mean = torch.std_mean(coarse, dim=(2, 3))
        found = [mean, deviation]
        for region in () if within is None else within.unbind(dim=1):
            weight = functional.adaptive_avg_pool2d(region[:, None].float(), (coarse.shape[2], coarse.shape[3]))
            area = weight.sum(dim=(2, 3))
            inside = (coarse * weight).sum(dim=(2, 3)) / area.clamp(min=1e-6)
            found.append(torch.where(area > 0, inside, mean))
        return torch.cat(found, dim=1)


def build_segmenter(
    description: SegmenterDescription, size: int, widths: tuple[int, ...] = (64, 96, 96)
) -> Segmenter:
    """Build an untrained segmenter: a U-Net without attention on the folded image.

    Parameters
    ----------
    size : int
        Height and width of the images in pixels.
    widths : tuple of int
        Channels per resolution level, finest first; multiples of 16.
    """
    factor = description.space_to_depth
    unet = UNet2DModel(
        sample_size=size // factor,
        in_channels=description.channels * factor**2,
        out_channels=len(description.labels) * factor**2,
        block_out_channels=widths,
        layers_per_block=1,
        down_block_types=("DownBlock2D",) * len(widths),
        up_block_types=("UpBlock2D",) * len(widths),
        add_attention=False,
        norm_num_groups=16,
    )
    return Segmenter(unet, description)


def write_segmenter(checkpoint: Path, segmenter: Segmenter, description: SegmenterDescription) -> None:
    """Write a segmenter into a checkpoint folder, with weights in half precision.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    folder = checkpoint / FOLDER
    write_together(
        {
            folder / WEIGHTS: half_precision(segmenter.unet),
            folder / CONFIG: to_json(unet_config(segmenter.unet)),
            folder / DESCRIPTION: to_json(description.model_dump(mode="json")),
        }
    )


def load_segmenter(checkpoint: Path, device: torch.device) -> Segmenter:
    """Read the segmenter of a checkpoint folder.

    Raises
    ------
    SegPaintError
        If there is none, or its files cannot be read or do not match.
    """
    folder = checkpoint / FOLDER
    recover(folder)
    if not has_segmenter(checkpoint):
        raise SegPaintError(
            f"{checkpoint} has no segmenter; "
            f"make one with: segpaint train-segmenter DATA --checkpoint {checkpoint}"
        )
    description = _read_description(folder / DESCRIPTION)
    _check_labels(checkpoint, description)
    unet = load_unet(folder / CONFIG, folder / WEIGHTS)
    _check_channels(folder, unet, description)
    segmenter = Segmenter(unet, description).to(device).eval().requires_grad_(False)
    segmenter.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return segmenter


@reads("the description of a segmenter", "train the segmenter anew")
def _read_description(path: Path) -> SegmenterDescription:
    description = read_model(path, SegmenterDescription)
    LabelTable(description.labels)
    return description


def _check_labels(checkpoint: Path, description: SegmenterDescription) -> None:
    """Refuse a segmenter of another checkpoint, whose opinion would be of other labels."""
    if not (checkpoint / CHECKPOINT).is_file():
        return
    known = {label.index: label.name for label in read_description(checkpoint / CHECKPOINT).labels}
    for label in description.labels:
        if known.get(label.index) != label.name:
            other = repr(known[label.index]) if label.index in known else "unknown"
            raise SegPaintError(
                f"{checkpoint / FOLDER} is of another checkpoint: its label {label.index} is {label.name!r}, "
                f"which is {other} here. Train the segmenter anew with segpaint train-segmenter."
            )


def _check_channels(folder: Path, unet: UNet2DModel, description: SegmenterDescription) -> None:
    factor = description.space_to_depth**2
    wanted = description.channels * factor, len(description.labels) * factor
    found = unet.config["in_channels"], unet.config["out_channels"]
    if found != wanted:
        raise SegPaintError(
            f"{folder / CONFIG} has {found[0]} input and {found[1]} output channels, but {DESCRIPTION} needs "
            f"{wanted[0]} and {wanted[1]}; train the segmenter anew with segpaint train-segmenter."
        )
