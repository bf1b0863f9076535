"""Distances between sets of images, as measures of realism and of copying."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.distance import cdist

Features = NDArray[np.floating]
BANDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Edges of the bands of `spectrum`, in cycles per pixel."""
NEIGHBOURS = 3
"""Which neighbour's distance is the radius around each image, for `precision_recall`."""
SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Weights of the scales of `multiscale_similarity`, the finest first."""
WINDOW = 11
"""Pixels of the Gaussian window of `multiscale_similarity`, which no scale is smaller than."""


def kernel_distance(first: Features, second: Features) -> float:
    """Compute the unbiased squared kernel distance, cubic kernel (Binkowski et al., arXiv 1801.01401).

    Parameters
    ----------
    first, second : ndarray of float, shape (count, features)
        Two or more rows each.

    Returns
    -------
    float
        0 for two samples of one distribution, up to chance; it can be slightly negative.
    """

    def kernel(left: Features, right: Features) -> Features:
        gram: Features = (left @ right.T / left.shape[1] + 1) ** 3
        return gram

    first, second = first.astype(np.float64), second.astype(np.float64)
    within = [(gram.sum() - np.trace(gram)) / (len(gram) * (len(gram) - 1))
              for gram in (kernel(first, first), kernel(second, second))]  # fmt: skip
    return float(sum(within) - 2 * kernel(first, second).mean())


def frechet_distance(first: Features, second: Features) -> float:
    """Compute the Fréchet distance of Gaussians fitted to two sets (Heusel et al., arXiv 1706.08500, eq. 6).

    It shrinks with the number of images; compare only values from equally many.

    Parameters
    ----------
    first, second : ndarray of float, shape (count, features)
        Two or more rows each.
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    shift = first.mean(axis=0) - second.mean(axis=0)
    left, right = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    values, vectors = np.linalg.eigh(left)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    # The trace of the root of a product equals that of this symmetric matrix, which decomposes stably.
    mixed = np.sqrt(np.linalg.eigvalsh(root @ right @ root).clip(min=0)).sum()
    return float(shift @ shift + np.trace(left) + np.trace(right) - 2 * mixed)


def precision_recall(first: Features, second: Features) -> tuple[float, float]:
    """Compute precision and recall with 3 neighbours (Kynkäänniemi et al., arXiv 1904.06991).

    Both grow with the number of images; compare only values from equally many.

    Parameters
    ----------
    first, second : ndarray of float, shape (count, features)
        Generated and real images, two or more of each.

    Returns
    -------
    precision, recall : float, in [0, 1]
        The share of the first that lies among the second, and of the second among the first.
        An image lies among others if it is nearer to one of them than that one's third neighbour.
    """

    def share(queries: Features, references: Features) -> float:
        within = np.sort(cdist(references, references), axis=1)
        radius = within[:, min(NEIGHBOURS, len(references) - 1)]  # column 0 is the image itself
        return float((cdist(queries, references) <= radius).any(axis=1).mean())

    return share(first, second), share(second, first)


