"""Takes out of a network's estimates what it leaves of noise.

A network of little capacity that predicts velocity or noise cannot copy all of its input's noise, so that some
stays in the finest detail of every image. The filter leaves each spatial frequency the power of real images
(Lim and Oppenheim, 1979, power spectrum filtering): Wiener's, which leaves less, blurs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.requests.sampling import SAMPLERS

REACH = 7
"""Pixels around each that the filter takes in."""
GRID = 64
"""Pixels of the grid on which it is designed, by sampling the gains (Rabiner and Gold, 1975, section 3.21)."""


class GrainFilter:
    """Filters the estimates of the finished image that are in a network's outputs.

    Parameters
    ----------
    gains : sequence of float
        Factors by spatial frequency, evenly from 0 to 0.5 cycles per pixel and more, 0 to 1.
    scheduler_config : mapping
        That of the checkpoint.
    """

    def __init__(self, gains: Sequence[float], scheduler_config: Mapping[str, Any]) -> None:
        scheduler = build_scheduler(dict(scheduler_config), next(iter(SAMPLERS)), steps=1)
        self._kept = scheduler.alphas_cumprod
        self._prediction = scheduler.config.prediction_type
        self._kernel = torch.from_numpy(_kernel(gains))[None, None]

    def __call__(self, output: Tensor, sample: Tensor, timestep: Tensor) -> Tensor:
        """Filter the image that a network's output stands for.

        Parameters
        ----------
        output : Tensor of float32, shape (batch, channels, height, width)
            Noise, velocity or image, as the scheduler's configuration sets.
        sample : Tensor of float32, the same shape
            What the network saw.
        timestep : Tensor of int, shape ()

        Returns
        -------
        Tensor of float32, the same shape
        """
        signal, noise = self._kept[int(timestep)].sqrt().item(), (1 - self._kept[int(timestep)]).sqrt().item()
        # The image is linear in both, so that the rest is what was taken out of it, seen as noise.
        share = {"sample": 0.0, "v_prediction": signal / noise, "epsilon": 1 / noise}[self._prediction]
        filtered = self._smooth(output)
        return filtered + share * (sample - self._smooth(sample)) if share else filtered

    def _smooth(self, image: Tensor) -> Tensor:
        kernel = self._kernel.to(image.device).expand(image.shape[1], 1, -1, -1)
        padded = functional.pad(image, (REACH, REACH, REACH, REACH), mode="reflect")
        # One by one, so that no bit depends on what is made beside an image.
        channels = image.shape[1]
        return torch.cat([functional.conv2d(one[None], kernel, groups=channels) for one in padded])


def _kernel(gains: Sequence[float]) -> NDArray[np.float32]:
    frequencies = np.fft.fftfreq(GRID)
    distance = np.hypot(frequencies[:, None], frequencies)
    wanted = np.interp(distance, np.linspace(0, 0.5, len(gains)), gains)
    around = np.arange(-REACH, REACH + 1)
    fading = np.hanning(2 * REACH + 3)[1:-1]
    kernel = np.fft.ifft2(wanted).real[np.ix_(around, around)] * fading[:, None] * fading
    return np.asarray(kernel / kernel.sum(), np.float32)
