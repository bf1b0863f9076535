"""Every reader is fed with damaged files: each ends in a sentence that names the file, or in a value."""

import importlib
import json
import pkgutil
import random
import re
import resource
import time
import warnings
import zlib

import nibabel
import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from safetensors.torch import load_file

import segpaint
from segpaint.core.errors import SegPaintError
from segpaint.core.reading import READERS
from segpaint.io.results import encode_image
from segpaint.io.sizes import Fit
from segpaint.studio.document.unsaved_work import UnsavedWork

MOST_SECONDS = 5
MOST_KIBIBYTES = 2**20
HUGE = ["1e999", "-1", "9" * 400, "2147483648", "1e9", "NaN", "0", "99999999", "4097"]
SWAPPED = [None, True, -1, 0, 1e300, "", "x", [], {}, [[]], [None], 2**70, "[" * 3000, {"a": {"a": {}}}]


def all_readers():
    """Import the whole package, so that every reader stands in the table."""
    for module in pkgutil.walk_packages(segpaint.__path__, "segpaint."):
        if not module.name.startswith(("segpaint.gui", "segpaint.__main__")):
            importlib.import_module(module.name)
    return sorted(READERS)


# ---- valid files


@pytest.fixture(scope="session")
def examples(tmp_path_factory, tiny_checkpoint, judged_checkpoint, drawn_mask, table, mask_file, tiny_engine):
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
    specification = text(
        "specification.json", {"checkpoints": ["tiny"], "masks": ["a.png"], "seeds": {"first": 0, "count": 3}}
    )
    work = UnsavedWork(request=request, reference=None, paint_value=1, hidden=(), locked=(1,), keeps_seed=True)
    unet = tiny_checkpoint / "unet"
    scheduler = tiny_checkpoint / "scheduler" / "scheduler_config.json"
    config, weights = unet / "config.json", unet / "diffusion_pytorch_model.safetensors"
    count = sum(value.numel() for value in load_file(weights).values())

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
        "io.results._has_request": plain(results[0], *images[:2]),
        "io.history_files.read_pixels": plain(results[0], images[3]),
        "io.history_files.read_stars": plain(text("stars.json", ["a.png", "b.png"])),
        "io.label_tables.read_label_file": plain(*tables, own),
        "io.label_files.read_foreign_table": plain(*tables),
        "io.label_files.read_rows": plain(*tables),
        "io.volume_headers.open_volume": plain(*volumes),
        "io.volume_headers.read_voxels": [(file, None) for file in volumes],
        "io.volumes._read_png": plain(*images[:4]),
        "io.nnunet._read": plain(data_set, decathlon),
        "core.requests.checkpoint.read_description": plain(tiny_checkpoint / "segpaint.json"),
        "core.requests.checkpoint.read_card": plain(tiny_checkpoint / "README.md"),
        "core.diffusion.network_files._build_unet": [(config, (count, weights))],
        "core.diffusion.network_files._read_weights": plain(weights),
        "core.diffusion.network_files._read_scheduler": plain(scheduler),
        "core.diffusion.network_files.read_config": plain(config),
        "core.diffusion.segmenter._read_description": plain(judged_checkpoint / "segmenter" / "segmenter.json"),
        "paired.specification.read_specification": plain(specification),
        "studio.document.unsaved_work.read_work": plain(text("work.json", work.model_dump_json())),
    }


# ---- damage


def damaged(rng, content):
    """Damage a file in one of many ways."""
    is_json = content.lstrip()[:1] in (b"{", b"[")
    is_text = is_json or not any(byte < 9 for byte in content[:2000])
    ways = [flip, cut, insert, repeat]
    ways += [replace_token, replace_token, nest, encode] if is_text else [fix_png]
    ways += [swap, swap, swap] if is_json else []
    for _ in range(rng.choice([1, 1, 2, 4])):
        content = rng.choice(ways)(rng, content)
    return content


def flip(rng, content):
    changed = bytearray(content)
    for _ in range(rng.choice([1, 3, 20])):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng, content):
    return content[: rng.randrange(len(content) + 1)]


def insert(rng, content):
    place = rng.randrange(len(content) + 1)
    return content[:place] + rng.randbytes(rng.choice([1, 4, 300])) + content[place:]


def repeat(rng, content):
    start, end = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:end] * rng.choice([1, 2, 50])


def replace_token(rng, content):
    tokens = list(re.finditer(rb"[-\w.#]+", content))
    if not tokens:
        return content
    token = rng.choice(tokens)
    return content[: token.start()] + rng.choice(HUGE).encode() + content[token.end() :]


def nest(rng, content):
    place, depth = rng.randrange(len(content) + 1), rng.choice([150, 5000, 100_000])
    return content[:place] + rng.choice([b"[", b'{"a":', b"("]) * depth + content[place:]


def encode(rng, content):
    return content.decode("utf-8", "replace").encode(rng.choice(["utf-16", "utf-8-sig", "cp1252"]), "replace")


def swap(rng, content):
    """Replace a value of a JSON file by one of another type."""
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return content
    node, places = tree, []
    while isinstance(node, dict | list) and node and (not places or rng.random() < 0.8):
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        places.append((node, key))
        node = node[key]
    if not places:
        return content
    holder, key = rng.choice(places)
    if isinstance(holder, dict) and rng.random() < 0.2:
        del holder[key]
    else:
        holder[key] = rng.choice(SWAPPED)
    return json.dumps(tree).encode()


def fix_png(rng, content):
    """Change a chunk of a PNG, and correct its checksum, so that the change is believed."""
    if not content.startswith(b"\x89PNG"):
        return flip(rng, content)
    chunks, place = [], 8
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4])
        chunks.append((place, length))
        place += 12 + length
    if not chunks:
        return content
    place, length = rng.choice(chunks)
    body = flip(rng, content[place + 4 : place + 8 + length])
    return content[: place + 4] + body + zlib.crc32(body).to_bytes(4) + content[place + 8 + length :]


# ---- the test


def test_every_reader_has_a_valid_file(examples):
    short = {name.removeprefix("segpaint.") for name in all_readers()}
    assert short == set(examples), "give each reader of the table a valid file to damage"


@pytest.fixture
def times(request):
    """How many damaged files each reader is fed with."""
    return 3000 if request.config.getoption("--long") else 200


def test_damaged_files_end_in_a_sentence_or_a_value(examples, times, request, tmp_path):
    rng = random.Random(request.config.getoption("--seed"))
    for name, files in examples.items():
        read = [is_read(name, path, words) for path, words in files]
        assert any(read), f"{name} reads no valid file"
        for _ in range(times):
            path, words = rng.choice(files)
            place = tmp_path / path.name
            place.write_bytes(damaged(rng, path.read_bytes()))
            is_read(name, place, words)


def is_read(name, path, words):
    """Whether a reader reads a file; it may raise nothing but a sentence, and take little time and memory."""
    start, before = time.process_time(), peak()
    refused = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as outside of tests
            if words is None:  # of a volume that is open
                words = (READERS["segpaint.io.volume_headers.open_volume"].function(path),)
            READERS[f"segpaint.{name}"].function(path, *words)
    except SegPaintError as error:
        refused = str(error)
    seconds = time.process_time() - start
    assert seconds < MOST_SECONDS, f"{name} took {seconds:.1f} s for {path}"
    assert peak() - before < MOST_KIBIBYTES, f"{name} took {(peak() - before) / 2**10:.0f} MiB for {path}"
    if refused is not None:
        assert str(path) in refused, f"{name}: {refused}"
        assert "\n" not in refused, f"{name}: {refused}"
    return refused is None


def peak():
    """Kibibytes at most that the process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