def multiscale_similarity(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Compute the multi-scale structural similarity (Wang, Simoncelli and Bovik, 2003), MS-SSIM.

    Its five scales need images of 176 x 176. Smaller ones have fewer, whose weights then add up to 1.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (channels, height, width)

    Returns
    -------
    float, in [0, 1]
        1 for the same image.
    """
    size = min(first.shape[-2:])
    weights = np.array([weight for level, weight in enumerate(SCALES) if level == 0 or size >> level >= WINDOW])
    pictures = [image.astype(np.float64) for image in (first, second)]
    similarity = 1.0
    for level, weight in enumerate(weights / weights.sum()):
        if level:
            pictures = [
                ndimage.uniform_filter(image, (1, 2, 2), origin=(0, -1, -1))[:, ::2, ::2] for image in pictures
            ]
        whole, contrast = _structure(*pictures)
        last = level == len(weights) - 1
        # What is opposite is as unlike as can be; a negative number has no such power.
        similarity *= max(whole if last else contrast, 0.0) ** weight
    return similarity


def _structure(first: Features, second: Features) -> tuple[float, float]:
    """Average the structural similarity, and its part without luminance, over where the window fits."""

    def blurred(image: Features) -> Features:
        smooth: Features = ndimage.gaussian_filter(image, (0, 1.5, 1.5), truncate=3.5)
        return smooth

    means = blurred(first), blurred(second)
    variances = [blurred(image**2) - mean**2 for image, mean in zip((first, second), means, strict=True)]
    shared = blurred(first * second) - means[0] * means[1]
    small, smaller = (0.03 * 255) ** 2, (0.01 * 255) ** 2
    contrast = (2 * shared + small) / (variances[0] + variances[1] + small)
    luminance = (2 * means[0] * means[1] + smaller) / (means[0] ** 2 + means[1] ** 2 + smaller)
    edge = WINDOW // 2 if min(first.shape[1:]) > WINDOW else 0
    inner = (slice(None), *(slice(edge, length - edge) for length in first.shape[1:]))
    return float((luminance * contrast)[inner].mean()), float(contrast[inner].mean())


def nearest(
    queries: NDArray[np.generic], references: NDArray[np.generic], block: int = 512
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the nearest reference of each query.

    Parameters
    ----------
    queries, references : ndarray, shape (count, ...)
    block : int
        References compared at once; limits the memory.

    Returns
    -------
    rows : ndarray of int64, shape (queries,)
    distances : ndarray of float32, shape (queries,)
        Root mean squared difference.
    """
    flat = queries.reshape(len(queries), -1).astype(np.float32)
    lengths = np.square(flat).sum(axis=1)
    best = np.full(len(flat), np.inf, np.float32)
    rows = np.zeros(len(flat), np.int64)
    for first in range(0, len(references), block):
        some = references[first : first + block].reshape(-1, flat.shape[1]).astype(np.float32)
        squares = lengths[:, None] + np.square(some).sum(axis=1) - 2 * flat @ some.T
        found = squares.argmin(axis=1)
        closer = squares[np.arange(len(flat)), found] < best
        rows[closer] = first + found[closer]
        best[closer] = squares[np.arange(len(flat)), found][closer]
    return rows, np.sqrt(best.clip(min=0) / flat.shape[1])


def spectrum(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Average the power of images in bands of spatial frequency, from coarse shape to grain.

    Parameters
    ----------
    images : ndarray of uint8, shape (count, channels, height, width)

    Returns
    -------
    ndarray of float64, shape (bands,)
        Between the neighbours of `BANDS`.
    """
    frequency, power = mean_power(images)
    band = np.digitize(frequency, BANDS) - 1
    return np.array([power[band == number].mean() for number in range(len(BANDS) - 1)])


def power_of_the_finest(made: NDArray[np.uint8], real: NDArray[np.uint8]) -> float:
    """Compare the power of images at the finest spatial frequencies with that of real slices.

    Parameters
    ----------
    made, real : ndarray of uint8, shape (count, channels, height, width)

    Returns
    -------
    float
        Over the last of `BANDS`; 1 if they have as much.
    """
    return float(spectrum(made)[-1] / spectrum(real)[-1])


def mean_power(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Average the power of images at each spatial frequency.

    Parameters
    ----------
    images : ndarray of uint8, shape (count, channels, height, width)

    Returns
    -------
    frequency, power : ndarray of float64, shape (height, width // 2 + 1)
        The former in cycles per pixel.
    """
    height, width = images.shape[-2:]
    # Without a window, the jump from one edge to the other would add power everywhere.
    window = np.hanning(height)[:, None] * np.hanning(width)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    power = np.zeros(frequency.shape)
    for image in images:
        levels = image - image.mean(axis=(-2, -1), keepdims=True)
        power += (np.abs(np.fft.rfft2(levels * window)) ** 2).mean(axis=0) / len(images)
    return frequency, power


def standardised(features: Features, reference: Features) -> Features:
    """Divide features by their spread over a reference set, so that each weighs alike."""
    scaled: Features = (features - reference.mean(axis=0)) / (reference.std(axis=0) + 1e-6)
    return scaled
