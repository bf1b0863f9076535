"""`segpaint evaluate`: generates, measures, reports."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from segpaint.core.diffusion.device import pick_device
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.segmenter import load_segmenter
from segpaint.core.errors import SegPaintError
from segpaint.core.files import check_writable, write_together
from segpaint.core.parts import Parts
from segpaint.core.reading import read_json, reads
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.sampling import Sampling
from segpaint.core.terminal import Terminal
from segpaint.evaluation.attribute_response import measure_attributes
from segpaint.evaluation.batches import evenly, plan_cases
from segpaint.evaluation.downstream.curves import draw_curves
from segpaint.evaluation.downstream.making import PairMaker
from segpaint.evaluation.downstream.pictures import draw_pairs
from segpaint.evaluation.downstream.plan import DownstreamSettings, check_downstream, only_measured
from segpaint.evaluation.downstream.run import count_steps, measure_downstream, patients_needed
from segpaint.evaluation.downstream.table import CURVES, PAIRS
from segpaint.evaluation.edits.cases import plan_edits
from segpaint.evaluation.edits.inversion import PER_SLICE, measure_edits
from segpaint.evaluation.edits.making import WAYS, Editor, edit_costs
from segpaint.evaluation.edits.run import measure_response
from segpaint.evaluation.edits.table import PICTURE
from segpaint.evaluation.feature_network import open_features
from segpaint.evaluation.generation import Generator
from segpaint.evaluation.measure import Judge, measure_realism
from segpaint.evaluation.report import report
from segpaint.evaluation.shares import make_share
from segpaint.evaluation.sheets import draw_ablation, draw_nearest, draw_seeds
from segpaint.evaluation.verdicts import measure_verdicts
from segpaint.paired.shards import Shard
from segpaint.training.dataset import DataSet
from segpaint.training.progress_bar import ProgressBar

OWN = "its own segmenter"


def evaluate(
    checkpoint: Checkpoint, data: DataSet, out: Path, sampling: Sampling, *,
    measured: tuple[int, ...], masks: int, per_mask: int, per_label: int, per_value: int = 0, edits: int = 0,
    inversions: int = 0, judges: Sequence[Path] = (), features: Path | None = None, verdicts: int = 0,
    downstream: DownstreamSettings | None = None, device: str = "auto", shard: Shard | None = None,
) -> dict[str, Any] | None:  # fmt: skip
    """Evaluate a checkpoint, resuming where an earlier call was stopped.

    Parameters
    ----------
    checkpoint : Checkpoint
        With a segmenter.
    data : DataSet
        Its val or test split holds unseen patients, its train split those that the checkpoint was trained on.
    out : Path
        The JSON file to write. The report, its pictures and the generated images go into the folder of
        the same name without ``.json``.
    measured : tuple of int
        Indices of the labels to use and measure.
    masks, per_mask, per_label, per_value : int
        See `segpaint.evaluation.batches.plan_cases`.
    device : {"auto", "cpu", "cuda", "mps"}
        Where the networks run.
    edits : int
        Unseen slices to edit, see `segpaint.evaluation.edits.run`.
    inversions : int
        Unseen slices to lead to noise and back, see `segpaint.evaluation.edits.inversion`.
    judges : sequence of Path
        Folders with further segmenters, which judge faithfulness and edits, too.
    features : Path, optional
        A folder with a feature network, see `segpaint.evaluation.feature_network`.
    verdicts : int
        Unseen slices on which the verdict is tried, see `segpaint.evaluation.verdicts`.
    downstream : DownstreamSettings, optional
        How to train segmenters on made pairs, see `segpaint.evaluation.downstream.run`; none if left out.
    shard : Shard, optional
        Make this share of the images alone, and measure nothing.

    Returns
    -------
    dict or None
        The figures; None for a share.

    Raises
    ------
    SegPaintError
        If the labels of data and checkpoint differ, or unseen slices or a segmenter are missing.
    """
    data.check_labels(checkpoint)
    if data.attributes and data.attributes != checkpoint.description.attributes:
        raise SegPaintError(
            f"The attributes in {data.folder} are not those of {checkpoint.folder}; "
            "evaluate it on data with its own attributes."
        )
    if sampling.guidance != 1 and not checkpoint.description.ablation_trained:
        raise SegPaintError(
            f"{checkpoint.folder} was trained on whole masks alone; evaluate it with guidance 1."
        )
    if len(data.val) < 2:
        raise SegPaintError(
            f"{data.folder} has no {data.unseen} slices; an evaluation needs patients to test on."
        )
    if data.val.images.shape[1:] != (checkpoint.description.channels, *[checkpoint.description.size] * 2):
        raise SegPaintError(f"The images in {data.folder} are not of the size that {checkpoint.folder} makes.")
    _check_out(out)
    folder = out.with_suffix("")
    if downstream is not None:
        check_downstream(only_measured(data, measured), downstream)
    check_writable(folder)
    place = pick_device(device)
    judge = Judge(load_segmenter(checkpoint.folder, place), place, data)
    others = {_name(other, judges): _judge(other, place, data) for other in judges}
    finders = {OWN: judge.find, **{name: other.find for name, other in others.items()}}
    describe = None if features is None else open_features(features, place)
    generator = Generator(Engine(checkpoint, place), data.val, sampling, folder / "images")
    plan = plan_cases(
        data.val, data.table, measured, masks=masks, per_mask=per_mask, per_label=per_label,
        per_value=per_value, attributes=data.attributes,
    )  # fmt: skip
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    editor = Editor(generator.engine, data.val, sampling, folder / "images")
    cases = plan_edits(data.val, data.table, evenly(len(data.val), edits), measured) if edits else []
    if shard is not None:
        with ProgressBar(*columns, console=Terminal()) as bar:
            task = bar.add_task(f"generating, part {shard}")

            def begin(count: int) -> Callable[[int], None]:
                bar.update(task, total=count)
                return lambda finished: bar.advance(task, finished)

            made = make_share(shard, plan, generator, cases, editor, begin)
            bar.console.print(
                f"Images of part {shard} in {folder}: {made}. Without --shard, they are measured.",
                soft_wrap=True,
            )
        return None
    written: dict[Path, bytes] = {}
    with ProgressBar(*columns, console=Terminal()) as bar:
        task = bar.add_task("generating", total=sum(len(case) for case in plan))
        images = {case.name: generator(case, lambda count: bar.advance(task, count)) for case in plan}
        task = bar.add_task("measuring", total=6)
        figures: dict[str, Any] = {
            "name": checkpoint.description.name,
            "checkpoint": checkpoint.folder.resolve().name,
            "fingerprint": checkpoint.fingerprint,
            **asdict(sampling),
            "split": data.unseen,
            "masks": len(plan.blank),
            "per mask": per_mask,
            "training": dict(checkpoint.description.training),
        }
        for key, measure in (
            ("faithfulness", judge.faithfulness),
            ("blank", judge.blank),
            ("realism", judge.realism),
            ("texture", judge.texture),
            ("diversity", judge.diversity),
        ):
            figures[key] = measure(plan, images)
            bar.advance(task)
        if others:
            figures["further judges"] = {
                name: {"about": other.about, **other.faithfulness(plan, images)}
                for name, other in others.items()
            }
        if features is not None and describe is not None:
            found = measure_realism(data, plan, images, describe)
            figures["features"] = {"network": features.resolve().name, **found}
        if data.attributes and per_value:
            figures["attributes"] = measure_attributes(data, plan, images, judge.describe_within)
        if inversions:
            inverting = bar.add_task("inverting", total=min(inversions, len(data.val)) * PER_SLICE)
            figures["edits"] = measure_edits(
                generator.engine,
                data.val,
                inversions,
                sampling.guidance,
                lambda count: bar.advance(inverting, count),
            )
        if edits:
            bar.console.print(edit_costs(cases))
            following = bar.add_task("following edits", total=len(cases) * len(WAYS))
            response = measure_response(
                cases,
                editor,
                finders,
                data.table,
                lambda count: bar.advance(following, count),
            )
            figures["edit response"] = response.figures
            written[folder / "edits.json"] = (json.dumps(response.rows, indent=1) + "\n").encode()
            if response.picture is not None:
                written[folder / PICTURE] = response.picture
        if verdicts:
            tried = plan_edits(data.val, data.table, evenly(len(data.val), verdicts), measured)
            judging = bar.add_task("judging verdicts", total=len(tried))
            figures["verdicts"] = measure_verdicts(
                tried, data.val, judge.segmenter, lambda count: bar.advance(judging, count)
            )
        if downstream is not None:
            known = only_measured(data, measured)
            figures["downstream"], drawn = _prove(known, judge, generator, downstream, folder, bar)
            written |= {folder / CURVES: draw_curves(figures["downstream"]), folder / PAIRS: drawn}
        figures["memorisation"], copied = judge.memorisation(plan, images)
        bar.advance(task)
    write_together(
        {
            folder / "seeds.png": draw_seeds(data, plan, images),
            folder / "ablation.png": draw_ablation(data, plan, images),
            folder / "nearest.png": draw_nearest(data, plan, images, copied),
            folder / "report.md": report(figures).encode(),
            out: (json.dumps(figures, indent=2) + "\n").encode(),
            **written,
        }
    )
    return figures


def _prove(
    data: DataSet, judge: Judge, generator: Generator, settings: DownstreamSettings, folder: Path,
    bar: ProgressBar,
) -> tuple[dict[str, Any], bytes]:  # fmt: skip
    """Make pairs, train segmenters on them, and draw some of the pairs."""
    kept, patients = settings.folder or folder / "downstream", patients_needed(data, settings)
    maker = PairMaker(generator.engine, data, generator.sampling, judge.find, settings.pairs, kept / "images")
    task = bar.add_task("making pairs", total=maker.images_of(patients))
    made = {patient: maker(patient, lambda count: bar.advance(task, count)) for patient in patients}
    training = bar.add_task("training segmenters", total=count_steps(data, settings))
    figures = measure_downstream(
        data, made, settings, judge.device, Parts(kept / "found"), lambda count: bar.advance(training, count)
    )
    return figures, draw_pairs(data, made)


def _name(folder: Path, judges: Sequence[Path]) -> str:
    """Name a segmenter by the end of its path, which stays true where the report goes, unless two end alike."""
    ends = ["/".join(other.resolve().parts[-2:]) for other in judges]
    end = "/".join(folder.resolve().parts[-2:])
    return f"the segmenter in {end if ends.count(end) == 1 else folder}"


def _judge(folder: Path, device: torch.device, data: DataSet) -> Judge:
    """Open a further segmenter, which must know the same labels."""
    segmenter = load_segmenter(folder, device)
    if segmenter.table != data.table:
        raise SegPaintError(
            f"The segmenter in {folder} has other labels than {data.folder}; give one that was trained on it."
        )
    return Judge(segmenter, device, data)


def _check_out(out: Path) -> None:
    """Check before hours of work that no file is lost but the figures of an earlier evaluation."""
    if out.exists():
        read_figures(out)


@reads("the figures of an evaluation", "since it would be lost, choose another --json")
def read_figures(path: Path) -> dict[str, Any]:
    """Read the figures of an earlier evaluation.

    Raises
    ------
    SegPaintError
        If the file is missing or holds none.
    """
    content = read_json(path)
    if not (isinstance(content, dict) and "faithfulness" in content):
        raise SegPaintError(
            f"{path} holds no figures of an evaluation, and would be lost; choose another --json."
        )
    return content
