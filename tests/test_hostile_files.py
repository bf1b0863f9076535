"""Files made to harm: programs named like pictures, small files that unpack to large ones, endless requests."""

import base64
import gzip
import json
import shutil
import struct
import tracemalloc
from contextlib import contextmanager

import nibabel
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.origins import Counterfactual
from segpaint.io.cases import Case
from segpaint.io.foreign_masks import read_foreign_mask
from segpaint.io.image_files import open_image
from segpaint.io.masks import read_mask, read_region
from segpaint.io.references import read_reference
from segpaint.io.results import REQUEST_KEY, read_request
from segpaint.io.sizes import Fit
from segpaint.io.volumes import read_stack
from segpaint.paired.plan import plan_pairs
from segpaint.paired.sources import NamedMask
from segpaint.paired.specification import Specification
from segpaint.training.dataset import read_data_set

START = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\n"
POSTSCRIPT = {"harmless": START + b"showpage\n%%EOF\n", "endless": START + b"{ } loop\nshowpage\n%%EOF\n"}


@pytest.fixture(autouse=True)
def _no_program(monkeypatch):
    """Let Pillow know all its formats, and fail the test if it starts a program for one."""

    def run(*words, **_named):
        pytest.fail(f"a program was started: {words}")

    Image.init()
    assert "EPS" in Image.OPEN
    monkeypatch.setattr("subprocess.Popen", run)
    monkeypatch.setattr("os.posix_spawn", run, raising=False)
    monkeypatch.setattr("os.system", run)


@pytest.fixture
def reference(drawn_mask):
    """A patient's image as the origin of a request."""
    return Counterfactual(image=np.zeros((32, 32), np.uint8), mask=drawn_mask, used=(1, 2))


# ---- programs


@pytest.mark.parametrize("program", POSTSCRIPT.values(), ids=POSTSCRIPT)
@pytest.mark.parametrize(
    "read",
    [
        lambda path, table: open_image(path),
        lambda path, table: read_mask(path, table, 32),
        lambda path, table: read_region(path, 32),
        lambda path, table: read_reference(path, 32, 1, Fit.PAD),
        lambda path, table: read_foreign_mask(path, table, 32, Fit.PAD),
        lambda path, table: read_request(path),
    ],
    ids=["open_image", "read_mask", "read_region", "read_reference", "read_foreign_mask", "read_request"],
)
def test_a_program_that_is_named_like_a_picture_is_never_run(tmp_path, table, program, read):
    (tmp_path / "mask.png").write_bytes(program)
    with pytest.raises(SegPaintError, match="PostScript program, which is never run"):
        read(tmp_path / "mask.png", table)


@pytest.mark.parametrize("program", POSTSCRIPT.values(), ids=POSTSCRIPT)
def test_a_program_inside_a_data_set_is_never_run(tiny_data, tmp_path, program):
    folder = shutil.copytree(tiny_data, tmp_path / "data")
    (folder / "masks" / "all" / "train" / "train_1.png").write_bytes(program)
    with pytest.raises(SegPaintError, match=r"train_1\.png is a PostScript program"):
        read_data_set(folder)


@pytest.mark.parametrize("program", POSTSCRIPT.values(), ids=POSTSCRIPT)
@pytest.mark.parametrize("place", ["mask", "reference"])
@pytest.mark.parametrize("name", ["request.json", "result.png"])
def test_a_program_inside_a_request_is_never_run(make_request, reference, tmp_path, program, place, name):
    request = make_request(sampler="ddim", origin=reference)
    content = json.loads(request.model_dump_json())
    holder, key = (content, "mask") if place == "mask" else (content["origin"], "image")
    holder[key] = base64.b64encode(program).decode()
    if name == "request.json":
        (tmp_path / name).write_text(json.dumps(content))
    else:
        notes = PngImagePlugin.PngInfo()
        notes.add_text(REQUEST_KEY, json.dumps(content))
        Image.new("L", (32, 32)).save(tmp_path / name, pnginfo=notes)
    with pytest.raises(SegPaintError, match="is not a PNG in base64"):
        read_request(tmp_path / name)


# ---- what unpacks to more than it seems


def test_a_small_volume_that_unpacks_to_gigabytes_is_refused_before(tmp_path):
    header = nibabel.Nifti1Header()
    header.set_data_shape((2000, 2000, 250))
    header.set_data_dtype(np.int16)
    start = bytearray(header.binaryblock + bytes(4))
    start[344:348] = b"n+1\0"
    start[108:112] = struct.pack("<f", 352)
    start[76:92] = struct.pack("<4f", 1, 1, 1, 1)
    packed = gzip.compress(start) + 477 * gzip.compress(bytes(2**22))  # gzip joins what is put together
    for name in ("scan.nii.gz", "labels.nii.gz"):
        (tmp_path / name).write_bytes(packed)
    assert (tmp_path / "scan.nii.gz").stat().st_size < 2_500_000
    case = Case("a", (tmp_path / "scan.nii.gz",), tmp_path / "labels.nii.gz")
    with most_memory(2**24), pytest.raises(SegPaintError, match=r"scan\.nii\.gz has 1,000,000,000 voxels"):
        read_stack(case, "axial")


@contextmanager
def most_memory(most):
    """Check that not more than so many bytes are allocated by Python and NumPy."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def test_a_million_seeds_are_refused_before_they_are_planned(tiny_engine, mask_file, tmp_path, capsys):
    checkpoint = tiny_engine.checkpoint
    masks = [NamedMask("a", np.zeros((32, 32), np.uint8))]

    def plan(count):
        asked = Specification(checkpoints=("tiny",), masks=("a.png",), seeds={"count": count})
        return plan_pairs(asked, masks, [checkpoint], "float32").pairs

    with most_memory(2**20), pytest.raises(SegPaintError, match="1,000,000 images"):
        plan(1_000_000)
    first, *_, last = plan(1000)
    assert last.request.mask is first.request.mask  # else the most that are planned would fill the memory
    words = ["generate", str(mask_file), "--checkpoint", str(checkpoint.folder), "--out", str(tmp_path / "out")]
    assert main([*words, "--per-mask", "1000000", "--device", "cpu"]) == 2
    assert "1,000,000 images" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# ---- photographs that lie on their side


def test_a_reference_lies_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # viewers turn it clockwise
    sideways = np.zeros((32, 32), np.uint8)
    sideways[:16] = 200  # the top, which is the right side when it is upright
    for name in ("photo.jpg", "photo.png"):
        Image.fromarray(sideways).save(tmp_path / name, exif=exif)
        pixels = read_reference(tmp_path / name, 32, 1)
        assert pixels[:, 17:].min() > 150, name
        assert pixels[:, :15].max() < 50, name
