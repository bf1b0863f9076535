import json

import numpy as np
import pytest
from pydantic import ValidationError

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE
from segpaint.core.requests.request import Request
from segpaint.io.results import encode_image, read_request


def same(first, second):
    rest = [request.model_dump(exclude={"mask"}) for request in (first, second)]
    return rest[0] == rest[1] and np.array_equal(first.mask, second.mask)


@pytest.fixture
def unusual(make_request, drawn_mask):
    """A request with nothing at its default."""
    mask = drawn_mask.copy()
    mask[5:9, 2:30] = FREE
    return make_request(
        used=(1, 4), sampler="ddpm", steps=13, seed=2**63 - 1, guidance=2.25, precision="bfloat16", mask=mask
    )


def test_json_keeps_all_of_a_request(unusual):
    text = unusual.model_dump_json()
    assert same(Request.model_validate_json(text), unusual)
    assert Request.model_validate_json(text).model_dump_json() == text


def test_a_request_is_frozen_with_a_copy_of_its_mask(make_request, drawn_mask):
    mask = drawn_mask.copy()
    request = make_request(mask=mask)
    mask[:] = 0
    assert np.array_equal(request.mask, drawn_mask)
    with pytest.raises(ValueError, match="read-only"):
        request.mask[0, 0] = 1
    with pytest.raises(ValidationError, match="frozen"):
        request.seed = 3


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 0},
        {"steps": 1001},
        {"seed": -1},
        {"seed": 2**63},
        {"guidance": -0.1},
        {"guidance": float("nan")},
        {"sampler": "euler"},
        {"precision": "float16"},
        {"surprise": 1},
        {"format": 2},
        {"mask": np.zeros((2, 2, 3), np.uint8)},
    ],
    ids=str,
)
def test_a_request_that_cannot_be_answered_is_refused(make_request, changes):
    with pytest.raises(ValidationError):
        make_request(**changes)


def test_a_request_is_read_from_json_and_from_its_image(unusual, tmp_path):
    (tmp_path / "a.json").write_text(unusual.model_dump_json(indent=2))
    (tmp_path / "a.png").write_bytes(encode_image(np.zeros((32, 32), np.uint8), unusual))
    assert same(read_request(tmp_path / "a.json"), unusual)
    assert same(read_request(tmp_path / "a.png"), unusual)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.json", b""),
        ("broken.json", b'{"format": 1'),
        ("list.json", b"[]"),
        ("binary.json", b"\xff\xfe\x00"),
        ("poor.json", b'{"format": 1}'),
        ("empty.png", b""),
        ("text.png", b"not a picture"),
    ],
)
def test_a_file_without_a_request_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SegPaintError) as caught:
        read_request(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("mask", ["", "!!!", "AAAA", None, {}, [[300]], [[1], [1, 2]], [[-1]], 7], ids=str)
def test_a_request_with_a_spoilt_mask_names_the_mask(unusual, tmp_path, mask):
    content = {**json.loads(unusual.model_dump_json()), "mask": mask}
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(SegPaintError, match=r"a\.json cannot be read as a request: mask: "):
        read_request(tmp_path / "a.json")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_truncated_image_is_named(unusual, tmp_path, share):
    noise = np.random.default_rng(0).integers(0, 256, (32, 32), np.uint8)
    content = encode_image(noise, unusual)
    (tmp_path / "a.png").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(SegPaintError, match=r"a\.png"):
        read_request(tmp_path / "a.png")


def test_a_picture_by_somebody_else_holds_no_request(mask_file):
    with pytest.raises(SegPaintError, match="holds no request"):
        read_request(mask_file)


def test_a_missing_file_is_named(tmp_path):
    for name in ("a.json", "a.png"):
        with pytest.raises(SegPaintError, match=name.replace(".", r"\.")):
            read_request(tmp_path / name)


def test_the_engine_checks_that_a_request_is_meant_for_it(tiny_engine, make_request):
    tiny_engine.check(make_request())
    for changes, reason in [
        ({"fingerprint": "0" * 16}, "made with"),
        ({"mask": np.zeros((16, 16), np.uint8)}, "16 x 16"),
        ({"mask": np.full((32, 32), 3, np.uint8)}, "3"),
        ({"used": (1, 9)}, "9"),
    ]:
        with pytest.raises(SegPaintError, match=reason):
            tiny_engine.check(make_request(**changes))
