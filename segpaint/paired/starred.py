"""Takes starred results of the history into a set whose pairs are chosen, since a star is a choice."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.requests.kinds import Kind, kind_of
from segpaint.core.requests.request import Request
from segpaint.core.words import counted
from segpaint.io.history_files import read_pixels
from segpaint.io.results import read_request
from segpaint.paired.choices import Choice, Decision
from segpaint.paired.chosen import ChosenSet
from segpaint.paired.plan import Pair
from segpaint.paired.specification import SPECIFICATION, Choosing, LayoutName, Specification, read_specification
from segpaint.paths import find_offered


@dataclass(frozen=True, eq=False)
class Starred:
    """A starred result that can be a pair.

    Attributes
    ----------
    path : Path
        Its image, with the request inside.
    """

    path: Path
    request: Request
    checkpoint: Checkpoint


@dataclass(frozen=True, eq=False)
class StarredResults:
    """What of the starred results can be pairs.

    Attributes
    ----------
    made : tuple of Starred
        In the order in which they were made.
    notes : tuple of str
        Sentences on those that cannot.
    """

    made: tuple[Starred, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """How many results were taken into a set, and how many were in it before."""

    new: int
    before: int


def read_starred(paths: Sequence[Path], checkpoints: Sequence[Path]) -> StarredResults:
    """Read starred results, and leave out those that show a patient, or whose model is not there.

    Parameters
    ----------
    checkpoints : sequence of Path
        Checkpoint folders that may be used besides those with names.
    """
    made: list[Starred] = []
    models: dict[str, Checkpoint | None] = {}
    patients, unreadable, missing = 0, 0, Counter[str]()
    for path in paths:
        try:
            request = read_request(path)
        except SegPaintError:
            unreadable += 1
            continue
        if kind_of(request) is not Kind.MADE:
            patients += 1
            continue
        if request.checkpoint not in models:
            models[request.checkpoint] = _find(request.checkpoint, checkpoints)
        model = models[request.checkpoint]
        if model is None or not _fits(request, model):
            missing[request.checkpoint] += 1
            continue
        made.append(Starred(path, request, model))
    notes = []
    if patients:
        notes.append(
            f"{counted(patients, 'starred image shows', 'starred images show')} a patient, edited or near, and "
            f"{'is' if patients == 1 else 'are'} left out: a paired set holds made images alone. "
            "Save before and after keeps an edited one."
        )
    for name, count in missing.items():
        notes.append(
            f"{counted(count, 'image is', 'images are')} left out: there is no model {name} with its labels."
        )
    if unreadable:
        notes.append(f"{counted(unreadable, 'image', 'images')} cannot be read, and so cannot be taken.")
    return StarredResults(tuple(made), tuple(notes))


def take_starred(
    folder: Path,
    starred: Sequence[Starred],
    layout: LayoutName = "published",
    checkpoints: Sequence[Path] = (),
) -> Taken:
    """Take results into a set, a new one or one whose pairs are chosen; nothing in it is overwritten.

    Parameters
    ----------
    folder : Path
        Empty, missing, or with a set whose pairs are chosen.
    layout : {"published", "nnunet"}
        Of a new set.
    checkpoints : sequence of Path
        Checkpoint folders that the set may use besides those of the results.

    Raises
    ------
    SegPaintError
        If there are none, the folder holds something else or has not their models, or it cannot be written.
    """
    if not starred:
        raise SegPaintError("No starred image can be a pair; star some made images first.")
    models = {one.checkpoint.folder.resolve(): one.checkpoint for one in starred}
    if (folder / SPECIFICATION).is_file():
        specification = read_specification(folder / SPECIFICATION)
    else:
        specification = Specification(
            checkpoints=tuple(map(str, models)), layout=layout, choosing=Choosing(wanted=len(starred))
        )
    precision = starred[0].request.precision
    known_models = (*models, *checkpoints)
    with closing(ChosenSet(folder, specification, precision, checkpoints=known_models)) as chosen:
        folders = {model.folder.resolve(): name for name, model in chosen.models.items()}
        strangers = [
            one.request.checkpoint for one in starred if one.checkpoint.folder.resolve() not in folders
        ]
        if strangers:
            raise SegPaintError(f"The set in {folder} has no images of {strangers[0]}; choose another folder.")
        known = {_key(pair.folder, pair.request): pair for pair in chosen.pairs}
        names = {pair.name for pair in chosen.pairs}
        taken = {pair.place for pair in chosen.pairs} - {pair.place for pair in chosen.missing}
        new = 0
        for one in starred:
            place = folders[one.checkpoint.folder.resolve()]
            pair = known.get(_key(place, one.request))
            if pair is None:
                name = _free_name(names, one.request.seed)
                names.add(name)
                pair = known[_key(place, one.request)] = Pair(
                    name, chosen.models[place], place, "train", one.request
                )
                chosen.add(pair)
            if pair.place not in taken:
                chosen.decide(pair, Choice.now(pair.place, Decision.TAKEN), read_pixels(one.path))
                taken.add(pair.place)
                new += 1
        chosen.sum_up()
    return Taken(new, len(starred) - new)


def _find(name: str, given: Sequence[Path]) -> Checkpoint | None:
    try:
        return read_checkpoint(find_offered(name, given))
    except SegPaintError:
        return None


def _fits(request: Request, checkpoint: Checkpoint) -> bool:
    try:
        request.check_fit(checkpoint.description)
    except SegPaintError:
        return False
    return True


def _key(folder: str, request: Request) -> tuple[str, str]:
    return folder, request.model_dump_json()


def _free_name(names: set[str], seed: int) -> str:
    """Name a pair by its seed, as other pairs are, with the first number that is free."""
    number = 1
    while (name := f"starred-{number}_s{seed}") in names:
        number += 1
    return name
