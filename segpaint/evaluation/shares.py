"""Makes a share of an evaluation's images, so that several machines make them before one of them measures."""

import itertools
from collections.abc import Callable, Sequence

from segpaint.evaluation.batches import EvaluationPlan
from segpaint.evaluation.edits.cases import EditCase
from segpaint.evaluation.edits.making import WAYS, Editor
from segpaint.evaluation.generation import PART, Generator
from segpaint.paired.shards import Shard


def make_share(
    shard: Shard,
    plan: EvaluationPlan,
    generator: Generator,
    cases: Sequence[EditCase],
    editor: Editor,
    begun: Callable[[int], Callable[[int], object]],
) -> int:
    """Make the images of one share, which the evaluation then finds in its folder.

    Parameters
    ----------
    cases : sequence of EditCase
        Edits to make, too, slice by slice; may be empty.
    begun : callable
        Called with the number of images of the share; what it returns receives how many were just finished.

    Returns
    -------
    int
        The number of images of the share.
    """
    parts = [(case, first) for case in plan for first in range(0, len(case), PART)]
    slices = [list(group) for _, group in itertools.groupby(cases, key=lambda case: case.row)]
    mine = [parts[place] for place in shard.share(len(parts))]
    edits = [slices[place] for place in shard.share(len(slices))]
    count = sum(min(PART, len(case) - first) for case, first in mine) + len(WAYS) * sum(map(len, edits))
    advance = begun(count)
    for case, first in mine:
        advance(len(generator.part(case, first)))
    for some in edits:
        for way in WAYS:
            editor(some, way, advance)
    return count
