"""Makes a paired set with one call, as the public API offers it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem


def make_paired_set(
    specification: Mapping[str, object] | str | Path,
    folder: str | Path,
    *,
    checkpoints: Sequence[str | Path] = (),
    device: str = "auto",
    shard: str = "1/1",
    ray: str | None = None,
    progress: Callable[[str, int], object] = lambda _name, _finished: None,
) -> tuple[str, ...]:
    """Make a paired set, or go on with one; several processes may share the folder.

    Parameters
    ----------
    specification : mapping, or str or Path of a JSON file
        See `segpaint.paired.specification`. Paths are relative to the file, or to the working directory.
    folder : str or Path
        Empty or missing, or with an unfinished set of the same specification.
    checkpoints : sequence of str or Path
        Folders that a specification in a file may use; without them, only checkpoints that have a name.
    device : str
        See `segpaint.api.open_checkpoint`.
    shard : str
        The part to make, such as "3/16", or "auto"; see `segpaint.paired.shards.parse_shard`.
    ray : str, optional
        The Ray cluster that makes it: "auto", "local", or an address; see `segpaint.paired.on_ray`.
    progress : callable
        Called with the name of the image under way and the number of those finished since the last call.

    Returns
    -------
    tuple of str
        Sentences on what is worth knowing of the set.
    """
    from segpaint.paired.on_ray import find_makers
    from segpaint.paired.shards import parse_shard
    from segpaint.paired.specification import Specification, read_specification
    from segpaint.paired.store import PairedSet

    if isinstance(specification, str | Path):
        wanted, known = read_specification(Path(specification)), tuple(map(Path, checkpoints))
    else:
        try:
            wanted = Specification.model_validate(specification).located(Path.cwd())
        except ValidationError as error:
            raise SegPaintError(f"{first_problem(error, 'the specification')}.") from error
        known = wanted.folders
    part = parse_shard(shard, os.environ)
    with ExitStack() as stack:
        makers = stack.enter_context(find_makers(ray, device, known, part))
        precision = wanted.precision or makers.precision()
        made = PairedSet(Path(folder), wanted, precision, checkpoints=known, shared=True, shard=part)
        stack.enter_context(closing(made))
        makers.produce(made, progress)
        return made.notes
