"""Folders of matched pairs: what lies where, what is measured, and that nothing is ever overwritten."""

import dataclasses
import hashlib
import json

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from set_files import rows

from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png
from segpaint.core.masks.amounts import Change
from segpaint.core.pictures.compare import signed_difference
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.kinds import about, about_reference
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.verdict import Outcome, Verdict
from segpaint.io.results import read_request
from segpaint.paired.matched import MatchedPair, Side, matched_files, read_row
from segpaint.paired.matched_set import MatchedSet

REFERENCE = (np.arange(32 * 32).reshape(32, 32) % 97 + 60).astype(np.uint8)


@pytest.fixture
def checkpoint(tiny_checkpoint):
    return read_checkpoint(tiny_checkpoint)


@pytest.fixture
def edited(make_request, image_of, drawn_mask, table):
    """A patient's image and its counterfactual, in which the bone has lost some columns."""
    wanted = drawn_mask.copy()
    wanted[28:31, 20:] = 0
    origin = Counterfactual(image=REFERENCE, mask=drawn_mask, used=table.indices, margin=1.0, way="warp")
    request = make_request(mask=wanted, origin=origin, steps=2)
    pixels = image_of(request)
    judgement = Judgement(wanted, wanted > 0, {1: 0.5, 4: 1.0}, {}, Verdict(Outcome.PARTLY, ()))
    return MatchedPair(
        Side(REFERENCE, drawn_mask, table.indices, about_reference("tiny", REFERENCE)),
        Side(pixels, wanted, table.indices, about(request, pixels), request),
        table,
        judgement=judgement,
    )


@pytest.fixture
def made(make_request, image_of, drawn_mask, table):
    """A made image and its revision, in which the heart has one row fewer."""
    first = make_request(steps=2)
    before = image_of(first)
    wanted = np.where((drawn_mask == 2) & (np.arange(32)[:, None] < 13), 1, drawn_mask).astype(np.uint8)
    second = first.revised(before, wanted)
    after = image_of(second)
    return MatchedPair(
        Side(before, drawn_mask, table.indices, about(first, before), first),
        Side(after, wanted, table.indices, about(second, after), second),
        table,
        Change("grow", "heart", -10.0),
    )


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image), image.info


def test_a_difference_keeps_its_sign_and_rounds_nothing_to_none():
    before = np.array([[0, 10, 10, 10, 255, 0]], np.uint8)
    after = np.array([[0, 11, 9, 137, 0, 255]], np.uint8)
    np.testing.assert_array_equal(signed_difference(before, after), [[128, 129, 127, 255, 0, 255]])
    color = np.zeros((1, 6, 3), np.uint8)
    color[..., 1] = 4
    assert signed_difference(before, color)[0, 1].tolist() == [118, 122, 118]


def test_the_folder_holds_both_sides_and_what_differs(checkpoint, edited, tmp_path):
    folder = tmp_path / "pairs"
    with MatchedSet(folder, checkpoint) as matched:
        matched.add(edited, "case")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {
        "a/case.png", "b/case.png", "masks/a/case.png", "masks/b/case.png", "difference/case.png",
        "masks/difference/case.png", "requests/case.json", "labels.json", "manifest.csv", "matched.json",
        ".segpaint.lock",
    }  # fmt: skip
    a, told_a = pixels(folder / "a/case.png")
    b, told_b = pixels(folder / "b/case.png")
    np.testing.assert_array_equal(a, REFERENCE)
    np.testing.assert_array_equal(b, edited.b.pixels)
    assert told_a["Synthetic"].startswith("NO: a patient's image")
    assert told_b["Synthetic"].startswith("PARTLY: a patient's image, edited")
    np.testing.assert_array_equal(pixels(folder / "difference/case.png")[0], signed_difference(a, b))
    mask_a, mask_b = (pixels(folder / f"masks/{side}/case.png")[0] for side in "ab")
    np.testing.assert_array_equal(mask_a, edited.a.mask)
    np.testing.assert_array_equal(mask_b, edited.b.mask)
    np.testing.assert_array_equal(
        pixels(folder / "masks/difference/case.png")[0], np.where(mask_a != mask_b, 255, 0)
    )
    assert [label["name"] for label in json.loads((folder / "labels.json").read_text())["labels"]] == [
        "body", "heart", "bone",
    ]  # fmt: skip
    (row,) = rows(folder)
    assert (row["kind_a"], row["kind_b"]) == ("patient", "edited")
    assert (told_a["Kind"], told_b["Kind"]) == ("patient", "edited")
    assert row["patient_pixels_a"] == told_a["Patient pixels"] == "1024 of 1024"
    assert row["patient_pixels_b"] == f"{np.count_nonzero(a == b)} of 1024"
    assert (row["gesture"], row["label"], row["amount"]) == ("", "bone", "")
    assert (row["dice"], row["verdict"]) == ("0.75", "The edit is followed in part")
    assert int(row["mask_changed"]) == 3 * 9
    assert float(row["image_changed"]) == np.mean(a != b) > 0
    assert (float(row["reach"]), float(row["changed_outside"])) == (2.0, 0.0)  # it was kept
    assert (folder / "a/case.png").stat().st_mode & 0o077 == 0


def test_the_patients_original_is_only_side_a_and_makes_b_again(checkpoint, edited, tmp_path):
    folder = tmp_path / "pairs"
    with MatchedSet(folder, checkpoint) as matched:
        matched.add(edited, "case")
    request = folder / "requests" / "case.json"
    assert read_request(request).origin.kind == "withheld"
    words = ["generate", "--request", str(request), "--reference", str(folder / "a/case.png")]
    words += ["--checkpoint", str(checkpoint.folder), "--device", "cpu", "--out", str(tmp_path / "again")]
    assert main(words) == 0
    np.testing.assert_array_equal(pixels(tmp_path / "again/case.png")[0], edited.b.pixels)


