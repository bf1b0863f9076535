"""The training loop."""

import csv
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from diffusers.training_utils import EMAModel
from numpy.typing import NDArray
from torch import nn

from segpaint.core.diffusion.conditioning import Encoder
from segpaint.core.diffusion.device import faster_precision, pick_device, training_layout
from segpaint.core.diffusion.network import Network, build_network
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.attributes import AttributeTable
from segpaint.training.augmentation import augment
from segpaint.training.dataset import DataSet, Pairs
from segpaint.training.finetune import Start
from segpaint.training.noise_schedule import noise_scheduler
from segpaint.training.objective import (
    denoising_loss,
    draw_free,
    draw_timesteps,
    draw_used,
    encode_batch,
    loss_weights,
)
from segpaint.training.resuming import check_data, check_settings, record_of
from segpaint.training.settings import TrainingSettings
from segpaint.training.state import load_state, read_progress, save_state

STATE = "training/state.safetensors"
LOSSES = "training/loss.csv"
CLIP_NORM = 1.0


def accelerator_on(device: str) -> Accelerator:
    """Set accelerate up for "cpu", "cuda", "mps" or, for "auto", the best device, in its faster precision.

    Raises
    ------
    SegPaintError
        If the device is not available.
    """
    faster = faster_precision(pick_device(device))
    return Accelerator(mixed_precision="bf16" if faster == "bfloat16" else "no", cpu=device == "cpu")


@dataclass
class TrainingProgress:
    """How far a run has come.

    Attributes
    ----------
    step : int
        Optimizer steps done.
    seconds : float
        Time spent on them, over all resumptions.
    images : int
        Images seen.
    losses : list of (step, mean training loss, validation loss)
        One row per stretch between two savings.
    """

    step: int = 0
    seconds: float = 0.0
    images: int = 0
    losses: list[tuple[int, float, float]] = field(default_factory=list)


