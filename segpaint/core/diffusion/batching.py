"""Makes several images in one call of the network, where that changes none of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from segpaint.core.diffusion.predictor import OneNetwork, predictor
from segpaint.core.requests.request import Precision, Request

SIZES = (8, 4, 2)
"""Images at once that are tried; guidance doubles what the network sees."""
WORTH = 0.9
"""Share of the time of an image alone that one in a batch may take, to be made in one."""
CALLS = 3
"""Calls of each size in the trial: the first one chooses the kernels, and a busy machine may slow another."""
TRIED_AT = 500
"""The timestep of the trial."""


def in_batches(requests: Iterable[Request], most: int) -> Iterator[list[Request]]:
    """Put requests that follow each other, and differ in masks, labels, attributes or seeds alone, together.

    Parameters
    ----------
    most : int
        Requests of a batch.
    """
    batch: list[Request] = []
    for request in requests:
        if batch and (len(batch) == most or not _can_join(batch[0], request)):
            yield batch
            batch = []
        batch.append(request)
    if batch:
        yield batch


def _can_join(first: Request, request: Request) -> bool:
    if any(each.origin is not None or each.changes for each in (first, request)):
        return False
    names = ("fingerprint", "few_steps", "sampler", "steps", "guidance", "precision")
    return all(getattr(first, name) == getattr(request, name) for name in names)


@torch.inference_mode()
def find_batch_sizes(
    network: OneNetwork,
    shape: tuple[int, ...],
    channels: int,
    guidance: float,
    precision: Precision,
) -> tuple[int, ...]:
    """Find by trial how many images at once are quicker, and each the same, bit for bit, as alone.

    Kernels are chosen by the size of a batch. What an image is computed with then depends on that size, and
    not on the images beside it: here, a batch gives the same bits in bfloat16, and others in float32.

    Parameters
    ----------
    shape : tuple of int
        Of the conditioning of one image: (1, conditioning channels, height, width).
    channels : int
        Of an image.

    Returns
    -------
    tuple of int
        Those of `SIZES` that are worth it, the largest first.
    """
    generator = torch.Generator("cpu").manual_seed(0)
    sample = torch.randn((1, channels, *shape[2:]), generator=generator).to(network.device)
    conditioning, timestep = torch.randn(shape, generator=generator), torch.tensor(TRIED_AT)

    def call(size: int) -> tuple[Tensor, float]:
        samples = sample.repeat(size, 1, 1, 1)
        predict = predictor(network, conditioning.repeat(size, 1, 1, 1), guidance, precision, steps=1)
        seconds = []
        for _ in range(CALLS):
            begun = time.perf_counter()
            output = predict(samples, timestep).cpu()
            seconds.append(time.perf_counter() - begun)
        return output, min(seconds) / size

    alone, seconds = call(1)
    found = []
    for size in SIZES:
        try:
            together, each = call(size)
        except RuntimeError:  # not enough memory
            continue
        if torch.equal(together, alone.expand_as(together)) and each < seconds * WORTH:
            found.append(size)
    return tuple(found)
