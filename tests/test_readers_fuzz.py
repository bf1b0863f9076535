"""Every reader is fed with damaged files: each ends in a sentence that names the file, or in a value."""

import gc
import hashlib
import importlib
import json
import os
import pkgutil
import random
import re
import signal
import sys
import time
import traceback
import warnings
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from damage import damaged
from diffusers.training_utils import EMAModel
from feature_networks import write_script
from PIL import Image, PngImagePlugin
from safetensors.torch import load_file
from valid_scans import open_at_the_door, valid_scans

import segpaint
from segpaint.core.errors import NO_MEMORY, SegPaintError
from segpaint.core.reading import READERS, Reader
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.planes import Plane
from segpaint.io.project_files import write_parts
from segpaint.io.results import encode_image
from segpaint.io.sizes import Fit
from segpaint.paired.candidates import Added
from segpaint.paired.choices import Choice, Decision
from segpaint.paired.matched import MatchedRow
from segpaint.paired.matched_set import MatchedHead
from segpaint.paired.sweep import Sweep
from segpaint.paired.tars import tar_bytes
from segpaint.studio.document.unsaved_work import UnsavedWork
from segpaint.studio.projects.project import Head, KeptChange, KeptEdit, KeptEdits, KeptView, Project
from segpaint.studio.scans.kept_masks import KeptScan, KeptSlice
from segpaint.training.state import save_state
from segpaint.training.step_log import HEAD

if sys.platform != "win32":
    import resource

MOST_SECONDS = 5
MOST_MEBIBYTES = 1024
ROOM = 4 * 2**30
"""Bytes that a process may reserve, though not use, beyond what it has: it ends before the machine does."""
SHARES = 4
"""Tests among which the readers are dealt out, so that several processors can work."""
STATUS, STATISTICS, RESET = (Path("/proc/self") / name for name in ("status", "statm", "clear_refs"))


def all_readers():
    """Import the whole package, so that every reader stands in the table."""
    for module in pkgutil.walk_packages(segpaint.__path__, "segpaint."):
        if not module.name.startswith(("segpaint.gui", "segpaint.__main__")):
            importlib.import_module(module.name)
    return sorted(READERS)


# ---- valid files


