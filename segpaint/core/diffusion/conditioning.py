"""From a mask and the labels in use to the tensor that the network sees beside the noisy image.

Konz et al., MICCAI 2024 (arXiv 2402.05210), concatenate the mask to the sample at every
denoising step. Three encodings are understood: see `Encoder`.
"""

from __future__ import annotations

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
    table : LabelTable
    encoding : {"signed", "index_255", "none"}
        ``signed``: one channel per label; +1 the label is here, or one that lies inside it;
        -1 it is known not to be here; 0 unknown, be it ablated, unannotated or a free region.
        ``index_255``: one channel, label k as k/255, as the method was published; background,
        ablated and free are all 0.
        ``none``: no channel at all, for networks that ignore the mask.
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
            Which labels, in table order, are known; the others are ablated.

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
        # An ablated label is shown as the innermost label around it that is in use.
        seen = [self.table.seen(tuple(compress(self.table.indices, row))) for row in used.tolist()]
        lookup = torch.from_numpy(np.stack(seen) / np.float32(255)).to(masks.device)
        rows = torch.arange(len(masks), device=masks.device)[:, None, None]
        return lookup[rows, masks.long()].unsqueeze(1)

    def used(self, indices: tuple[int, ...]) -> Tensor:
        """Label indices as the row of booleans that `__call__` takes, shape (1, labels)."""
        return torch.tensor([[index in indices for index in self.table.indices]], dtype=torch.bool)
