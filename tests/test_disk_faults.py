"""Whatever the disk refuses, and whenever, each operation does all or nothing, and leaves no leftovers."""

import errno
import functools
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from faults import Fault
from scans import save_pair

from segpaint.api import open_checkpoint
from segpaint.core.diffusion.network_files import write_checkpoint
from segpaint.core.diffusion.segmenter import write_segmenter
from segpaint.core.errors import SegPaintError
from segpaint.core.files import recover, write_atomically
from segpaint.core.pictures.animation import Tempo, write_animation
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.origins import Similarity
from segpaint.io.history_files import HistoryFolder
from segpaint.io.image_files import encode_mask
from segpaint.io.label_tables import write_label_file
from segpaint.io.results import write_result
from segpaint.paired.specification import Specification
from segpaint.paired.store import PairedSet

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS)
MOST = 80
"""More calls than any operation needs."""


@dataclass
class Parts:
    """What operations need."""

    make_request: Callable
    table: object
    checkpoint: Path
    judged: Path
    mask_file: Path

    def pixels(self, version):
        return np.full((32, 32), version, np.uint8)


@pytest.fixture
def parts(make_request, table, tiny_checkpoint, judged_checkpoint, mask_file):
    return Parts(make_request, table, tiny_checkpoint, judged_checkpoint, mask_file)


def near(parts, version):
    origin = Similarity(image=parts.pixels(200), share=0.5, step=1)
    return parts.make_request(seed=version, sampler="ddim", origin=origin)


# Each gets a folder and returns what writes a version there.


def save_result(parts, folder):
    path, table = folder / "a.png", parts.table
    return lambda version: write_result(path, parts.pixels(version), near(parts, version), table)


def save_mask(parts, folder):
    path, table = folder / "mask.png", parts.table
    return lambda version: write_atomically(path, encode_mask(parts.pixels(version % 2), table))


def save_labels(parts, folder):
    path, table = folder / "a.label", parts.table
    return lambda version: write_label_file(path, table.recolored({1: f"#00000{version}"}), "MR")


def export_film(parts, folder):
    picture = np.zeros((32, 32, 3), np.uint8)
    return lambda version: write_animation(folder / "a.gif", [lambda: picture], Tempo(), f"{version}")


def keep_result(parts, folder):
    history = HistoryFolder(folder)
    return lambda version: history.add(parts.pixels(version), near(parts, version))


def star_result(parts, folder):
    history = HistoryFolder(folder)
    path = history.add(parts.pixels(1), near(parts, 1))
    return lambda version: history.star([path], on=version == 2)


def delete_result(parts, folder):
    history = HistoryFolder(folder)
    paths = [history.add(parts.pixels(1), near(parts, 1))]

    def write(version):
        if version == 2:
            history.delete(paths)

    return write


def take_back_result(parts, folder):
    history = HistoryFolder(folder)
    paths = [history.add(parts.pixels(1), near(parts, 1))]
    history.delete(paths)

    def write(version):
        if version == 2:
            history.take_back(paths)

    return write


def train_segmenter(parts, folder):
    from segpaint.core.diffusion.segmenter import SegmenterDescription, build_segmenter

    description = SegmenterDescription(labels=parts.table.labels)
    segmenter = build_segmenter(description, 32, widths=(16, 16))

    def write(version):
        next(segmenter.parameters()).data.fill_(version)
        told = description.model_copy(update={"training": {"version": version}})
        write_segmenter(folder, segmenter, told)

    return write


@functools.cache
def loaded(folder):
    """A checkpoint and its network, which no operation changes."""
    import torch

    from segpaint.core.diffusion.network_files import load_network

    checkpoint = read_checkpoint(folder)
    return checkpoint, load_network(checkpoint, torch.device("cpu"))


def export_checkpoint(parts, folder):
    checkpoint, network = loaded(parts.checkpoint)
    scheduler = json.loads((parts.checkpoint / "scheduler" / "scheduler_config.json").read_text())

    def write(version):
        description = checkpoint.description.model_copy(update={"name": f"v{version}"})
        write_checkpoint(folder, description, network, scheduler, f"# {version}\n")

    return write


def save_training(parts, folder):
    import torch
    from diffusers.training_utils import EMAModel

    from segpaint.training.state import save_state

    network = torch.nn.Linear(2, 2)
    optimizer, average = torch.optim.AdamW(network.parameters()), EMAModel(network.parameters())

    def write(version):
        network.bias.data.fill_(version)
        beside = {folder / "training" / "loss.csv": f"step\n{version}\n".encode()}
        save_state(folder / "training" / "state", network, optimizer, average, {"step": version}, beside)

    return write


