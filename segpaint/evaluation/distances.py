"""Distances between sets of images, as measures of realism and of copying."""

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating]
BANDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Edges of the bands of `spectrum`, in cycles per pixel."""


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
    height, width = images.shape[-2:]
    # Without a window, the jump from one edge to the other would add power everywhere.
    window = np.hanning(height)[:, None] * np.hanning(width)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    band = np.digitize(frequency, BANDS) - 1
    power = np.zeros(frequency.shape)
    for image in images:
        levels = image - image.mean(axis=(-2, -1), keepdims=True)
        power += (np.abs(np.fft.rfft2(levels * window)) ** 2).mean(axis=0) / len(images)
    return np.array([power[band == number].mean() for number in range(len(BANDS) - 1)])


def standardised(features: Features, reference: Features) -> Features:
    """Divide features by their spread over a reference set, so that each weighs alike."""
    scaled: Features = (features - reference.mean(axis=0)) / (reference.std(axis=0) + 1e-6)
    return scaled
