"""Looks ahead at a set: how many of its pairs differ, before its folder is begun."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.paired.plan import plan_pairs
from segpaint.paired.sources import Sources
from segpaint.paired.specification import Seeds, Specification
from segpaint.paths import find_offered


def count_differing(
    specification: Specification, given: Mapping[Path, bytes], checkpoints: Sequence[Path] = ()
) -> int:
    """Count the pairs of one seed that differ in what a model sees; each is made once for every seed.

    Parameters
    ----------
    specification : Specification
        Holds absolute paths.
    given : mapping of Path to bytes
        Masks of the specification that are not files yet.
    checkpoints : sequence of Path
        Checkpoint folders that may be read besides those with names.

    Raises
    ------
    SegPaintError
        If a mask or a checkpoint cannot be read, or see `segpaint.paired.plan.plan_pairs`.
    """
    with TemporaryDirectory() as folder:
        places = {path: Path(folder) / f"{number}.png" for number, path in enumerate(given)}
        for path, place in places.items():
            place.write_bytes(given[path])
        between = specification.between
        if between is not None:
            first, second = (places.get(path, path) for path in (between.first, between.second))
            between = between.model_copy(update={"first": first, "second": second})
        masks = tuple(places.get(path, path) for path in specification.masks)
        one = specification.model_copy(update={"masks": masks, "between": between, "seeds": Seeds()})
        models = [read_checkpoint(find_offered(name, checkpoints)) for name in one.checkpoints]
        sources = Sources(one, models[0].table, models[0].description.size)
        return len(plan_pairs(one, sources, models, "float32").pairs)
