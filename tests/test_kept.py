import itertools
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.runs.thinning import ThinningList

SIZE = 10


@dataclass(frozen=True)
class Item:
    index: int
    nbytes: int = SIZE


def keep(count, room):
    kept = ThinningList(room * SIZE)
    for index in range(count):
        kept.add(Item(index))
    return kept


@given(st.integers(1, 300), st.integers(2, 40))
def test_the_first_and_the_newest_stay_and_the_rest_is_even(count, room):
    kept = keep(count, room)
    indices = [item.index for item in kept]
    assert indices[0] == 0
    assert indices[-1] == count - 1 == kept.newest.index
    distances = {after - before for before, after in itertools.pairwise(indices[:-1])}
    assert len(distances) <= 1
    assert kept.nbytes == len(kept) * SIZE <= max(room, 2) * SIZE
    assert len(kept) == count or len(kept) > room / 2 - 1


@given(st.integers(1, 100), st.integers(2, 20), st.integers(0, 120))
def test_a_step_that_is_not_kept_stands_behind_the_one_before_it(count, room, index):
    kept = keep(count, room)
    indices = [item.index for item in kept]
    assert kept.at(index).index == max(kept_index for kept_index in indices if kept_index <= index)


@given(st.integers(1, 100), st.integers(2, 20), st.data())
def test_a_branch_shares_what_came_before_it(count, room, data):
    kept = keep(count, room)
    index = data.draw(st.integers(0, count - 1))
    branch = kept.until(index)
    before = [item.index for item in kept]
    branch.add(Item(branch.newest.index + 1))
    assert [item.index for item in kept] == before
    assert branch.nbytes == len(branch) * SIZE
    assert branch.at(0) is kept.at(0)


def test_nothing_kept_is_nothing_found():
    kept = ThinningList(100)
    assert kept.newest is None
    assert kept.at(3) is None
    assert list(kept.until(3)) == []
