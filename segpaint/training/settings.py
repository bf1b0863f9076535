"""The settings of a training run; loads fast, since `segpaint train --help` shows them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from segpaint.core.requests.sampling import Guidance, Seed, Steps
from segpaint.training.options import option

CHECKPOINT, NETWORK, LEARNING = "the checkpoint", "network", "learning"
"""Groups of options."""


class Augmentation(BaseModel, frozen=True, extra="forbid"):
    """How far to change each image. Images are not flipped by default, since organs have sides.

    Attributes
    ----------
    share : float
        Share of images that are changed, 0 to 1.
    rotation : float
        Largest rotation in degrees.
    scale : float
        Largest magnification beyond what hides the corners that a rotation uncovers; 0.15 is 15 %.
        Without `cover`, the largest shrinking.
    shift : float
        Largest shift as a share of the image, within the room that the magnification leaves.
    elastic : float
        Standard deviation of a smooth displacement, in pixels.
    brightness : float
        Standard deviation of the logarithm of the exponent (gamma) applied to the intensities.
    flip : bool
        Whether to flip left and right at random.
    cover : bool
        Whether an image must fill its frame to the edges. Turn it off where every image has a margin of
        background: bodies are then turned, shrunk and moved whole, and never cut.
    """

    share: float = option(0.8, "of the images, changed at all (default {})", flag="--augment-share")
    rotation: float = option(12.0, "degrees (default {})")
    scale: float = option(0.15, "magnification (default {})")
    shift: float = option(0.06, "share of the image (default {})")
    elastic: float = option(1.5, "pixels (default {})")
    brightness: float = option(0.1, "spread of log gamma (default {})")
    flip: bool = option(False, "left-right; off, for organs have sides")
    cover: bool = option(
        True, "every image has a margin of background: turn and shrink whole bodies, cut none", flag="--margin"
    )


class TrainingSettings(BaseModel, frozen=True, extra="forbid"):
    """Everything that determines the weights, apart from the data and the number of steps.

    Attributes
    ----------
    name, licence, source, pixel_spacing, window
        See `segpaint.core.requests.checkpoint.Description`.
    steps, guidance
        Recommended for sampling.
    encoding, space_to_depth, widths, layers_per_block, attention_head_dim, attention_level
        See `segpaint.core.diffusion.network.build_network`.
    prediction : {"v_prediction", "epsilon", "sample"}
        What the network predicts: velocity (Salimans and Ho, arXiv 2202.00512), noise, or the image (Li and He,
        arXiv 2511.13720), which asks least of a small network: noise need not pass through it.
    beta_schedule : str
        A name of diffusers; the cosine schedule ends with practically no signal.
    noise_shift : float or None
        See `segpaint.training.noise_schedule.noise_scheduler`. None is 0, or what the checkpoint to begin with
        has.
    min_snr_gamma, snr_floor : float
        See `segpaint.training.objective.loss_weights`.
    ablation : bool
        Whether to train mask-ablated; otherwise every annotated label is always used.
    full_share, blank_share : float
        Shares of images that keep all of their mask, or nothing, beside the random subsets.
    free_share : float
        Share of images with a free region.
    learning_rate, warmup_steps, decay_after
        AdamW's. The rate rises over the warm-up. After `decay_after` steps it falls as the inverse
        square root of the step (Karras et al., arXiv 2312.02696), so that no end need be known.
    anneal : tuple of int or None
        First and last step of a final stretch over which the learning rate falls to 0. It makes
        pictures sharper, and a faint pattern in flat regions weaker.
    ema_power : float
        The average of the weights forgets as ``1 - (1 + step) ** -ema_power``.
    average : bool
        Whether the checkpoint gets the average of the weights; otherwise, the last ones.
    init_from : str
        The fingerprint of the checkpoint that the training began with; empty if with random weights.
    unlabelled : bool
        Whether images without masks are used, too.
    """

    name: str = option(..., "what the window calls it (default: the folder's name)", CHECKPOINT)
    licence: str = option("", "of the weights", CHECKPOINT)
    source: str = option("", "where the images come from and how to cite them", CHECKPOINT)
    pixel_spacing: float | None = option(None, "millimetres per pixel", CHECKPOINT)
    window: tuple[float, float] | None = option(
        None, "values that the images show as black and as white, in HU for CT", CHECKPOINT,
        flag="--image-window", metavar=["LOW", "HIGH"],
    )  # fmt: skip
    steps: Steps = option(20, "recommended denoising steps (default {})", CHECKPOINT)
    guidance: Guidance = option(1.0, "recommended guidance (default {}, off)", CHECKPOINT)
    encoding: Literal["signed", "index_255"] = option("signed", "default {}", NETWORK)
    space_to_depth: Literal[1, 2, 4, 8] = option(
        4,
        "space-to-depth factor (default {}, or the largest smaller one that fits the images)",
        NETWORK,
        flag="--fold",
    )
    widths: tuple[Annotated[int, Field(ge=32, multiple_of=32)], ...] = option(
        (96, 160, 192), "channels per level, multiples of 32 (default {})", NETWORK, min_length=1
    )
    layers_per_block: int = option(1, "default {}", NETWORK)
    attention_head_dim: int = 64
    attention_level: int = 0
    prediction: Literal["v_prediction", "epsilon", "sample"] = option(
        "v_prediction", "velocity, noise, or the image (sample); default {}", NETWORK
    )
    beta_schedule: str = "squaredcos_cap_v2"
    noise_shift: float | None = option(
        None, "shift of the noise schedule, for images over 64 pixels: 2 log(64 / size), such as -2.77 for 256",
        LEARNING, ge=-10, le=10,
    )  # fmt: skip
    min_snr_gamma: float = option(
        5.0, "min-SNR gamma; 0 for plain error (default {})", LEARNING, flag="--min-snr"
    )
    snr_floor: float = option(
        0.0, "weigh the noisiest steps as if the signal-to-noise ratio were this (default {})", LEARNING, ge=0
    )
    ablation: bool = option(True, "always show the whole mask", LEARNING, flag="--no-ablation")
    full_share: float = option(0.25, "images that keep every label (default {})", LEARNING, ge=0, le=1)
    blank_share: float = option(0.1, "images that keep no label (default {})", LEARNING, ge=0, le=1)
    free_share: float = option(0.15, "images with a free region (default {})", LEARNING)
    batch_size: int = option(16, "default {}", LEARNING, ge=1)
    learning_rate: float = option(5e-4, "default {}", LEARNING)
    warmup_steps: int = 200
    decay_after: int = 2000
    anneal: tuple[int, int] | None = None
    ema_power: float = option(0.75, "default {}", LEARNING)
    average: bool = True
    seed: Seed = 0
    augmentation: Augmentation = Augmentation()
    init_from: str = ""
    unlabelled: bool = False

    def learning_rate_at(self, step: int) -> float:
        """Compute the learning rate of a step, counted from 0."""
        warm = min(1.0, (step + 1) / max(1, self.warmup_steps))
        rate = self.learning_rate * warm / max(1.0, step / self.decay_after) ** 0.5
        if self.anneal is not None:
            first, last = self.anneal
            rate *= min(1.0, max(0.0, (last - step) / (last - first)))
        return float(rate)
