import pytest

from segpaint.core.labels.label_mapping import SourceValue
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.document.mapping_memory import MOST, NAME, MappingMemory


@pytest.fixture
def preferences(tmp_path):
    return Preferences(tmp_path / "preferences.ini")


@pytest.fixture
def memory(preferences):
    return MappingMemory(preferences)


def indexed(*indices):
    return [SourceValue(index, 5) for index in indices]


def test_the_same_values_are_known_in_any_number_and_order(memory, table):
    memory.keep([SourceValue(7, 5, (1, 2, 3), "a"), SourceValue(8, 6)], [4, None], table)
    assert memory.recall([SourceValue(8, 1), SourceValue(7, 99, (1, 2, 3), "a")], table) == (None, 4)


@pytest.mark.parametrize(
    "other", [SourceValue(9, 5), SourceValue(7, 5, (1, 2, 4), "a"), SourceValue(7, 5, (1, 2, 3), "b")]
)
def test_another_number_colour_or_name_is_another_value(memory, table, other):
    memory.keep([SourceValue(7, 5, (1, 2, 3), "a")], [4], table)
    assert memory.recall([other], table) is None


def test_a_file_with_fewer_or_more_values_is_another_file(memory, table):
    memory.keep(indexed(7, 8), [1, 2], table)
    memory.keep(indexed(7, 8, 9), [4, 4, 4], table)
    assert memory.recall(indexed(8, 7), table) == (2, 1)
    assert memory.recall(indexed(9, 8, 7), table) == (4, 4, 4)
    assert memory.recall(indexed(7), table) is None
    assert memory.recall(indexed(7, 8, 9, 10), table) is None


def test_what_is_said_last_counts(memory, table):
    memory.keep(indexed(7, 8), [1, 2], table)
    memory.keep(indexed(8, 7), [2, 4], table)
    assert memory.recall(indexed(7, 8), table) == (4, 2)


def test_other_labels_have_a_memory_of_their_own_and_colours_are_no_matter(memory, table):
    memory.keep(indexed(7), [4], table)
    renamed = LabelTable([Label(index=4, name="liver", color="#cc8844")])
    assert memory.recall(indexed(7), renamed) is None
    recolored = LabelTable(label.model_copy(update={"color": "#123456"}) for label in table)
    assert memory.recall(indexed(7), recolored) == (4,)


def test_labels_are_the_same_in_any_order(memory, table):
    memory.keep(indexed(7), [4], table)
    assert memory.recall(indexed(7), LabelTable(reversed(list(table)))) == (4,)


def test_the_newest_are_kept(memory, preferences, table):
    for index in range(MOST + 1):
        memory.keep(indexed(1000 + index), [1], table)
    assert memory.recall(indexed(1000), table) is None
    assert memory.recall(indexed(1001), table) == (1,)
    assert len(preferences.chosen.mappings.remembered) == MOST


@pytest.mark.parametrize(
    "content", [["no mapping"], [{"labels": 3, "targets": []}], [{"labels": "x", "targets": {"7": "body"}}]]
)
def test_a_file_that_makes_no_sense_is_no_memory(memory, preferences, table, content):
    preferences.set(NAME, content)
    assert memory.recall(indexed(7), table) is None
    memory.keep(indexed(7), [4], table)
    assert memory.recall(indexed(7), table) == (4,)