def test_a_folder_whose_originals_are_described_as_edited_still_knows_its_pairs(checkpoint, edited, tmp_path):
    folder = tmp_path / "pairs"
    with MatchedSet(folder, checkpoint) as matched:
        matched.add(edited, "case")
    _, told = pixels(folder / "a/case.png")
    older = encode_png(Image.fromarray(REFERENCE), pnginfo=as_notes({**told, "Kind": "edited"}))
    (folder / "a/case.png").write_bytes(older)
    record = json.loads((folder / "requests/case.json").read_text())
    record["about"]["pair"]["sha256_a"] = hashlib.sha256(older).hexdigest()
    (folder / "requests/case.json").write_text(json.dumps(record))
    with MatchedSet(folder, checkpoint) as matched:
        assert list(matched.rows) == ["case"]
        with pytest.raises(SegPaintError, match="already, as case"):
            matched.add(edited, "again")
        other = dataclasses.replace(edited, a=dataclasses.replace(edited.a, pixels=REFERENCE[::-1].copy()))
        matched.add(other, "other")


def as_notes(texts):
    notes = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        notes.add_text(key, text)
    return notes


def test_a_made_pair_says_how_it_was_changed(checkpoint, made, tmp_path):
    with MatchedSet(tmp_path, checkpoint) as matched:
        row = matched.add(made, matched.free_name("made"))
    assert (row.name, row.kind_a, row.kind_b, row.patient_pixels_b) == ("made-001", "made", "made", "0 of 1024")
    assert (row.gesture, row.label, row.amount) == ("grow", "heart", -10.0)
    assert row.changed_outside == 0
    assert read_row(tmp_path / "requests/made-001.json") == row
    told = json.loads((tmp_path / "requests/made-001.json").read_text())["about"]
    assert (told["a"]["kind"], told["b"]["kind"]) == ("made", "made")
    before = read_request(tmp_path / "a/made-001.png")
    assert before.model_dump_json() == made.a.request.model_dump_json()
    assert told["request of a"]["seed"] == made.a.request.seed


def test_a_pair_that_was_not_made_from_the_other_side_is_measured_where_the_masks_agree(
    edited, make_request, image_of
):
    request = make_request(steps=2, seed=3)
    image = image_of(request)
    other = MatchedPair(
        edited.b, Side(image, request.mask, request.used, about(request, image), request), edited.table
    )
    row = other.row("other")
    assert row.reach == 0
    agree = edited.b.mask == request.mask
    assert row.changed_outside == np.mean((edited.b.pixels != image)[agree]) > 0.5


def test_pairs_are_added_and_none_is_overwritten(checkpoint, edited, made, tmp_path):
    with MatchedSet(tmp_path, checkpoint) as matched:
        matched.add(edited, "case-001")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.png")}
    with MatchedSet(tmp_path, checkpoint) as matched:
        assert list(matched.rows) == ["case-001"]
        with pytest.raises(SegPaintError, match=r"in .* already, as case-001"):
            matched.add(edited, "case-002")
        with pytest.raises(SegPaintError, match="is there already, and would be lost"):
            matched.add(made, "case-001")
        assert matched.free_name("case") == "case-002"
        matched.add(made, "case-002")
        with pytest.raises(SegPaintError, match="Another SegPaint is working"):
            MatchedSet(tmp_path, checkpoint)
    assert [row["name"] for row in rows(tmp_path)] == ["case-001", "case-002"]
    assert {path: path.read_bytes() for path in before} == before


def test_the_manifest_is_written_anew_from_the_pairs_that_are_whole(checkpoint, edited, made, tmp_path):
    with MatchedSet(tmp_path, checkpoint) as matched:
        for name, pair in {"first": edited, "second": made}.items():
            matched.add(pair, name)
    whole = (tmp_path / "manifest.csv").read_bytes()
    (tmp_path / "manifest.csv").unlink()
    MatchedSet(tmp_path, checkpoint).close()
    assert (tmp_path / "manifest.csv").read_bytes() == whole
    (tmp_path / matched_files("first")[4]).unlink()
    with MatchedSet(tmp_path, checkpoint) as matched:
        assert list(matched.rows) == ["second"]
        with pytest.raises(SegPaintError, match="would be lost"):
            matched.add(edited, "first")
        matched.add(edited, "first", replaces=True)
    assert (tmp_path / "manifest.csv").read_bytes() == whole


def test_other_folders_and_other_labels_are_refused(checkpoint, other_checkpoint, edited, tmp_path):
    (tmp_path / "scan.png").touch()
    with pytest.raises(SegPaintError, match=r"holds other files, such as scan\.png"):
        MatchedSet(tmp_path, checkpoint)
    MatchedSet(tmp_path / "pairs", checkpoint).close()
    with pytest.raises(SegPaintError, match="have other labels than Other"):
        MatchedSet(tmp_path / "pairs", read_checkpoint(other_checkpoint))
    small = Side(edited.b.pixels[:16], edited.b.mask[:16], edited.b.used, edited.b.about, edited.b.request)
    with pytest.raises(SegPaintError, match="differ in size"):
        MatchedPair(edited.a, small, edited.table)
    with pytest.raises(SegPaintError, match="not known"):
        MatchedPair(edited.b, edited.a, edited.table)