@pytest.fixture(scope="session")
def examples(
    tmp_path_factory, tiny_checkpoint, judged_checkpoint, distilled_checkpoint, drawn_mask, table, mask_file,
    tiny_engine,
):  # fmt: skip
    """For each reader: its valid files, each with a function that reads such a file."""
    from segpaint.core.requests.request import Request

    all_readers()
    folder = tmp_path_factory.mktemp("valid")
    labels = [{"index": 1, "name": "body", "color": "#cc8844"}]

    def text(name, content):
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return folder / name

    def picture(name, pixels, **settings):
        Image.fromarray(pixels).save(folder / name, **settings)
        return folder / name

    request = Request(
        checkpoint="tiny", fingerprint=tiny_engine.checkpoint.fingerprint, used=(1, 2), steps=4, mask=drawn_mask
    )
    notes = PngImagePlugin.PngInfo()
    notes.add_text("note", "x" * 50, zip=True)
    grey = np.arange(1024, dtype=np.uint8).reshape(32, 32)
    color = table.colors()[drawn_mask]
    exif = Image.Exif()
    exif[0x0112] = 6
    images = [
        mask_file,
        picture("grey.png", drawn_mask, pnginfo=notes),
        picture("deep.png", drawn_mask.astype(np.uint16)),
        picture("color.png", color),
        picture("alpha.png", np.dstack([color, np.full((32, 32), 200, np.uint8)])),
        picture("photo.jpg", grey, exif=exif),
        picture("mask.tif", drawn_mask),
        picture("mask.bmp", drawn_mask),
        picture("mask.gif", drawn_mask),
        picture("mask.webp", color, lossless=True),
    ]
    (folder / "result.png").write_bytes(encode_image(grey, request))
    tar = folder / "000000.tar"
    members = [(f"a.{kind}.png", path.read_bytes()) for kind, path in zip("bc", images[:2], strict=True)]
    tar.write_bytes(b"".join(tar_bytes([*members, ("a" * 200 + ".json", b"{}" * 900)])))
    results = [folder / "result.png", text("request.json", request.model_dump_json())]
    labelme = text(
        "labelme.json",
        {
            "imageHeight": 32,
            "imageWidth": 32,
            "shapes": [
                {"label": "body", "points": [[1, 1], [20, 3], [9, 30]], "shape_type": "polygon"},
                {"label": "heart", "points": [[5, 5], [9, 9]], "shape_type": "circle"},
            ],
        },
    )
    coco = text(
        "coco.json",
        {
            "images": [{"id": 1, "height": 32, "width": 32}],
            "annotations": [
                {"image_id": 1, "category_id": 1, "segmentation": [[1, 1, 20, 3, 9, 30]]},
                {"image_id": 1, "category_id": 1, "segmentation": {"counts": [100, 24, 900]}},
            ],
            "categories": [{"id": 1, "name": "body"}],
        },
    )
    own = text("labels.json", {"modality": "MR", "labels": labels})
    tables = [
        text("a.label", '1 204 136 68 1 1 1 "body"\n2 9 9 9 1 1 1 "heart"\n'),
        text("a.ctbl", "# Color table file\n1 body 204 136 68 255\n2 heart 9 9 9 255\n"),
        text("a.tsv", "index\tname\tcolor\n1\tbody\t#cc8844\n2\theart\tn/a\n"),
        text("a.csv", "LabelValue;Name;Color_R;Color_G;Color_B\n1;body;204;136;68\n2;heart;9;9;9\n"),
        text("labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\nbody:1,2,3::\n"),
    ]
    volumes = []
    for name in ("scan.nii", "scan.nii.gz"):
        nibabel.save(nibabel.Nifti1Image(np.ones((6, 5, 4), np.int16), np.eye(4)), folder / name)
        volumes.append(folder / name)
    data_set = text(
        "dataset.json",
        {"file_ending": ".png", "channel_names": {"0": "MR"}, "labels": {"a": 1}},
    )
    decathlon = text(
        "decathlon.json",
        {"modality": {"0": "MR"}, "labels": {"0": "a"}, "training": [{"image": "a.nii", "label": "b.nii"}]},
    )
    origin = Counterfactual(image=grey, mask=drawn_mask, used=(1, 2), way="warp")
    sweep = Sweep(
        checkpoint="tiny", gesture="thicken", label="body", way="inward", amounts=(-20, 2.5),
        request=request.model_copy(update={"origin": origin}),
    )  # fmt: skip
    matched = MatchedRow(
        name="a", kind_a="patient", kind_b="edited", patient_pixels_a="1024 of 1024",
        patient_pixels_b="900 of 1024", gesture="", label="body", amount=None, mask_changed=12,
        image_changed=0.5, reach=12.0, changed_outside=0.0, dice=0.75, verdict="", checkpoint="tiny",
        fingerprint="f", seed=0, sha256_a="1", sha256_b="2",
    )  # fmt: skip
    choice = Choice.now(("", "a_s0"), Decision.TAKEN, 1.5, 0.75)
    choices = 3 * f"{choice.model_dump_json()}\n"
    added = Added(split="train", request=request).model_dump_json()
    scenes = text("a.scenes.json", {"scenes": [{"file": "a.png", "caption": "before"}, {"file": "b.png"}]})
    specification = text(
        "specification.json", {"checkpoints": ["tiny"], "masks": ["a.png"], "seeds": {"first": 0, "count": 3}}
    )
    work = UnsavedWork(request=request, reference=None, paint_value=1, hidden=(), locked=(1,), keeps_seed=True)
    unet = tiny_checkpoint / "unet"
    scheduler = tiny_checkpoint / "scheduler" / "scheduler_config.json"
    config, weights = unet / "config.json", unet / "diffusion_pytorch_model.safetensors"
    count = sum(value.numel() for value in load_file(weights).values())

    kept_work = text("work.json", work.model_dump_json())
    kept = KeptSlice(
        plane=Plane.ACQUIRED, index=1, time=0, frame=Frame((1.0, 2.0), 32, (1.0, 1.0)), mask=drawn_mask,
        known=drawn_mask, known_frame=Frame((1.0, 2.0), 32, (1.0, 1.0)), used=(1, 2),
        whole=drawn_mask, whole_frame=Frame((4.0, 2.0), 32, (1.0, 1.0)),
    )  # fmt: skip
    kept_scan = text("scan.json", KeptScan(labels=table.labels, slices=(kept,)).model_dump_json())
    project = folder / "work.segpaint"
    change = KeptChange(top=1, left=2, old=drawn_mask[:3], new=drawn_mask[3:6])
    whole = Project(
        head=Head(view=KeptView(centre=(2, 3))), work=work,
        slices=KeptScan(labels=table.labels, slices=(kept,)),
        edits=KeptEdits(done=1, edits=(KeptEdit(name="Stroke", changes=(change,)),)),
        results={"a.png": images[0].read_bytes()},
    )  # fmt: skip
    write_parts(project, whole.parts())
    training, parts = write_training(folder / "state.safetensors")
    np.save(folder / "part.npy", np.zeros((3, 1, 8, 8), np.uint8))
    settings = '[window]\ntheme=""dark""\n[files]\nrecent="[]"\n[keys]\nown="{"undo": ["Z"]}"\n'
    prepared = {
        "source": "scans", "settings": {"patient": "(.*)_"}, "pixel_spacing": 1.5, "shares": {"body": 0.5},
        "cases": {"a": {"split": "train", "slices": 3, "window": [0, 80]}},
    }  # fmt: skip

    def plain(*files):
        return [(file, ()) for file in files]

    return {
        "io.image_files.open_image": plain(*images),
        "io.image_files.mode_of": plain(*images),
        "io.masks.read_mask": [(file, (table, 32)) for file in images],
        "io.masks.read_region": [(file, (32,)) for file in images],
        "io.references.read_reference": [(file, (32, 1, Fit.PAD)) for file in images],
        "io.foreign_masks.read_foreign_mask": [
            (file, (table, 32, Fit.PAD)) for file in (*images, labelme, coco)
        ],
        "io.foreign_masks.read_names": plain(*tables, own),
        "io.annotations.read_annotations": plain(labelme, coco),
        "io.annotations._content": plain(labelme, coco),
        "io.results.read_request": plain(*results),
        "io.results._texts": plain(results[0], *images[:2]),
        "io.history_files.read_pixels": plain(results[0], images[3]),
        "io.history_files.read_stars": plain(text("stars.json", ["a.png", "b.png"])),
        "io.label_tables.read_label_file": plain(*tables, own),
        "io.label_files.read_foreign_table": plain(*tables),
        "io.label_files.read_rows": plain(*tables),
        "io.volume_headers.open_volume": plain(*volumes),
        "io.volume_headers.read_voxels": [(file, opened) for file in volumes],
        **valid_scans(folder, [*volumes, *images[:6]], images),
        "io.volumes._read_png": plain(*images[:4]),
        "io.nnunet._read": plain(data_set, decathlon),
        "core.requests.checkpoint.read_description": plain(tiny_checkpoint / "segpaint.json"),
        "core.requests.checkpoint.read_card": plain(tiny_checkpoint / "README.md"),
        "core.diffusion.network_files._build_unet": [(config, (count, weights))],
        "core.diffusion.network_files.read_weights": plain(weights),
        "core.requests.few_step_description.read_few_step_description": plain(
            distilled_checkpoint / "few_steps" / "few_steps.json"
        ),
        "core.diffusion.network_files._read_scheduler": plain(scheduler),
        "core.diffusion.network_files.read_config": plain(config),
        "core.diffusion.segmenter._read_description": plain(judged_checkpoint / "segmenter" / "segmenter.json"),
        "io.scene_lists.read_scenes": plain(scenes),
        "paired.specification.read_specification": plain(specification),
        "paired.choices.read_choices": plain(text("choices.jsonl", choices)),
        "paired.candidates.read_added": plain(text("added.json", added)),
        "paired.matched.read_row": plain(text("matched-pair.json", {"about": {"pair": asdict(matched)}})),
        "paired.sweep.read_sweep": plain(text("sweep.json", sweep.withheld().model_dump_json())),
        "paired.sweep.read_before": plain(images[1], results[0]),
        "paired.matched_set.read_head": plain(text("matched.json", MatchedHead().model_dump_json())),
        "studio.document.unsaved_work.read_work": plain(kept_work),
        "studio.document.unsaved_work.begins_as_work": plain(kept_work),
        "studio.document.unsaved_work.salvage": plain(kept_work),
        "studio.scans.kept_masks.read_kept": plain(kept_scan),
        "io.history_files.read_content": plain(*images),
        "io.project_files.read_parts": plain(project),
        "studio.projects.project.read_project": plain(project),
        "studio.base.preferences.read_settings": plain(text("preferences.ini", settings)),
        "paired.begun_folder.read_file": plain(images[0]),
        "paired.claims.read_maker": plain(text("maker", {"token": "a", "machine": "b", "process": 7})),
        "paired.merging.read_listed": plain(text("manifest.csv", "name,image,sha256\na,images/a.png,00\n")),
        "paired.record.read_notes": plain(text("whole.jsonl", ["", "a_s0", "01" * 16, "02" * 32, "03" * 32])),
        "paired.tars.read_index": plain(tar),
        "paired.tars.read_member": [(tar, (512, 2000))],
        "core.leftovers.read_moves": plain(text("journal", [[".a.png.segpaint-01234567", "a.png"]])),
        "core.requests.checkpoint.add_to_digest": [(config, (hashlib.sha256(),))],
        "core.parts.read_part": [(folder / "part.npy", ((3, 1, 8, 8),))],
        "evaluation.feature_network._read_input": plain(text("features.json", {"size": 64, "channels": 1})),
        "evaluation.feature_network._read_script": plain(write_script(folder / "features.pt")),
        "evaluation.evaluation_run.read_figures": plain(text("figures.json", {"faithfulness": {"a": 1}})),
        "evaluation.generation._key": plain(text("made-with.json", {"fingerprint": "a"})),
        "training.attribute_values.read_attribute_values": [
            (text("attributes.csv", "name,pathology\na.png,benign\nb.png,\n"), (["pathology"],))
        ],
        "training.dataset.read_annotated": [(text("annotated.csv", "name,labels\na.png,1;2\n"), (table,))],
        "training.preparing.settings.read_prepared": plain(text("prepared.json", prepared)),
        "training.state.put_back": [(training, parts)],
        "training.state.read_saved": plain(training),
        "training.step_log.read_lines": [(text("steps.csv", f"{HEAD}\n1,0.5,0.1,0.2\n2,1,1,1\n"), (2,))],
    }


