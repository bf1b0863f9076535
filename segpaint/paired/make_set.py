"""Makes a paired set with one call, as the public API offers it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem

if TYPE_CHECKING:
    from segpaint.paired.making import Makers
    from segpaint.paired.specification import Specification
    from segpaint.paired.store import PairedSet


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
        Empty or missing, or with an unfinished set of the same specification. A str may be an address, such as
        s3://bucket/folder, see `segpaint.paired.remote_set`.
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
    from segpaint.paired.specification import Specification, read_specification

    if isinstance(specification, str | Path):
        wanted, known = read_specification(Path(specification)), tuple(map(Path, checkpoints))
    else:
        try:
            wanted = Specification.model_validate(specification).located(Path.cwd())
        except ValidationError as error:
            raise SegPaintError(f"{first_problem(error, 'the specification')}.") from error
        known = wanted.folders
    with open_set(folder, wanted, known, device, shard, ray) as (made, makers):
        makers.produce(made, progress)
        return made.notes


@contextmanager
def open_set(
    place: str | Path,
    specification: Specification,
    checkpoints: Sequence[Path],
    device: str,
    shard: str,
    ray: str | None,
) -> Iterator[tuple[PairedSet, Makers]]:
    """Open a paired set that several processes make, with what makes it; see `make_paired_set`.

    Parameters
    ----------
    place : str or Path
        A folder or, as a str, an address.
    specification : Specification
        Holds absolute paths.
    checkpoints, device, shard, ray
        See `make_paired_set`.

    Raises
    ------
    SegPaintError
        If the set cannot be opened, or cannot be made in this way.
    """
    from segpaint.paired.address import ADDRESS, Address
    from segpaint.paired.on_ray import find_makers
    from segpaint.paired.remote_set import open_remote
    from segpaint.paired.shards import parse_shard
    from segpaint.paired.store import PairedSet

    part = parse_shard(shard, os.environ)
    address = Address(place) if isinstance(place, str) and ADDRESS.match(place) else None
    if address is not None and ray is not None:
        raise SegPaintError(
            f"--ray needs a folder that its machines share, and {place} is an address; give a folder, or leave "
            "--ray out, and give each process a part: --shard."
        )
    if address is not None and specification.precision is None and not part.is_whole:
        raise SegPaintError(
            f"Makers of parts cannot agree on a precision at {place}; name it in the specification: "
            '"precision": "float32", or "bfloat16".'
        )
    with ExitStack() as stack:
        makers = stack.enter_context(find_makers(ray, device, checkpoints, part))
        precision = specification.precision or makers.precision()
        made: PairedSet
        if address is not None:
            made = stack.enter_context(open_remote(address, specification, precision, checkpoints, part))
        else:
            folder = Path(place)
            made = PairedSet(folder, specification, precision, checkpoints=checkpoints, shared=True, shard=part)
            stack.enter_context(closing(made))
        yield made, makers
