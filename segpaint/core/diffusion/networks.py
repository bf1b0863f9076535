"""The networks of a checkpoint, and which of them a request calls."""

from __future__ import annotations

from functools import cached_property

import torch

from segpaint.core.diffusion.batching import find_batch_sizes
from segpaint.core.diffusion.compiled import CompiledNetwork, load_compiled
from segpaint.core.diffusion.device import faster_precision
from segpaint.core.diffusion.few_step_files import load_few_steps
from segpaint.core.diffusion.few_steps import FewStepNetwork
from segpaint.core.diffusion.network import Network
from segpaint.core.diffusion.network_files import load_network, read_scheduler_config
from segpaint.core.diffusion.predictor import AnyNetwork, OneNetwork, Relay, each_network
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.compiled_files import HINTS, is_compiled
from segpaint.core.requests.request import Precision, Request
from segpaint.core.requests.sampling import FEW_STEPS, LONG_THEN_SHORT


class Networks:
    """Loads a checkpoint's networks, each when it is called first.

    Attributes
    ----------
    many_steps : Network
        The one that every checkpoint has.
    scheduler_config : dict
        As diffusers reads it.

    Raises
    ------
    SegPaintError
        If the checkpoint's files do not match.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self._checkpoint = checkpoint
        self.many_steps = load_network(checkpoint, device)
        self.scheduler_config = read_scheduler_config(checkpoint)
        self._compiled: dict[tuple[bool, Precision], CompiledNetwork] = {}
        self._batch_sizes: dict[tuple[OneNetwork, bool, Precision], tuple[int, ...]] = {}

    @property
    def precision(self) -> Precision:
        """The precision in which they run fastest here; that of torch if what was compiled is damaged."""
        device = self.many_steps.device
        compiled = faster_precision(device, compiled=is_compiled(self._checkpoint))
        try:
            self._run_in(compiled, self.many_steps)
        except SegPaintError:
            return faster_precision(device)
        return compiled

    def for_sampler(self, sampler: str, precision: Precision = "float32") -> AnyNetwork:
        """Return the network that a sampler calls, or two that take turns.

        Raises
        ------
        SegPaintError
            If the sampler takes long steps, and the checkpoint has no network for them, or what runs a network
            in this precision is not here.
        """
        if sampler == FEW_STEPS.name:
            return self._run_in(precision, self._few_steps)
        if sampler == LONG_THEN_SHORT.name:
            begin, end = self._run_in(precision, self._few_steps), self._run_in(precision, self.many_steps)
            scheduler = build_scheduler(self.scheduler_config, sampler, LONG_THEN_SHORT.usual)
            return Relay(begin, end, scheduler.passes_at)
        return self._run_in(precision, self.many_steps)

    def batch_sizes(self, request: Request, shape: tuple[int, ...]) -> set[int]:
        """Find how many images like that of a request are made at once with profit, see `find_batch_sizes`.

        Parameters
        ----------
        shape : tuple of int
            Of its conditioning.
        """
        sizes = []
        for network in each_network(self.for_sampler(request.sampler, request.precision)):
            key = network, request.guidance != 1, request.precision
            if key not in self._batch_sizes:
                channels = self._checkpoint.description.channels
                self._batch_sizes[key] = find_batch_sizes(
                    network, shape, channels, request.guidance, request.precision
                )
            sizes.append(set(self._batch_sizes[key]))
        return set.intersection(*sizes)

    @cached_property
    def _few_steps(self) -> FewStepNetwork:
        return load_few_steps(self._checkpoint, self.many_steps.device)

    def _run_in(self, precision: Precision, network: Network | FewStepNetwork) -> OneNetwork:
        if precision not in HINTS:
            return network
        key = network.takes_long_steps, precision
        if key not in self._compiled:
            self._compiled[key] = load_compiled(self._checkpoint, network, precision)
        return self._compiled[key]
