"""The deck, its journal, and its quotas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.errors import SegPaintError
from segpaint.paired.choices import Choice, Decision, append_choice, read_choices
from segpaint.paired.deck import Deck

PLACES = [("", name) for name in "abcde"]
DECISIONS = [Decision.TAKEN, Decision.LEFT, Decision.LATER]


def choose(deck, decision, place=None):
    choice = Choice.now(place or next(iter(deck)), decision)
    deck.decide(choice)
    return choice


def test_what_is_put_off_comes_after_the_others():
    deck = Deck(PLACES)
    for decision in (Decision.LATER, Decision.TAKEN, Decision.LEFT):
        choose(deck, decision)
    assert [name for _, name in deck] == ["d", "e", "a"]
    assert [deck.count(decision) for decision in DECISIONS] == [1, 1, 1]
    assert deck.last_taken == ("", "b")


def test_undo_puts_a_candidate_first():
    deck = Deck(PLACES)
    assert deck.undo() is None
    choose(deck, Decision.LATER)
    choose(deck, Decision.TAKEN)
    assert deck.undo() == ("", "b")
    assert deck.undo() == ("", "a")
    assert list(deck) == PLACES
    assert deck.in_force() == {}


def test_a_new_candidate_comes_first_and_a_withdrawn_one_waits_again():
    deck = Deck(PLACES)
    taken = choose(deck, Decision.TAKEN)
    deck.add(("", "new"))
    assert next(iter(deck)) == ("", "new")
    deck.withdraw(taken.place)
    assert next(iter(deck)) == taken.place
    assert len(deck) == 6


@given(st.lists(st.sampled_from([*DECISIONS, Decision.UNDONE]), max_size=30))
def test_the_journal_brings_the_deck_back(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("journal") / "choices.jsonl"
    path.touch()
    deck = Deck(PLACES)
    for step in steps:
        if step is Decision.UNDONE:
            place = deck.undo()
            if place is not None:
                append_choice(path, Choice.now(place, step))
        elif len(deck):
            append_choice(path, choose(deck, step))
    again = Deck(PLACES, read_choices(path))
    assert list(again) == list(deck)
    assert again.in_force() == deck.in_force()
    assert again.last_taken == deck.last_taken
    assert again.undo() == deck.undo()


def test_a_torn_line_costs_no_other(tmp_path):
    path = tmp_path / "choices.jsonl"
    first, second = (Choice.now(place, Decision.TAKEN, 1.5, 0.5) for place in PLACES[:2])
    append_choice(path, first)
    with path.open("a") as file:
        file.write(second.model_dump_json()[:20])
    append_choice(path, second)
    assert read_choices(path) == [first, second]


def test_a_journal_that_cannot_be_written_is_reported(tmp_path):
    with pytest.raises(SegPaintError, match="cannot be written"):
        append_choice(tmp_path / "none" / "choices.jsonl", Choice.now(PLACES[0], Decision.LEFT))
