"""Adds the noise of scans to images, where a network leaves it out.

A network that predicts images learns the mean of what it cannot foresee, and no mask foretells the noise of a
scanner. Its power spectrum and its strength at each grey level are properties of the scans, though (Boedeker et
al., 2007, Phys. Med. Biol. 52:4027, noise power spectrum), so it can be drawn, as grain is added to films after
they are decoded (Norkin and Birkbeck, DCC 2018).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from segpaint.core.requests.scan_noise import ScanNoiseFigures

AROUND = 5
"""Pixels across whose mean grey level decides how strong the noise is."""
OTHER_STREAM = 0x5CA7
"""What makes the seed of this noise differ from that of a run's first sample."""


class ScanNoise:
    """Draws noise for images, and adds it.

    Parameters
    ----------
    figures : ScanNoiseFigures
        As measured by `segpaint.evaluation.scan_noise.measure_scan_noise`.
    """

    def __init__(self, figures: ScanNoiseFigures) -> None:
        self._gains = torch.tensor(figures.gains)
        self._strengths = torch.tensor(figures.strengths) / 127.5

    def draw(self, count: int, size: tuple[int, int], seed: int | Sequence[int]) -> Tensor:
        """Draw noise on the CPU, so that it is the same on every device.

        Parameters
        ----------
        count : int
            Images.
        size : tuple of int
            Height and width in pixels.
        seed : int or sequence of int
            For all; or one for each image, whose noise is then as if it were alone.

        Returns
        -------
        Tensor of float32, shape (count, 1, height, width)
            Its expected variance is 1.
        """
        seeds, each = (seed, 1) if isinstance(seed, Sequence) else ([seed], count)
        generators = [torch.Generator("cpu").manual_seed(one ^ OTHER_STREAM) for one in seeds]
        white = torch.cat([torch.randn((each, 1, *size), generator=one) for one in generators])
        rows, columns = torch.fft.fftfreq(size[0])[:, None], torch.fft.rfftfreq(size[1])
        gains = _between(self._gains, torch.hypot(rows, columns) * 2)
        every = _between(self._gains, torch.hypot(rows, torch.fft.fftfreq(size[1])) * 2)
        # One by one, so that no bit depends on what is made beside an image.
        shaped = [torch.fft.irfft2(torch.fft.rfft2(one) * gains, s=size) for one in white]
        return torch.stack(shaped) / every.square().mean().sqrt()

    def add(self, image: Tensor, noise: Tensor) -> Tensor:
        """Add noise to images, as strong as their grey levels ask for.

        Parameters
        ----------
        image : Tensor of float32, shape (batch, channels, height, width), in [-1, 1]
        noise : Tensor of float32, shape (batch, 1, height, width)
            From `draw`, on the same device.

        Returns
        -------
        Tensor of float32, the shape of `image`
        """
        level = local_level((image.clamp(-1, 1) + 1) / 2)
        return image + _between(self._strengths.to(image.device), level) * noise


def local_level(image: Tensor) -> Tensor:
    """Average an image around each pixel, as far as it reaches."""
    return functional.avg_pool2d(image, AROUND, stride=1, padding=AROUND // 2, count_include_pad=False)


def _between(values: Tensor, place: Tensor) -> Tensor:
    """Interpolate between values that lie evenly from 0 to 1; beyond, the last one holds."""
    position = place.clamp(0, 1) * (len(values) - 1)
    lower = position.floor().clamp(max=len(values) - 2)
    share, index = position - lower, lower.long()
    return values[index] * (1 - share) + values[index + 1] * share
