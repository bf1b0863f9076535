"""Gestures are written in one line: what, of which label, by how much, which way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.masks import gestures
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import Side
from segpaint.core.masks.worded import parse_gesture

HEART = LabelTable(
    (Label(index=1, name="LV cavity", color="#ff0000"), Label(index=2, name="LV myocardium", color="#00ff00"))
)


@pytest.fixture
def ring():
    rows, columns = np.mgrid[:64, :64]
    far = np.hypot(rows - 32, columns - 32)
    return np.where(far < 10, 1, np.where(far < 16, 2, 0)).astype(np.uint8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thicken:LV myocardium:3mm:outward", lambda a: gestures.thicken(a, 2, Side.OUTWARD)),
        ("thicken:lv MYOCARDIUM:3 mm", lambda a: gestures.thicken(a, 2, Side.OUTWARD)),
        ("Thicken:2:2px:inward", lambda a: gestures.thicken(a, 2, Side.INWARD)),
        ("grow:2:1,5mm", lambda a: gestures.grow(a, 1)),
        ("shrink: 2 : 4px", lambda a: gestures.shrink(a, 4)),
        ("remove-islands:2:under 20 px", lambda a: gestures.remove_islands(a, 20)),
        ("fill-holes:2", lambda a: gestures.fill_holes(a)),
    ],
)
def test_a_line_is_a_gesture(ring, text, expected):
    made = parse_gesture(text, HEART).run(ring, HEART, 1.5)
    np.testing.assert_array_equal(made, expected(Anatomy(ring, HEART, 2)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fatten:2:3mm", "no gesture 'fatten'"),
        ("grow", "names no label"),
        ("grow:spleen:3mm", "no label 'spleen'"),
        ("grow:2", "no amount with its unit"),
        ("grow:2:3", "no amount with its unit"),
        ("grow:2:-3mm", "no amount with its unit"),
        ("grow:2:99999mm", "too much"),
        ("grow:2:3mm:outward", "too much"),
        ("thicken:2:3mm:sideways", "not one of outward, inward, both ways"),
    ],
)
def test_what_is_unknown_or_missing_is_named(text, words):
    with pytest.raises(SegPaintError, match=words):
        parse_gesture(text, HEART)


def test_millimetres_need_a_spacing(ring):
    with pytest.raises(SegPaintError, match="give 3 px in place of mm"):
        parse_gesture("grow:2:3mm", HEART).run(ring, HEART, None)
    parse_gesture("grow:2:3px", HEART).run(ring, HEART, None)


def test_a_wall_around_nothing_is_reported(ring):
    alone = np.where(ring == 2, 0, ring)
    with pytest.raises(SegPaintError, match="LV cavity has no inside"):
        parse_gesture("thicken:1:2px:inward", HEART).run(alone, HEART, None)


@given(st.text(max_size=30))
def test_any_other_text_is_a_sentence(text):
    with pytest.raises(SegPaintError, match=r"\.$"):
        parse_gesture(f"{text}:no label", HEART)
