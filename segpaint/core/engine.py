"""A checkpoint in memory, ready to answer requests; the window and the command share it."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from segpaint.core.checkpoint import Checkpoint
from segpaint.core.conditioning import Encoder
from segpaint.core.errors import SegPaintError
from segpaint.core.network_files import load_network, read_scheduler_config
from segpaint.core.request import Request, Stage
from segpaint.core.sampler import Step, sample
from segpaint.core.samplers import build_scheduler


class Engine:
    """A loaded checkpoint on a device.

    Parameters
    ----------
    checkpoint : Checkpoint
    device : torch.device

    Raises
    ------
    SegPaintError
        If the checkpoint's files do not fit together.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self.checkpoint = checkpoint
        self.network = load_network(checkpoint, device)
        self.encoder = Encoder(checkpoint.table, checkpoint.description.encoding)
        self.scheduler_config = read_scheduler_config(checkpoint)

    def run(self, request: Request, after: Step | None = None) -> Iterator[Step]:
        """Answer a request, a step at a time.

        Parameters
        ----------
        request : Request
            Made for this checkpoint, see `check`.
        after : Step, optional
            Go on from this step of an earlier run.
        """
        ends = [*(change.step for change in request.changes), request.steps]
        for stage, end in zip(request.stages, ends, strict=True):
            if after is not None and after.index + 1 >= end:
                continue
            for step in self._stage(request, stage, after):
                yield step
                after = step
                if step.index + 1 == end:
                    break

    def _stage(self, request: Request, stage: Stage, after: Step | None) -> Iterator[Step]:
        return sample(
            self.network,
            build_scheduler(self.scheduler_config, request.sampler, request.steps),
            self.encoder(torch.tensor(stage.mask).unsqueeze(0), self.encoder.used(stage.used)),
            channels=self.checkpoint.description.channels,
            seed=request.seed,
            guidance=request.guidance,
            precision=request.precision,
            after=after,
        )

    def check(self, request: Request) -> None:
        """Make sure that a request from elsewhere means this checkpoint.

        Raises
        ------
        SegPaintError
            If it was made with another one, or its mask does not fit.
        """
        if request.fingerprint != self.checkpoint.fingerprint:
            raise SegPaintError(
                f"The request was made with {request.checkpoint!r} ({request.fingerprint}), but "
                f"{self.checkpoint.folder} is {self.checkpoint.fingerprint}; "
                "give the checkpoint that it was made with."
            )
        request.check_fit(self.checkpoint.description)
