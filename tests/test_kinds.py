"""Saved files tell what they are: made, edited, or near to a patient's image.

They are read by hand and by Pillow, as programs that know nothing of SegPaint read them. The patient's
pixels are counted here.
"""

import base64
import io
import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from segpaint.api import SegPaintError, open_checkpoint
from segpaint.cli import main
from segpaint.core.pictures.animation import Tempo, write_animation
from segpaint.core.pictures.film import sentence_of_film, series
from segpaint.core.requests.kinds import about_reference, sentence_of
from segpaint.io.history_files import HistoryFolder
from segpaint.io.results import encode_image, read_request

KINDS = ("made", "edited", "unchanged", "near", "reached")


def texts(content):
    """The texts of a PNG, chunk by chunk."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    place, found = 8, {}
    while place < len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        body = content[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", content[place + 8 + length : place + 12 + length])
        assert check == zlib.crc32(kind + body)
        if kind == b"tEXt":
            key, _, value = body.partition(b"\0")
            found[key.decode("latin-1")] = value.decode("latin-1")
        elif kind == b"iTXt":
            key, _, rest = body.partition(b"\0")
            found[key.decode("latin-1")] = rest[2:].split(b"\0", 2)[2].decode()
        else:
            assert kind != b"zTXt"
        place += 12 + length
    return found


def pixels(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image).copy()


def pictures_in(entry):
    """All pictures that lie in a JSON text, wherever."""
    if isinstance(entry, dict):
        entry = list(entry.values())
    if isinstance(entry, list):
        return [picture for one in entry for picture in pictures_in(one)]
    if isinstance(entry, str) and len(entry) > 60:
        try:
            return [pixels(base64.b64decode(entry, validate=True))]
        except (ValueError, OSError):
            return []
    return []


def shows(text, patient):
    return any(np.array_equal(picture, patient) for picture in pictures_in(json.loads(text)))


@pytest.fixture(scope="session")
def patient():
    """A real slice, as far as this test goes: no two neighbours are alike."""
    return np.random.default_rng(4).integers(30, 220, (32, 32), np.uint8)


@pytest.fixture(scope="session")
def results(tiny_checkpoint, drawn_mask, patient):
    """A result of each kind, and those at the ends of the scale."""
    opened = open_checkpoint(tiny_checkpoint, "cpu")
    painted = drawn_mask.copy()
    painted[4:7, 24:27] = 4
    return {
        "made": opened.generate(drawn_mask, steps=3),
        "edited": opened.edit(patient, drawn_mask, painted, margin=2.0, steps=4),
        "unchanged": opened.edit(patient, drawn_mask, drawn_mask, margin=2.0, steps=4),
        "near": opened.approach(patient, drawn_mask, share=0.5, steps=4),
        "reached": opened.approach(patient, drawn_mask, share=1.0, steps=4),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_image_tells_the_truth_about_the_patient_in_it(results, patient, kind, tmp_path):
    image, mask, request = results[kind].save(tmp_path / "heart_1.5T")
    assert [path.name for path in (image, mask, request)] == [
        "heart_1.5T.png", "heart_1.5T_mask.png", "heart_1.5T.json"
    ]  # fmt: skip
    content = image.read_bytes()
    told, beside = texts(content), json.loads(request.read_text())["about"]
    own = int((pixels(content) == patient).sum())
    whole = patient.size
    assert beside["synthetic"] == told["Synthetic"]
    assert beside["pixels"] == whole
    if kind == "made":
        assert told["Kind"] == beside["kind"] == "made"
        assert told["Synthetic"].startswith("YES: ")
        assert told["Synthetic"].endswith("shows no patient")
        assert "Patient pixels" not in told
        assert beside["patient_pixels"] == 0
        return
    assert told["Kind"] == beside["kind"] == ("patient" if own == whole else kind)
    assert told["Patient pixels"] == f"{own} of {whole}"
    assert beside["patient_pixels"] == own
    assert "no patient" not in told["Synthetic"]
    if own == whole:
        assert told["Synthetic"].startswith("NO: a patient's image")
    else:
        assert told["Synthetic"].startswith("PARTLY: ")
        assert f"{own} of {whole} pixels" in told["Synthetic"]
        assert "100 %" not in told["Synthetic"]
    assert {"edited": whole / 2 < own < whole, "unchanged": own == whole}.get(kind, True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("include", [False, True])
def test_the_original_goes_along_only_where_it_is_asked_for(results, patient, kind, include, tmp_path):
    image, mask, request = results[kind].save(tmp_path / "a.png", include_reference=include)
    goes_along = include and kind != "made"
    assert shows(texts(image.read_bytes())["SegPaint request"], patient) is goes_along
    assert shows(request.read_text(), patient) is goes_along
    assert not np.array_equal(pixels(mask.read_bytes()), patient)
    assert [*texts(mask.read_bytes())] == []


@pytest.mark.parametrize("kind", ["edited", "near"])
def test_what_was_left_out_does_not_keep_a_result_from_being_read_and_made_again(
    results, patient, kind, tmp_path, tiny_checkpoint, capsys
):
    results[kind].save(tmp_path / "a.png")
    Image.fromarray(patient).save(tmp_path / "patient.png")
    Image.fromarray(255 - patient).save(tmp_path / "another.png")
    opened = open_checkpoint(tiny_checkpoint, "cpu")
    read = opened.read_result(tmp_path / "a.png")
    np.testing.assert_array_equal(read.mask, results[kind].mask)
    with pytest.raises(SegPaintError, match="give that reference to make the image again"):
        opened.make(read.request)
    with pytest.raises(SegPaintError, match="another image than the one"):
        read.request.with_reference(255 - patient)
    again = opened.make(read.request.with_reference(patient))
    np.testing.assert_array_equal(again.pixels, results[kind].pixels)
    words = ["generate", "--request", str(tmp_path / "a.json"), "--checkpoint", str(tiny_checkpoint)]
    words += ["--device", "cpu", "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert main([*words, "--reference", str(tmp_path / "another.png")]) == 2
    assert "another image" in capsys.readouterr().err.replace("\n", " ")
    assert main([*words, "--reference", str(tmp_path / "patient.png")]) == 0
    assert (tmp_path / "out" / "a.png").read_bytes() == (tmp_path / "a.png").read_bytes()
    assert read.save(tmp_path / "once_more.png")
    assert "not known" in texts((tmp_path / "once_more.png").read_bytes())["Synthetic"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_of_a_run_is_of_its_kind_too(results, patient, kind):
    told = texts(encode_image(patient, results[kind].request, is_finished=False))
    assert "SegPaint request" not in told
    assert told["Synthetic"].startswith("YES" if kind == "made" else "NO")


def test_a_file_of_the_history_shows_no_more_of_a_patient_than_its_image(results, patient, tmp_path):
    history = HistoryFolder(tmp_path)
    for kind in KINDS:
        path = history.add(results[kind].pixels, results[kind].request)
        assert not shows(texts(path.read_bytes())["SegPaint request"], patient)
        # Where it lies, it brings everything back.
        assert read_request(path).model_dump_json() == results[kind].request.model_dump_json()


def test_the_reference_of_a_result_goes_and_comes_with_it(results, tmp_path):
    history = HistoryFolder(tmp_path)
    paths = [history.add(results[kind].pixels, results[kind].request) for kind in ("edited", "near")]
    beside = [tmp_path / "references" / path.name for path in paths]
    history.delete(paths)
    assert not any(path.exists() for path in beside)
    history.take_back(paths[1:])
    assert beside[1].exists()
    assert HistoryFolder(tmp_path).open() == paths[1:]
    assert [path.name for path in tmp_path.rglob("*.png")] == [paths[1].name] * 2


def test_images_beside_a_patients_are_never_passed_over(results, patient):
    original, edited, made = about_reference("tiny", patient), results["edited"].about, results["made"].about
    assert sentence_of([original, original]) == original.sentence
    assert sentence_of([made]) == made.sentence
    for others in ([edited], [made], [made, edited]):
        told = sentence_of([original, *others, original])
        assert told.startswith("PARTLY: ")
        assert all(one.reason in told for one in (original, *others))
        assert "no patient" not in told


@pytest.mark.parametrize("ending", [".gif", ".webp", ".mp4"])
@pytest.mark.parametrize("kind", ["made", "edited", "near"])
def test_a_film_tells_what_its_images_are(results, kind, ending, tmp_path):
    result = results[kind]
    scenes = series(
        [("one", results["made"].pixels, results["made"].request), ("two", result.pixels, result.request)]
    )
    path = tmp_path / f"film{ending}"
    note = f"Synthetic: {sentence_of_film(scenes)}"
    write_animation(path, [lambda: np.zeros((64, 64, 3), np.uint8)] * 2, Tempo(), note)
    if ending == ".mp4":
        av = pytest.importorskip("av", reason="the extra mp4 is not installed")
        with av.open(str(path)) as film:
            told = film.metadata["comment"]
    else:
        with Image.open(path) as film:
            told = film.info.get("comment", b"").decode() or film.getexif()[0x010E]
    assert ("no patient" in told) is (kind == "made")
    assert ("PARTLY" in told) is (kind != "made")
    assert ("; and made by" in told) is (kind != "made")  # each of the two is stated
    assert {"edited": "edited by", "near": "led towards"}.get(kind, "made by") in told
