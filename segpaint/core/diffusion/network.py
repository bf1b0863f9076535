"""The denoising network: a diffusers `UNet2DModel` that sees the mask beside the sample."""

import torch
from diffusers import UNet2DModel
from torch import Tensor, nn
from torch.nn import functional

from segpaint.core.diffusion.grain import GrainFilter
from segpaint.core.diffusion.scan_noise import ScanNoise


def _haar(device: torch.device, dtype: torch.dtype) -> Tensor:
    """Build the orthonormal 2x2 Haar transform, rows: mean, horizontal, vertical, diagonal."""
    signs = [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    return torch.tensor(signs, device=device, dtype=dtype) / 2


def fold(image: Tensor, factor: int) -> Tensor:
    """Fold space into channels by orthonormal Haar transforms.

    The smaller grid makes the network several times faster (Hoogeboom et al., arXiv 2301.11093, fold without
    transform). The orthonormal transform keeps white noise white and squared errors equal. It separates the
    mean from the detail, which avoids dither in flat regions.

    Parameters
    ----------
    image : Tensor, shape (batch, channels, height, width)
    factor : int
        A power of two that divides height and width; 1 changes nothing.

    Returns
    -------
    Tensor, shape (batch, channels * factor**2, height / factor, width / factor)
    """
    while factor > 1:
        pieces = torch.unflatten(functional.pixel_unshuffle(image, 2), 1, (-1, 4))  # b c 4 h w
        image = torch.einsum("kj,bcjhw->bckhw", _haar(image.device, image.dtype), pieces).flatten(1, 2)
        factor //= 2
    return image


def unfold(image: Tensor, factor: int) -> Tensor:
    """Undo `fold` with the same factor."""
    while factor > 1:
        pieces = torch.unflatten(image, 1, (-1, 4))
        pieces = torch.einsum("kj,bckhw->bcjhw", _haar(image.device, image.dtype), pieces)
        image = functional.pixel_shuffle(pieces.flatten(1, 2), 2)
        factor //= 2
    return image


class Network(nn.Module):
    """A U-Net on the folded sample and conditioning.

    Parameters
    ----------
    unet : UNet2DModel
        With ``(image channels + conditioning channels) * space_to_depth**2`` input channels and, if it knows
        attributes, a class for each of their combinations.
    space_to_depth : int
        See `fold`.
    grain : GrainFilter, optional
        What takes out of its outputs, guidance included, what it leaves of noise; nothing by default. It is
        the sampling loop that applies it, see `segpaint.core.diffusion.sampler.sample`.
    scan_noise : ScanNoise, optional
        What adds to its images what it leaves out of the noise of scans; applied likewise.
    """

    takes_long_steps = False

    def __init__(
        self,
        unet: UNet2DModel,
        space_to_depth: int,
        grain: GrainFilter | None = None,
        scan_noise: ScanNoise | None = None,
    ) -> None:
        super().__init__()
        self.unet = unet
        self.space_to_depth = space_to_depth
        self.grain = grain
        self.scan_noise = scan_noise

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.parameters()).device

    def forward(
        self, sample: Tensor, timestep: Tensor, conditioning: Tensor, attributes: Tensor | None = None
    ) -> Tensor:
        """Predict noise or velocity, as the scheduler's configuration sets.

        Parameters
        ----------
        sample : Tensor, shape (batch, image channels, height, width)
            The noisy image x_t.
        timestep : Tensor of int, shape () or (batch,)
        conditioning : Tensor, shape (batch, conditioning channels, height, width)
        attributes : Tensor of int64, shape (batch,), optional
            Numbers of combinations, see `segpaint.core.labels.attributes.AttributeTable`; by default, all are
            unknown. The vector of each is added to that of the timestep.

        Returns
        -------
        Tensor, the shape of `sample`
        """
        both = fold(torch.cat([sample, conditioning], dim=1), self.space_to_depth)
        if attributes is None and self.unet.class_embedding is not None:
            attributes = torch.zeros(len(sample), dtype=torch.int64, device=sample.device)
        output = self.unet(both, timestep, attributes, return_dict=False)[0]
        return unfold(output, self.space_to_depth)


def build_network(
    *,
    size: int,
    channels: int,
    conditioning_channels: int,
    space_to_depth: int,
    widths: tuple[int, ...] = (64, 128, 192),
    layers_per_block: int = 1,
    attention_head_dim: int = 64,
    attention_level: int = 0,
    combinations: int = 1,
) -> Network:
    """Build an untrained network with attention at a single level.

    Parameters
    ----------
    size : int
        Height and width of the image in pixels.
    channels : int
        Channels of the image: 1 grey, 3 colour.
    conditioning_channels : int
        See `segpaint.core.diffusion.conditioning.Encoder.channels`.
    space_to_depth : int
        See `fold`.
    widths : tuple of int
        Channels per resolution level, finest first; multiples of 32.
    layers_per_block, attention_head_dim : int
        As in diffusers; a head is at most as wide as the coarsest level.
    attention_level : int
        The level with attention, counted from the coarsest.
    combinations : int
        Of attributes, see `segpaint.core.labels.attributes.AttributeTable`; 1 for none. Their vectors begin
        at 0, so that they change nothing before they are trained.
    """
    levels = range(len(widths))[::-1]
    down = tuple("AttnDownBlock2D" if level == attention_level else "DownBlock2D" for level in levels)
    up = tuple("AttnUpBlock2D" if level == attention_level else "UpBlock2D" for level in levels[::-1])
    folded = space_to_depth**2
    unet = UNet2DModel(
        sample_size=size // space_to_depth,
        in_channels=(channels + conditioning_channels) * folded,
        out_channels=channels * folded,
        block_out_channels=widths,
        layers_per_block=layers_per_block,
        down_block_types=down,
        up_block_types=up,
        attention_head_dim=min(attention_head_dim, widths[-1]),
        # A group of one channel would normalise away the timestep, which is added to whole channels.
        norm_num_groups=32 if min(widths) >= 64 else 16,
        num_class_embeds=combinations if combinations > 1 else None,
    )
    if unet.class_embedding is not None:
        nn.init.zeros_(unet.class_embedding.weight)
    return Network(unet, space_to_depth)
