import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.labels.label_mapping import (
    Guess,
    Reason,
    SourceValue,
    guess_targets,
    lookup,
    means_itself,
    with_names,
)
from segpaint.core.labels.labels import BACKGROUND, FREE, Label, LabelTable

HEX = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
NAMES = st.text(min_size=1, max_size=12).map(lambda name: " ".join(name.split())).filter(bool)
COLORS = st.tuples(*[st.integers(0, 255)] * 3)


@st.composite
def tables(draw):
    indices = draw(st.lists(st.integers(1, 254), unique=True, max_size=8))
    names = draw(st.lists(NAMES, unique=True, min_size=len(indices), max_size=len(indices)))
    return LabelTable(
        Label(index=index, name=name, color=draw(HEX)) for index, name in zip(indices, names, strict=True)
    )


@st.composite
def sources(draw):
    indices = draw(st.lists(st.integers(0, 300), unique=True, min_size=1, max_size=12))
    colored = draw(st.booleans())
    return [
        SourceValue(index, 1, draw(COLORS) if colored else None, draw(st.just("") | NAMES)) for index in indices
    ]


def indexed(*indices):
    return [SourceValue(index, 1) for index in indices]


def named(*names):
    return [SourceValue(100 + place, 1, None, name) for place, name in enumerate(names)]


def colored(*colors):
    return [SourceValue(None, 1, color) for color in colors]


def targets(guesses):
    return [guess.target for guess in guesses]


@given(table=tables(), with_colors=st.booleans(), with_labels=st.booleans())
def test_a_table_maps_to_itself(table, with_colors, with_labels):
    own = [
        SourceValue(label.index, 1, label.rgb if with_colors else None, label.name if with_labels else "")
        for label in table
    ]
    ends = [SourceValue(0, 1, (0, 0, 0) if with_colors else None), SourceValue(255, 1)]
    guesses = guess_targets([*own, *ends], table)
    assert targets(guesses) == [*table.indices, BACKGROUND, FREE]
    assert means_itself([*own, *ends], guesses)
    if with_labels:
        assert {guess.reason for guess in guesses[: len(table)]} <= {Reason.NAME}


@given(table=tables(), given_=sources())
def test_a_guess_has_a_reason_and_a_target_that_there_is(table, given_):
    for source, guess in zip(given_, guess_targets(given_, table), strict=True):
        assert (guess.target is None) == (guess.reason is None)
        assert guess.target in {None, BACKGROUND, FREE, *table.indices}
        if guess.reason is Reason.INDEX:
            assert guess.target == source.index
        if guess.reason in (Reason.COLOR, Reason.LIKENESS):
            assert source.color is not None
        if guess.reason is Reason.ORDER:
            assert source.color is None
        if guess.reason is Reason.NAME:
            assert source.name


@given(table=tables(), given_=sources(), order=st.randoms(use_true_random=False))
def test_the_order_of_values_and_labels_does_not_matter(table, given_, order):
    before = dict(zip(given_, guess_targets(given_, table), strict=True))
    shuffled, labels = list(given_), list(table)
    order.shuffle(shuffled)
    order.shuffle(labels)
    assert dict(zip(shuffled, guess_targets(shuffled, LabelTable(labels)), strict=True)) == before


@given(st.lists(st.none() | st.integers(0, 255), max_size=256))
def test_a_mapping_is_a_lookup_of_256_values(chosen):
    rule = lookup(chosen)
    assert rule.shape == (256,)
    assert rule.dtype == np.uint8
    assert rule[: len(chosen)].tolist() == [target or BACKGROUND for target in chosen]
    assert not rule[len(chosen) :].any()


