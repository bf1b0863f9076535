"""Builds what the sampling loop asks at each step: a network with its conditioning and guidance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from segpaint.core.diffusion.compiled import CompiledNetwork
from segpaint.core.diffusion.device import autocast
from segpaint.core.diffusion.few_steps import GRID, FewStepNetwork
from segpaint.core.diffusion.inversion import Predict
from segpaint.core.diffusion.long_then_short import LONG_LIKE
from segpaint.core.diffusion.network import Network
from segpaint.core.requests.request import Precision

OneNetwork = Network | FewStepNetwork | CompiledNetwork


class Relay(NamedTuple):
    """Two networks of a run of `LongThenShort`.

    Attributes
    ----------
    long : FewStepNetwork or CompiledNetwork
        Begins the run.
    short : Network or CompiledNetwork
        Ends it.
    passes_at : int
        The highest timestep of the latter.
    """

    long: OneNetwork
    short: OneNetwork
    passes_at: int


AnyNetwork = OneNetwork | Relay


def each_network(network: AnyNetwork) -> tuple[OneNetwork, ...]:
    """Return the networks of a run, in the order of their steps."""
    return (network.long, network.short) if isinstance(network, Relay) else (network,)


def takes_long_step(network: AnyNetwork, timestep: Tensor) -> bool:
    """Check whether the step from a timestep is one of a network that learnt long ones."""
    if isinstance(network, Relay):
        return int(timestep) > network.passes_at
    return network.takes_long_steps


def predictor(
    network: AnyNetwork,
    conditioning: Tensor,
    guidance: float,
    precision: Precision,
    attributes: int | Sequence[int] = 0,
    steps: int = 0,
) -> Predict:
    """Build a function for the network's output with conditioning and guidance, see `sample` of the sampler.

    Parameters
    ----------
    steps : int
        Of the run; for a network that takes long steps.
    """
    asked = list(attributes) if isinstance(attributes, Sequence) else [attributes] * len(conditioning)
    if isinstance(network, Relay):
        begin = _long_steps(network.long, conditioning, guidance, precision, asked, LONG_LIKE)
        end = _guided(network.short, conditioning, guidance, precision, asked)
        return lambda sample, timestep: (begin if takes_long_step(network, timestep) else end)(sample, timestep)
    if network.takes_long_steps:
        return _long_steps(network, conditioning, guidance, precision, asked, steps)
    return _guided(network, conditioning, guidance, precision, asked)


def _guided(
    network: OneNetwork, conditioning: Tensor, guidance: float, precision: Precision, asked: list[int]
) -> Predict:
    device = network.device
    conditioning = conditioning.to(device)
    known = torch.tensor(asked, device=device) if any(asked) else None
    if not conditioning.shape[1] and known is None:
        guidance = 1.0  # with and without mask are the same
    if guidance != 1:
        conditioning = torch.cat([torch.zeros_like(conditioning), conditioning])
        known = None if known is None else torch.cat([torch.zeros_like(known), known])

    def predict(sample: Tensor, timestep: Tensor) -> Tensor:
        inputs = torch.cat([sample, sample]) if guidance != 1 else sample
        with autocast(device, precision):
            output: Tensor = network(inputs, timestep.to(device), conditioning, known).float()
        if guidance != 1:
            blank, masked = output.chunk(2)
            output = blank + guidance * (masked - blank)
        return output

    return predict


def _long_steps(
    network: OneNetwork,
    conditioning: Tensor,
    guidance: float,
    precision: Precision,
    asked: list[int],
    steps: int,
) -> Predict:
    """Build the same for long steps, whose network has learnt what guidance does."""
    device, count = network.device, len(conditioning)
    conditioning, known = conditioning.to(device), torch.tensor(asked, device=device)
    length = torch.full((count,), (GRID // steps).bit_length() - 1, device=device)
    strength = torch.full((count,), float(guidance), device=device)

    def predict(sample: Tensor, timestep: Tensor) -> Tensor:
        with autocast(device, precision):
            output: Tensor = network(
                sample, timestep.to(device).expand(count), conditioning, known, length, strength
            ).float()
        return output

    return predict