def prepare_scans(parts, folder):
    from segpaint.core.terminal import Terminal
    from segpaint.training.preparing.prepare import prepare
    from segpaint.training.preparing.settings import PreparationSettings

    save_pair(folder / "scans", "a")
    settings = PreparationSettings(size=16, every=8, modality="MR")
    return lambda version: prepare(folder / "scans", folder / f"out {version}", settings, Terminal(quiet=True))


def export_series(parts, folder):
    from dicom_exports import EDITED, HU, LABELS, MASK, geometry_of

    from segpaint.io.dicom_out.images import Export
    from segpaint.io.dicom_out.masks import Segments
    from segpaint.io.dicom_out.writers import write_series

    export = Export(HU[:1], geometry_of(shape=(1, 5, 6)), EDITED, modality="CT")
    segments = Segments(MASK[:1], LABELS)

    def write(version):
        place = folder / f"out {version}"
        write_series(place, export, segments, {place.with_suffix(".json"): b"record"})

    return write


OPERATIONS = (
    save_result, save_mask, save_labels, export_film, keep_result, star_result, delete_result, take_back_result,
    train_segmenter, export_checkpoint, save_training, prepare_scans,
    export_series,
)  # fmt: skip


def content(folder):
    """All files but for what no reader takes for a file of its own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def clean_up(folder):
    """Sweep as the next start, or the next preparation, does."""
    HistoryFolder(folder)
    for place in [*(path for path in folder.rglob("*") if path.is_dir()), folder]:
        recover(place)
    for unfinished in folder.glob(".*.unfinished"):
        shutil.rmtree(unfinished)


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_that_the_disk_refuses_changes_nothing(parts, tmp_path, operation, lasting):
    outcomes, whole = set(), undisturbed(operation, parts, tmp_path / "undisturbed")
    for number in range(1, MOST):
        folder = tmp_path / str(number)
        folder.mkdir()
        write = operation(parts, folder)
        write(1)
        before, failed = content(folder), False
        with pytest.MonkeyPatch.context() as patch:
            fault = Fault(patch, number, ERRORS[number % len(ERRORS)], lasting)
            try:
                write(2)
            except SegPaintError:
                failed = True
        clean_up(folder)
        after = content(folder)
        assert not [name for name in after if "segpaint-" in name]
        if failed and not (lasting and fault.happened and after != before):
            assert after == before, number
        outcomes.add(after == before)
        if not fault.happened:
            break
        if after != before:
            # It was done before the fault, or could be completed though not undone; then it is whole.
            assert sizes(after) == whole, number
    else:
        pytest.fail("the operation never came to its end")
    assert outcomes == {False, True}


def undisturbed(operation, parts, folder):
    """The sizes of a folder into which an operation wrote both versions."""
    folder.mkdir()
    write = operation(parts, folder)
    write(1)
    write(2)
    return sizes(content(folder))


def sizes(files):
    """How many files there are in each folder, which is enough: their names may hold the time."""
    folders = [Path(name).parent.as_posix() for name in files]
    return {folder: folders.count(folder) for folder in folders}


@pytest.mark.parametrize("lasting", [False, True])
def test_a_set_that_the_disk_refuses_is_gone_on_with(parts, tmp_path, lasting, long):
    specification = Specification.model_validate(
        {
            "checkpoints": [str(parts.checkpoint)],
            "masks": [str(parts.mask_file)],
            "seeds": {"first": 1, "count": 2},
        }
    ).located(tmp_path)
    opened = open_checkpoint(parts.checkpoint, "cpu")
    for number in range(1, 10 * MOST, 1 if long else 7):
        folder, error = tmp_path / str(number), None
        with pytest.MonkeyPatch.context() as patch:
            fault = Fault(patch, number, ERRORS[number % len(ERRORS)], lasting)
            try:
                with closing(PairedSet(folder, specification, "float32", None, specification.folders)) as made:
                    for pair in made.missing:
                        made.write(pair, parts.pixels(pair.request.seed))
                    made.sum_up()
            except (SegPaintError, OSError) as raised:
                error = raised
        with closing(PairedSet(folder, specification, "float32", None, specification.folders)) as made:
            for pair in made.missing:
                made.write(pair, parts.pixels(pair.request.seed))
            made.sum_up()
            assert len(made.missing) == 0
        names = sorted(path.name for path in folder.rglob("*") if "segpaint-" in path.name)
        assert names == []
        for seed in (1, 2):
            (image,) = (folder / "images").rglob(f"*_s{seed}.png")
            assert (opened.read_result(image).pixels == seed).all()
            assert opened.read_result(image).request.seed == seed
        if not fault.happened:
            assert error is None
            break
    else:
        pytest.fail("the set never came to its end")