HEAD = LabelTable(
    Label(index=index, name=name, color=color)
    for index, name, color in (
        (1, "LV cavity", "#e4572e"),
        (2, "LV myocardium", "#2ca58d"),
        (5, "spinal cord", "#ffc914"),
        (6, "right parotid", "#a23b72"),
        (7, "left parotid", "#84bc9c"),
        (8, "esophagus", "#17bebb"),
    )
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("lv CAVITY", 1),
        ("LV", 1),
        ("Left ventricle", 1),
        ("MYO", 2),
        ("Spinal Cords", 5),
        ("myocardium", 2),
        ("left ventricular myocardium", 2),
        ("LV-Myo", 2),
        ("SpinalCord", 5),
        ("cord", 5),
        ("Parotid_R", 6),
        ("Parotid (left)", 7),
        ("lt. parotid", 7),
        ("Oesophagus", 8),
        ("Clear Label", BACKGROUND),
        ("free region", FREE),
        ("RV", None),
        ("parotid", None),
        ("ventricle", None),
        ("left", None),
        ("vocal cord", None),
        ("atrium", None),
    ],
)
def test_names_are_known_in_other_spellings_and_no_others(said, meant):
    (guess,) = guess_targets(named(said), HEAD)
    assert guess == Guess(meant, None if meant is None else Reason.NAME)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (["esophagus wall"], [8]),
        (["spinal"], [5]),
        (["Parotid_R, superficial"], [6]),
        (["esophagus", "esophagus wall"], [8, None]),  # the one is surely it
        (["esophagus wall", "upper esophagus"], [None, None]),  # and of two, either may be
        (["left"], [None]),  # a side is no part of the body
    ],
)
def test_a_name_that_says_more_or_less_is_an_unsure_guess(said, meant):
    guesses = guess_targets(named(*said), HEAD)
    assert targets(guesses) == meant
    surely = {guess.target for guess in guesses if guess.reason is Reason.NAME}
    assert surely == ({8} if "esophagus" in said else set())
    assert {guess.reason for guess in guesses if guess.target not in surely} <= {Reason.PART, None}


def test_a_name_that_two_labels_answer_to_is_no_guess():
    table = LabelTable(
        [Label(index=1, name="LV", color="#111111"), Label(index=2, name="LV cavity", color="#222222")]
    )
    assert targets(guess_targets(named("left ventricle", "LV", "LV cavity"), table)) == [None, 1, 2]


def test_names_of_punctuation_alone_are_not_taken_for_each_other():
    table = LabelTable([Label(index=1, name="???", color="#111111")])
    assert targets(guess_targets(named("!!!", "???"), table)) == [None, 1]


def test_a_colour_counts_where_it_is_near_to_one_label_alone(table):
    near, far, between = (0xCE, 0x86, 0x46), (0x20, 0x20, 0xFF), (0xDD, 0xB9, 0x77)
    guesses = guess_targets(colored(near, far, between, (0, 0, 0), (2, 2, 3), (128, 128, 128)), table)
    assert targets(guesses) == [1, None, None, BACKGROUND, None, FREE]
    assert {guess.reason for guess in guesses} == {Reason.COLOR, None}


def test_of_two_colours_the_nearer_one_counts(table):
    assert targets(guess_targets(colored((0xCE, 0x86, 0x46), (0xCC, 0x88, 0x44)), table)) == [None, 1]


def test_labels_of_one_colour_are_not_told_apart_by_it():
    twins = LabelTable(Label(index=index, name=str(index), color="#cc8844") for index in (1, 2))
    assert targets(guess_targets(colored((0xCC, 0x88, 0x44)), twins)) == [None]


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        ((85, 170, 255), (1, 2, 4)),
        ((0, 85, 170, 255), (0, 1, 2, 4)),
        ((200, 0, 60, 120), (4, 0, 1, 2)),
        ((0, 60, 120, 200, 255), (0, 1, 2, 4, FREE)),
        ((0, 1, 2, 9), (0, 1, 2, 4)),
        ((0, 2, 4, 9), (0, 2, 4, None)),  # in order, 2 would be 1
        ((0, 85, 255), (0, None, FREE)),
        ((0, 50, 100, 150, 200), (0, None, None, None, None)),
        ((0, 1000, 2000, 3000), (0, None, None, None)),
    ],
)
def test_as_many_grey_levels_as_labels_are_paired_in_order(table, values, meant):
    guesses = guess_targets(indexed(*values), table)
    assert targets(guesses) == list(meant)
    for value, guess in zip(values, guesses, strict=True):
        assert guess.is_unsure == (guess.target not in (None, value))
    assert not means_itself(indexed(*values), guesses)


def test_white_is_paired_with_a_label_that_is_alone():
    alone = LabelTable([Label(index=3, name="lesion", color="#dd3333")])
    assert guess_targets(indexed(0, 255), alone) == (Guess(0, Reason.INDEX), Guess(3, Reason.ORDER))
    assert targets(guess_targets(indexed(0, 128, 255), alone)) == [0, 3, FREE]
    assert targets(guess_targets(indexed(0, 255), LabelTable([]))) == [0, FREE]


