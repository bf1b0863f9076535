"""A network that takes long steps at once, guidance included: distilled from one that takes many."""

import torch
from diffusers import DDPMScheduler, UNet2DModel
from torch import Tensor, nn
from torch.nn import functional

from segpaint.core.diffusion.grain import GrainFilter
from segpaint.core.diffusion.network import Network
from segpaint.core.diffusion.samplers import spaced_timesteps
from segpaint.core.diffusion.scan_noise import ScanNoise
from segpaint.core.requests.sampling import FEW_STEPS, SPACING

LENGTHS = len(FEW_STEPS.counts)
"""Lengths of a step: one, two, four, ... intervals of the finest schedule."""
GRID = max(FEW_STEPS.counts)
"""Steps of the finest schedule."""
VECTORS = "class_embedding.weight"
"""The weights of attributes in the U-Net of a network that takes small steps."""
_HIDDEN = 64


class FewStepNetwork(nn.Module):
    """A U-Net that predicts where a step of a given length ends, by the velocity that leads there.

    What a guided network reaches by many calls, it reaches by one (Salimans and Ho, arXiv 2202.00512; Meng et
    al., arXiv 2210.03142). The length of the step and the guidance are inputs (Frans et al., arXiv 2410.12557):
    their vector is added to that of the timestep, as that of the attributes is.

    Parameters
    ----------
    unet : UNet2DModel
        That takes the vector itself as its class.
    space_to_depth : int
        See `segpaint.core.diffusion.network.fold`.
    combinations : int
        Of attributes, see `segpaint.core.labels.attributes.AttributeTable`.
    grain : GrainFilter, optional
    scan_noise : ScanNoise, optional
        As those of a `Network`.
    """

    takes_long_steps = True

    def __init__(
        self,
        unet: UNet2DModel,
        space_to_depth: int,
        combinations: int,
        grain: GrainFilter | None = None,
        scan_noise: ScanNoise | None = None,
    ) -> None:
        super().__init__()
        self.grain = grain
        self.scan_noise = scan_noise
        self.network = Network(unet, space_to_depth)
        width = unet.time_embedding.linear_2.out_features
        self.attributes = nn.Embedding(combinations, width)
        last = nn.Linear(_HIDDEN, width)
        self.pace = nn.Sequential(nn.Linear(LENGTHS + 2, _HIDDEN), nn.SiLU(), last)
        for begins_at_0 in (self.attributes.weight, last.weight, last.bias):
            nn.init.zeros_(begins_at_0)

    @classmethod
    def like(cls, network: Network, combinations: int) -> "FewStepNetwork":
        """Begin with the weights of a network that takes small steps."""
        few = cls(_unet_like(network.unet), network.space_to_depth, combinations)
        weights = dict(network.unet.state_dict())
        vectors = weights.pop(VECTORS, None)
        few.network.unet.load_state_dict(weights)
        if vectors is not None:
            few.attributes.load_state_dict({"weight": vectors})
        return few

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return self.network.device

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        conditioning: Tensor,
        attributes: Tensor,
        length: Tensor,
        guidance: Tensor,
    ) -> Tensor:
        """Predict what leads a step of some length to its end.

        Parameters
        ----------
        sample, timestep, conditioning
            See `segpaint.core.diffusion.network.Network.forward`; of the timestep there is one for each image.
        attributes : Tensor of int64, shape (batch,)
            Numbers of combinations; 0 if all are unknown.
        length : Tensor of int64, shape (batch,)
            0 for one interval of the finest schedule, 1 for two, 2 for four, and so on.
        guidance : Tensor of float32, shape (batch,)

        Returns
        -------
        Tensor, the shape of `sample`
            Noise, velocity or image, as the scheduler's configuration sets. A deterministic step (DDIM) with it
            ends where the smaller ones would.
        """
        strength = torch.stack([guidance - 1, (guidance - 1) ** 2], dim=1)
        lengths = functional.one_hot(length, LENGTHS)
        vector = self.pace(torch.cat([lengths, strength], dim=1)) + self.attributes(attributes)
        output: Tensor = self.network(sample, timestep, conditioning, vector)
        return output


def _unet_like(unet: UNet2DModel) -> UNet2DModel:
    """Build an untrained U-Net that takes a vector where the other takes the number of a combination."""
    config = {key: value for key, value in unet.config.items() if not key.startswith("_")}
    return UNet2DModel.from_config({**config, "class_embed_type": "identity", "num_class_embeds": None})


def finest_timesteps(scheduler: DDPMScheduler) -> list[int]:
    """Return the timesteps at which the intervals of the finest schedule begin."""
    return spaced_timesteps(GRID, SPACING, scheduler.config.num_train_timesteps)