class Trainer:
    """Trains one network on one data set, and can stop and go on at any step.

    Parameters
    ----------
    accelerator : Accelerator, optional
        Device and precision; by default the best device here in its faster precision.
    start : Start, optional
        A checkpoint to begin with, whose `Start.settled` are in `settings`; by default, random weights.
    options : dict, optional
        Options of the command that are no settings, for the state to remember.
    """

    def __init__(
        self,
        data: DataSet,
        settings: TrainingSettings,
        accelerator: Accelerator | None = None,
        start: Start | None = None,
        options: dict[str, Any] | None = None,
    ) -> None:
        self.data = data
        self.settings = settings
        self.start = start
        self.options = options or {}
        self.accelerator = accelerator or accelerator_on("auto")
        accelerator = self.accelerator
        self.encoder = Encoder(data.table, settings.encoding)
        self.attributes = AttributeTable(data.attributes)
        channels, _, size = data.train.images.shape[1:]
        grid = settings.space_to_depth * 2 ** (len(settings.widths) - 1)
        if size % grid:
            choice = ", or choose a smaller --fold or fewer --widths" if start is None else ""
            raise SegPaintError(
                f"Images of {size} x {size} pixels cannot be halved as often as the network asks; their "
                f"size must be a multiple of {grid}{choice}."
            )
        torch.manual_seed(settings.seed)  # the first weights
        network = self._build(channels, size)
        # The type stubs of torch lack this overload.
        network.to(memory_format=training_layout(accelerator.device))  # type: ignore[call-overload]
        self._weights = loss_weights(self.scheduler, settings.min_snr_gamma, settings.snr_floor)
        self.ema = EMAModel(
            network.parameters(), decay=0.9999, use_ema_warmup=True, power=settings.ema_power, foreach=True
        )
        optimizer = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99))
        self.network, self.optimizer = accelerator.prepare(network, optimizer)
        self.ema.to(accelerator.device)
        self.progress = TrainingProgress()

    def _build(self, channels: int, size: int) -> nn.Module:
        """Build the network to train, with its first weights, and set the scheduler."""
        return self._denoiser(channels, size)

    def _denoiser(self, channels: int, size: int) -> Network:
        settings, start = self.settings, self.start
        if start is not None:
            self.scheduler = start.scheduler(settings)
            return start.network(self.data.table, channels, size, self.data.attributes, settings.prediction)
        self.scheduler = noise_scheduler(
            settings.beta_schedule, settings.prediction, settings.noise_shift or 0.0
        )
        return build_network(
            size=size,
            channels=channels,
            conditioning_channels=self.encoder.channels,
            space_to_depth=settings.space_to_depth,
            widths=settings.widths,
            layers_per_block=settings.layers_per_block,
            attention_head_dim=settings.attention_head_dim,
            attention_level=settings.attention_level,
            combinations=self.attributes.combinations,
        )

    # ---- steps

    def train_step(self) -> float:
        """Take one optimizer step and return its loss."""
        begun = time.monotonic()
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate_at(self.progress.step)
        loss = self._loss(self.network, *self._draw_batch(self.progress.step))
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.network.parameters(), CLIP_NORM)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.ema.step(self.network.parameters())
        self.progress.step += 1
        self.progress.images += self.settings.batch_size * self.accelerator.num_processes
        self.progress.seconds += time.monotonic() - begun
        return float(loss.detach())

    def _draw_batch(
        self, step: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None, np.random.Generator]:
        """Draw images, conditioning and attributes of a step, in this process."""
        settings, pairs, rank = self.settings, self.data.train, self.accelerator.process_index
        rng = np.random.default_rng([settings.seed, step, rank])
        rows = self._rows(step)
        images = torch.from_numpy(pairs.images[rows]).float() / 127.5 - 1
        images, masks = augment(images, torch.from_numpy(pairs.masks[rows]), settings.augmentation, rng)
        used = pairs.annotated[rows]
        if settings.ablation:
            used = draw_used(used, rng, full_share=settings.full_share, blank_share=settings.blank_share)
        free = draw_free(masks.numpy(), rng, settings.free_share if settings.ablation else 0.0)
        conditioning, codes = encode_batch(self.encoder, free, used), pairs.attributes[rows]
        if codes.shape[1]:  # left out like labels, whether or not labels are
            codes = codes * draw_used(
                codes > 0, rng, full_share=settings.full_share, blank_share=settings.blank_share
            )
        return images, conditioning, self._numbers(codes), rng

    def _numbers(self, codes: NDArray[np.int64]) -> torch.Tensor | None:
        """Return the numbers of combinations; None without attributes."""
        if not codes.shape[1]:
            return None
        return torch.tensor([self.attributes.join(row) for row in codes.tolist()])

    def _rows(self, step: int) -> NDArray[np.int64]:
        """Choose the training pairs of a step: each once an epoch, in an order drawn per epoch."""
        count, size = len(self.data.train), self.settings.batch_size
        first = (step * self.accelerator.num_processes + self.accelerator.process_index) * size
        places = np.arange(first, first + size)
        orders = {
            epoch: np.random.default_rng([self.settings.seed, epoch]).permutation(count)
            for epoch in set(places // count)
        }
        return np.array([orders[place // count][place % count] for place in places])

    def _loss(
        self,
        network: nn.Module,
        images: torch.Tensor,
        conditioning: torch.Tensor,
        attributes: torch.Tensor | None,
        rng: np.random.Generator,
    ) -> torch.Tensor:
        timesteps = draw_timesteps(len(images), self.scheduler, rng)
        # Drawn on the CPU, so that a seed trains alike on every device.
        noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(int(rng.integers(2**62))))
        device = self.accelerator.device
        return denoising_loss(
            network, self.scheduler, self._weights.to(device), images.to(device), conditioning.to(device),
            timesteps.to(device), noise.to(device), None if attributes is None else attributes.to(device),
        )  # fmt: skip

    def as_main_says(self, decision: bool) -> bool:
        """Send the main process's decision to all, else one would stop while another waits for it."""
        if self.accelerator.num_processes == 1:
            return decision
        said = broadcast(torch.tensor([int(decision)], device=self.accelerator.device))
        return bool(said.item())

    def close(self) -> None:
        """Release the network and the other processes; the trainer cannot be used afterwards."""
        # The order matters: the last holder of the process group joins its threads. The wrapped network would
        # do so while holding Python's lock, which they may need. Left undone, they abort Python's exit.
        self.network, self.optimizer = self.accelerator.free_memory(self.network, self.optimizer)
        self.accelerator.end_training()

    # ---- looking at it

    @contextmanager
    def averaged(self) -> Iterator[Any]:
        """Give the network the weights of its checkpoint, averaged or not, for as long as the context lasts."""
        network = self.accelerator.unwrap_model(self.network)
        if not self.settings.average:
            network.eval()
            yield network
            network.train()
            return
        self.ema.store(network.parameters())
        self.ema.copy_to(network.parameters())
        network.eval()
        try:
            yield network
        finally:
            network.train()
            self.ema.restore(network.parameters())

    @torch.inference_mode()
    def validation_loss(self) -> float:
        """Compute the averaged weights' loss on the val split, with the same noise each time."""
        pairs: Pairs = self.data.val
        if not len(pairs):
            return float("nan")
        losses = []
        with self.averaged() as network, self.accelerator.autocast():
            for first in range(0, len(pairs), self.settings.batch_size):
                rows = slice(first, first + self.settings.batch_size)
                images = torch.from_numpy(pairs.images[rows]).float() / 127.5 - 1
                conditioning = encode_batch(self.encoder, pairs.masks[rows], pairs.annotated[rows])
                known = self._numbers(pairs.attributes[rows])
                loss = self._loss(network, images, conditioning, known, np.random.default_rng(first))
                losses.append(float(loss) * len(images))
        return sum(losses) / len(pairs)

    # ---- files

    def save(self, out: Path) -> None:
        """Write the state that `resume` reads."""
        progress = {
            **asdict(self.progress),
            "settings": self.settings.model_dump(mode="json"),
            "options": self.options,
            "data": record_of(self.data).model_dump(mode="json"),
        }
        network = self.accelerator.unwrap_model(self.network)
        table = io.StringIO()
        csv.writer(table).writerows([("step", "train", "val"), *self.progress.losses])
        losses = {out / LOSSES: table.getvalue().encode()}
        save_state(out / STATE, network, self.optimizer, self.ema, progress, losses)

    def resume(self, out: Path) -> None:
        """Continue exactly where `save` stopped.

        Raises
        ------
        SegPaintError
            If nothing was saved there, or with settings or data that it cannot go on with.
        """
        saved = read_progress(out / STATE)
        check_settings(saved, self.settings, out)
        check_data(saved, self.data, out)
        network = self.accelerator.unwrap_model(self.network)
        saved = load_state(out / STATE, network, self.optimizer, self.ema)
        losses = [(int(step), train, val) for step, train, val in saved["losses"]]
        self.progress = TrainingProgress(saved["step"], saved["seconds"], saved["images"], losses)