def test_names_are_not_passed_over_for_the_sake_of_pairing(table):
    grey = [SourceValue(85, 9, None, "liver"), *indexed(170, 255)]
    assert targets(guess_targets(grey, table)) == [None, None, FREE]
    bright = [SourceValue(None, 9, color, "liver") for color in ((255, 0, 0), (0, 255, 0), (255, 255, 255))]
    assert targets(guess_targets(bright, table)) == [None] * 3


def test_as_many_colours_as_labels_are_paired_by_likeness(table):
    black, red, yellow, brown = (0, 0, 0), (255, 0, 0), (255, 255, 0), (120, 70, 20)
    guesses = guess_targets(colored(black, red, yellow, brown), table)
    assert targets(guesses) == [BACKGROUND, 2, 4, 1]
    assert [guess.reason for guess in guesses] == [Reason.COLOR, *[Reason.LIKENESS] * 3]
    assert targets(guess_targets(colored(red, yellow), table)) == [None, None]
    # The programs' own first three, of which nothing here is like blue.
    assert targets(guess_targets(colored(red, (0, 255, 0), (0, 0, 255)), table)) == [2, 4, None]


def test_the_ground_of_a_palette_is_paired_with_no_label(table):
    palette = [
        SourceValue(0, 9, (255, 255, 255)),
        SourceValue(1, 9, (255, 0, 0)),
        SourceValue(7, 9, table[1].rgb),
    ]
    assert targets(guess_targets(palette, table)) == [None, None, 1]


def test_what_is_only_paired_is_never_taken_unasked():
    table = LabelTable([Label(index=1, name="a", color="#cc2222"), Label(index=2, name="b", color="#2222cc")])
    swapped = [SourceValue(1, 9, (255, 60, 60)), SourceValue(3, 9, table[2].rgb)]
    guesses = guess_targets(swapped, table)
    assert guesses == (Guess(1, Reason.LIKENESS), Guess(2, Reason.COLOR))
    assert not means_itself(swapped[:1], guesses[:1])


def test_indices_count_where_nothing_else_is_told(table):
    guesses = guess_targets(indexed(0, 1, 3, 4, 255, 1000), table)
    assert targets(guesses) == [0, 1, None, 4, 255, None]
    assert {guess.reason for guess in guesses} == {Reason.INDEX, None}


def test_indices_count_beside_names_that_say_no_more(table):
    numbered = [SourceValue(1, 9, None, "Label 1"), SourceValue(2, 9, None, "segment_2")]
    assert targets(guess_targets(numbered, table)) == [1, 2]


def test_beside_names_only_background_and_free_are_known_by_index(table):
    given_ = [*indexed(0, 255), SourceValue(1, 9, None, "liver"), SourceValue(2, 9, None, "Bone")]
    guesses = guess_targets(given_, table)
    assert targets(guesses) == [0, 255, None, 4]
    assert not means_itself(given_, guesses)


def test_indices_do_not_count_where_a_colour_contradicts_one(table):
    palette = [
        SourceValue(0, 9, (255, 255, 255)),
        SourceValue(1, 9, (9, 99, 200)),
        SourceValue(2, 9, (0xCC, 0x88, 0x44)),
    ]
    assert targets(guess_targets(palette, table)) == [None, None, 1]


def test_a_name_goes_before_a_colour_and_takes_the_label(table):
    heart, bone = (0xDD, 0x33, 0x33), (0xEE, 0xEE, 0xAA)
    given_ = [SourceValue(7, 9, heart, "Bone"), SourceValue(8, 9, bone), SourceValue(9, 9, heart)]
    assert guess_targets(given_, table) == (Guess(4, Reason.NAME), Guess(), Guess(2, Reason.COLOR))


def test_values_are_named_by_index_and_colours_by_colour():
    both = [*indexed(2, 3), *colored((8, 8, 8), (1, 2, 3)), SourceValue(4, 9, (8, 8, 8))]
    named_ = with_names(both, {2: "heart", (8, 8, 8): "bone"})
    assert [source.name for source in named_] == ["heart", "", "bone", "", ""]
