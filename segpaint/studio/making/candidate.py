"""A pair in the deck, with its image and what the segmenter finds in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.requests.faithfulness import Judgement
from segpaint.paired.pairs import Pair


@dataclass(eq=False)
class Candidate:
    """A pair that waits for a decision, or has got one.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3), or None
        None until it is made.
    judgement : Judgement or None
        None if the model has no segmenter.
    error : str
        Why it could not be made; empty if it was, or is still to be.
    """

    pair: Pair
    pixels: NDArray[np.uint8] | None = None
    judgement: Judgement | None = None
    error: str = ""

    @property
    def dice(self) -> float | None:
        """Mean Dice of the labels in use that the mask shows, as the segmenter finds them."""
        return None if self.judgement is None else self.judgement.mean

    @property
    def is_ready(self) -> bool:
        """Whether it is made, or cannot be."""
        return self.pixels is not None or bool(self.error)
