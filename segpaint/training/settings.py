"""What can be set about a training run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from segpaint.core.requests.sampling import Guidance, Steps
from segpaint.training.augmentation import Augmentation


class TrainingSettings(BaseModel):
    """Everything that determines the weights, apart from the data and the number of steps.

    Attributes
    ----------
    name : str
        Of the checkpoint, as the window shows it.
    licence, source : str
        Of the weights; where the images came from and how to cite them.
    pixel_spacing : float or None
        Millimetres per pixel.
    steps, guidance
        Recommended for sampling.
    encoding, space_to_depth, widths, layers_per_block, attention_head_dim
        The network, see `segpaint.core.diffusion.network.build_network`.
    prediction : {"v_prediction", "epsilon"}
        What the network predicts: velocity (Salimans and Ho, arXiv 2202.00512) or noise.
    beta_schedule : str
        As diffusers names it; the cosine schedule ends with practically no signal.
    min_snr_gamma : float
        See `segpaint.training.objective.loss_weights`.
    ablation : bool
        Mask-ablated training; off, every annotated label is always used.
    full_share, blank_share : float
        Shares of images that keep all of their mask, or nothing, beside the random subsets.
    free_share : float
        Share of images with a free region.
    learning_rate, warmup_steps, decay_after
        AdamW's; it rises over the warm-up and falls as the inverse square root of the step after
        `decay_after` steps (Karras et al., arXiv 2312.02696), so that no end need be known.
    anneal : tuple of int or None
        First and last step of a stretch over which the learning rate falls to 0, to end a training:
        pictures get sharper, and a faint pattern in flat regions weaker.
    ema_power : float
        The average of the weights forgets as ``1 - (1 + step) ** -ema_power``.
    augmentation : Augmentation
    init_from : str
        The fingerprint of the checkpoint that the training began with; empty if with random weights.
    unlabelled : bool
        Whether images without masks are among those trained on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    licence: str = ""
    source: str = ""
    pixel_spacing: float | None = None
    steps: Steps = 20
    guidance: Guidance = 1.0
    encoding: Literal["signed", "index_255"] = "signed"
    space_to_depth: Literal[1, 2, 4, 8] = 2
    widths: tuple[Annotated[int, Field(ge=32, multiple_of=32)], ...] = Field((64, 128, 192), min_length=1)
    layers_per_block: int = 1
    attention_head_dim: int = 64
    prediction: Literal["v_prediction", "epsilon"] = "v_prediction"
    beta_schedule: str = "squaredcos_cap_v2"
    min_snr_gamma: float = 5.0
    ablation: bool = True
    full_share: float = 0.25
    blank_share: float = 0.1
    free_share: float = 0.15
    batch_size: int = Field(default=16, ge=1)
    learning_rate: float = 5e-4
    warmup_steps: int = 200
    decay_after: int = 2000
    anneal: tuple[int, int] | None = None
    ema_power: float = 0.75
    seed: int = 0
    augmentation: Augmentation = Augmentation()
    init_from: str = ""
    unlabelled: bool = False

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        warm = min(1.0, (step + 1) / max(1, self.warmup_steps))
        rate = self.learning_rate * warm / max(1.0, step / self.decay_after) ** 0.5
        if self.anneal is not None:
            first, last = self.anneal
            rate *= min(1.0, max(0.0, (last - step) / (last - first)))
        return float(rate)
