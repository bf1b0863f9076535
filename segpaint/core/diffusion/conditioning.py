"""Encodes a mask and the labels in use as the tensor that the network sees beside the noisy image.

The mask is concatenated to the sample at every denoising step (Konz et al., MICCAI 2024, arXiv 2402.05210).
"""

from itertools import compress
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from segpaint.core.labels.labels import FREE, LabelTable

Encoding = Literal["signed", "index_255", "none"]


class Encoder:
    """Encodes masks for one label table.

    Parameters
    ----------
    encoding : {"signed", "index_255", "none"}
        ``signed`` has one channel per label: +1 where the label or one inside it is, -1 where it is not, and 0
        where it is unknown: ablated, unannotated or in a free region.
        ``index_255`` has one channel, label k as k/255, as published; background, ablated and free are 0.
        ``none`` has no channel, for networks that ignore the mask.
    """

    def __init__(self, table: LabelTable, encoding: Encoding) -> None:
        self.table = table
        self.encoding = encoding
        self.channels = {"signed": len(table), "index_255": 1, "none": 0}[encoding]
        values = np.where(table.nesting, np.float32(1), np.float32(-1))
        values[FREE] = 0
        self._values = torch.from_numpy(values)

    def __call__(self, masks: Tensor, used: Tensor) -> Tensor:
        """Encode a batch.

        Parameters
        ----------
        masks : Tensor of uint8, shape (batch, height, width)
            Label indices; 255 is a free region.
        used : Tensor of bool, shape (batch, labels)
            Whether each label, in table order, is in use; the others are ablated.

        Returns
        -------
        Tensor of float32, shape (batch, channels, height, width), in [-1, 1]
        """
        if self.encoding == "index_255":
            return self._index_255(masks, used)
        if self.encoding == "none":
            return torch.empty(len(masks), 0, *masks.shape[1:], device=masks.device)
        planes = self._values.to(masks.device)[masks.long()].movedim(-1, 1)  # b k h w
        return (planes * used[:, :, None, None]).contiguous()

    def _index_255(self, masks: Tensor, used: Tensor) -> Tensor:
        # An ablated label becomes the innermost label in use around it.
        seen = [self.table.seen(tuple(compress(self.table.indices, row))) for row in used.tolist()]
        lookup = torch.from_numpy(np.stack(seen) / np.float32(255)).to(masks.device)
        rows = torch.arange(len(masks), device=masks.device)[:, None, None]
        return lookup[rows, masks.long()].unsqueeze(1)

    def used(self, indices: tuple[int, ...]) -> Tensor:
        """Convert label indices to the `used` of `__call__`, shape (1, labels)."""
        return torch.tensor([[index in indices for index in self.table.indices]], dtype=torch.bool)