def opened(path):
    return (READERS["segpaint.io.volume_headers.open_volume"].function(path),)


def write_training(path):
    """Write the state of a training; return its path, and the parts to read it into."""
    network = torch.nn.Linear(4, 3)
    optimizer, average = torch.optim.AdamW(network.parameters()), EMAModel(network.parameters())
    network(torch.ones(2, 4)).sum().backward()
    optimizer.step()
    progress = {"step": 1, "seconds": 0.5, "images": 2, "losses": [[1, 0.5, 0.6]], "settings": {"seed": 1}}
    save_state(path, network, optimizer, average, progress)
    return path, (network, optimizer, average)


# ---- the test


def test_every_reader_has_a_valid_file(examples):
    short = {name.removeprefix("segpaint.") for name in all_readers()}
    assert short == set(examples), "give each reader of the table a valid file to damage"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each reader is tried in a process of its own, forked")
@pytest.mark.parametrize("share", range(SHARES))
def test_damaged_files_end_in_a_sentence_or_a_value(examples, share, request, record_property, tmp_path):
    seed, long = (request.config.getoption(name) for name in ("--seed", "--long"))
    problems = []
    for name in sorted(examples)[share::SHARES]:
        code, told = in_child(
            lambda name=name: feed(name, examples[name], seed, 3000 if long else 200, tmp_path)
        )
        last = [path for path in tmp_path.iterdir() if path.is_file()]
        if code:
            problems.append(f"{name}, seed {seed}, ended with {code} at {last}: {told}")
        record_property(name, told)
        for path in last:
            path.unlink()
    assert not problems, "\n".join(problems)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="as above")
