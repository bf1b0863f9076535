"""Numbers are put into words in one way, wherever they are shown."""

import ast
import re
from pathlib import Path

import pytest

import segpaint
from segpaint.core.words import counted, enumerated, percentage

SOURCES = sorted(Path(segpaint.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 axes"), (1, "1 axis"), (2, "2 axes"), (12_345, "12,345 axes")]
)
def test_a_noun_follows_its_number(count, words):
    assert counted(count, "axis", "axes") == words


def test_a_plural_is_made_with_an_s():
    assert (counted(1, "unseen slice"), counted(3, "unseen slice")) == ("1 unseen slice", "3 unseen slices")


def test_a_share_is_in_percent_after_a_space():
    assert [percentage(share) for share in (1, 0.125, 0.013, 0)] == ["100 %", "12 %", "1.3 %", "0 %"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_text_leaves_the_number_open_or_joins_the_percent_sign(source):
    nodes = list(ast.walk(ast.parse(source.read_text(encoding="utf-8"))))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if "(s)" in text] == []
    values = [node for node in nodes if isinstance(node, ast.FormattedValue) and node.format_spec]
    formats = [ast.unparse(value.format_spec).strip("f'\"") for value in values]
    assert [form for form in formats if re.fullmatch("[^%]*%", form)] == []


def test_names_are_listed_as_in_a_sentence():
    assert enumerated([]) == ""
    assert enumerated(["bone"]) == "bone"
    assert enumerated(["bone", "air"]) == "bone and air"
    assert enumerated(["bone", "air", "liver"]) == "bone, air and liver"
