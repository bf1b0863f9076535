"""The ways of references from noise back to themselves, kept so that editing one again begins at once."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from segpaint.core.diffusion.inversion import Path
from segpaint.core.requests.origins import Counterfactual, Similarity, inversion_of
from segpaint.core.requests.request import Request

KEPT = 4

Steps = Iterator[tuple[Tensor, Tensor | None]]
"""Of `segpaint.core.diffusion.inversion.invert` or `invert_exactly`."""


@dataclass
class _UnderWay:
    key: bytes
    steps: Steps
    samples: list[Tensor]
    missed: list[Tensor | None] = field(default_factory=list)


class Paths:
    """Keeps some paths by what determines them, and one that was begun."""

    def __init__(self) -> None:
        self._known: dict[bytes, Path] = {}
        self._under_way: _UnderWay | None = None

    def __contains__(self, key: bytes | None) -> bool:
        return key in self._known

    def __getitem__(self, key: bytes) -> Path:
        return self._known[key]

    def find(self, key: bytes, image: Tensor, begin: Callable[[], Steps]) -> Iterator[int]:
        """Find a path step by step, and go on with one that was begun.

        Parameters
        ----------
        key : bytes
            From `path_key`.
        image : Tensor
            The reference.
        begin : callable
            Begins its inversion.

        Yields
        ------
        int
            Steps done.
        """
        if self._under_way is None or self._under_way.key != key:
            self._under_way = _UnderWay(key, begin(), [image])
        path = self._under_way
        try:
            for sample, missed in path.steps:
                path.samples.append(sample)
                path.missed.append(missed)
                yield len(path.missed)
        except Exception:
            self._under_way = None  # the next attempt begins anew
            raise
        while len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]
        self._under_way = None
        self._known[key] = Path(path.samples[::-1], path.missed[::-1])


def reference_anatomy(request: Request) -> tuple[NDArray[np.uint8], tuple[int, ...]]:
    """Return mask and labels of the reference; for `Similarity`, those of the request."""
    anatomy = request.origin if isinstance(request.origin, Counterfactual) else request
    return anatomy.mask, anatomy.used


def path_key(request: Request) -> bytes | None:
    """Compute a digest of all that determines the inversion of a reference; None without one."""
    origin = request.origin
    if not isinstance(origin, Counterfactual | Similarity) or inversion_of(origin) is None:
        return None
    mask, used = reference_anatomy(request)
    settings = (used, request.steps, request.guidance, request.precision, inversion_of(origin))
    return hashlib.sha256(origin.image.tobytes() + mask.tobytes() + repr(settings).encode()).digest()