def test_damaged_scans_get_a_sentence_at_the_door(examples, request, monkeypatch, tmp_path):
    monkeypatch.setitem(READERS, "segpaint.door", Reader("a scan", "", open_at_the_door))
    seed, long = (request.config.getoption(name) for name in ("--seed", "--long"))
    files = [(path, ()) for path, _ in examples["io.volume_files.file_kinds.kind_of"]]
    code, told = in_child(lambda: feed("door", files, seed, 3000 if long else 400, tmp_path))
    assert not code, f"{told} {[*tmp_path.iterdir()]}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="as above")
@pytest.mark.parametrize(
    ("read", "found"),
    [
        (lambda path: np.ones(2**27 + 2**18).sum(), "MiB"),
        (lambda path: bytearray(2**30 + 2**22).count(0), "MiB"),
        (lambda path: np.zeros(2**31), "MemoryError"),
        (lambda path: 1 / 0, "ZeroDivisionError"),
        (lambda path: next(number for number in iter(int, 1) if number), ""),
    ],
    ids=["array", "bytes", "reserved", "error", "endless"],
)
def test_a_reader_that_takes_too_much_is_found(tmp_path, monkeypatch, read, found):
    monkeypatch.setitem(READERS, "segpaint.test", Reader("a test", "", read))
    monkeypatch.setattr(sys.modules[__name__], "MOST_SECONDS", 0.1 if not found else MOST_SECONDS)
    (tmp_path / "valid").write_bytes(b"x")
    code, told = in_child(lambda: feed("test", [(tmp_path / "valid", ())], 1, 2, tmp_path))
    assert code
    assert found in told


