"""Finds out whether an image still goes with what is painted."""

import numpy as np

from segpaint.core.runs.branches import Branch
from segpaint.studio.document.document import Document


def differs(document: Document, branch: Branch) -> bool:
    """Check whether mask or used labels are others than those of a branch, for a model that heeds them."""
    if document.checkpoint.description.ignores_mask:
        return False
    if branch.found is not None:
        return not np.array_equal(document.mask.values, branch.found)
    return not document.stage(0).asks_like(branch.request.final)
