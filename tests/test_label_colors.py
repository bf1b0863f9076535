"""Colours that a user chooses for labels: those of a table, of a file, of a palette for everybody."""

import numpy as np
import pytest

from segpaint.core.labels.color_vision import colors_for_everybody, distances
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.labels.palette import OKABE_ITO
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.paths import find_checkpoint
from segpaint.studio.document.document import Document


def flat(*names):
    return LabelTable(
        Label(index=index, name=name, color=f"#0000{index:02x}") for index, name in enumerate(names, start=1)
    )


def test_a_recoloured_table_differs_in_nothing_but_colours(table):
    recolored = table.recolored({2: "#123456", 99: "#ffffff"})
    assert [label.color for label in recolored] == [table[1].color, "#123456", table[4].color]
    assert recolored.recolored({2: table[2].color}) == table
    assert recolored.nested() == tuple(recolored[label.index] for label in table.nested())


def test_colours_of_another_table_are_taken_by_name_and_else_by_index():
    ours, theirs = flat("Body", "heart", "bone", "lung"), flat("HEART", "liver", "spleen")
    assert ours.colors_in(theirs) == {2: "#000001", 3: "#000003"}  # 1 is a heart there, and 4 nothing
    assert ours.colors_in(ours) == {label.index: label.color for label in ours}
    assert ours.colors_in(flat()) == {}


@pytest.mark.parametrize("count", range(1, 8))
def test_few_labels_get_the_published_palette(count):
    table = flat(*map(str, range(count)))
    assert set(colors_for_everybody(table).values()) == set(OKABE_ITO[:count])


def test_neighbours_stay_apart_for_every_vision():
    table = read_checkpoint(find_checkpoint("head-neck-ct-128")).table

    def nearest(colors):
        apart = distances([colors[index] for index in table.indices])
        return min(
            apart[one, other]
            for one, inner in enumerate(table)
            for other, outer in enumerate(table)
            if one != other and (outer.index in table.ancestors(inner.index) or inner.parent == outer.parent)
        )

    # No two of the published seven are nearer than 0.076.
    assert nearest(colors_for_everybody(table)) > 0.07
    assert nearest({label.index: label.color for label in table}) < 0.04


@pytest.mark.parametrize("count", [0, 8, 40, 254])
def test_no_colour_is_given_twice(count):
    colors = colors_for_everybody(flat(*map(str, range(count))))
    assert len(set(colors.values())) == len(colors) == count


def test_distances_are_those_of_the_vision_that_tells_least():
    apart = distances(["#000000", "#ffffff", "#d40000", "#4e6600", "#0000ff"])
    assert apart[0, 1] == pytest.approx(1, abs=1e-3)
    np.testing.assert_array_equal(apart, apart.T)
    assert apart[2, 3] < 0.15 < apart[2, 4]  # red and olive are alike to many


def test_the_request_knows_nothing_of_colours(tiny_checkpoint, drawn_mask):
    document = Document(read_checkpoint(tiny_checkpoint), drawn_mask)
    before, fingerprint = document.request("float32"), document.checkpoint.fingerprint
    changes = []
    document.labels_changed.connect(lambda: changes.append(document.table[2].color))
    document.set_colors({2: "#123456"})
    document.set_colors({2: "#123456"})
    assert changes == ["#123456"]
    assert document.request("float32").model_dump_json() == before.model_dump_json()
    assert read_checkpoint(tiny_checkpoint).fingerprint == fingerprint == before.fingerprint
    assert document.checkpoint.table[2].color != "#123456"
    document.set_colors({})
    assert document.table == document.checkpoint.table