def feed(name, files, seed, times, folder):
    """Feed a reader with damaged files; return how long and how much memory the worst of them took."""
    rng = random.Random(f"{seed} {name}")
    peak = Peak()
    valid = [try_to_read(name, path, words, peak)[0] for path, words in files]
    assert any(valid), f"{name} reads no valid file"
    worst, start = (0.0, 0.0), time.process_time()
    for _ in range(times):
        path, words = rng.choice(files)
        place = folder / path.name
        place.write_bytes(damaged(rng, path.read_bytes()))
        _, seconds, mebibytes = try_to_read(name, place, words, peak)
        worst = max(worst[0], seconds), max(worst[1], mebibytes)
        place.unlink()
    whole = time.process_time() - start
    return f"{times} files in {whole:.1f} s, at most {worst[0]:.2f} s and {worst[1]:.0f} MiB each"


def try_to_read(name, path, words, peak):
    """Try to read a file; a reader may raise nothing but a sentence, and take little time and memory.

    Returns
    -------
    tuple of bool, float, float
        Whether it was read, seconds, mebibytes.
    """
    refused = None
    signal.setitimer(signal.ITIMER_PROF, 4 * MOST_SECONDS)  # what is endless is killed
    start = time.process_time()
    peak.begin()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as outside of tests
            if callable(words):  # of a file that is open
                words = words(path)
            READERS[f"segpaint.{name}"].function(path, *words)
    except SegPaintError as error:
        refused = str(error)
    mebibytes, seconds = peak.end(), time.process_time() - start
    signal.setitimer(signal.ITIMER_PROF, 0)
    assert seconds < MOST_SECONDS, f"it took {seconds:.1f} s"
    assert mebibytes < MOST_MEBIBYTES, f"it took {mebibytes:.0f} MiB"
    if refused is not None:
        assert str(path) in refused, refused
        assert "\n" not in refused, refused
        assert NO_MEMORY not in refused, refused  # more than `in_child` allows
    return refused is None, seconds, mebibytes


class Peak:
    """Measures the most memory held between two moments."""

    def begin(self):
        with suppress(OSError):
            RESET.write_text("5")  # Linux forgets the highest value
        self._before = resident()

    def end(self):
        return max(0.0, most_resident() - self._before)


def resident():
    """Mebibytes held now or, where that is not known, at most until now."""
    with suppress(OSError):
        return int(STATISTICS.read_text().split()[1]) * resource.getpagesize() / 2**20
    return most_resident()


def most_resident():
    """Mebibytes held at most, since the last reset on Linux, or since the process began."""
    with suppress(OSError):
        return int(re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def in_child(work):
    """Do something in a process of its own with bounded memory; return its code, and what it returned."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of threads, which the child does not use
        gc.freeze()  # what other tests left is not to be destroyed in a process that lacks its threads
        process = os.fork()
    if not process:
        code, told = 1, ""
        try:
            os.close(reading)
            with suppress(OSError, ValueError):
                held = int(STATISTICS.read_text().split()[0]) * resource.getpagesize()
                resource.setrlimit(resource.RLIMIT_AS, (held + ROOM, held + ROOM))
            told, code = work(), 0
        except BaseException:
            told = traceback.format_exc()
        finally:
            os.write(writing, told.encode()[-60_000:])
            os._exit(code)
    gc.unfreeze()
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        told = file.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), told
