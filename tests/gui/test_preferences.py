import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.studio.base.preferences import Preferences

TEXTS = st.text(max_size=20)
VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
    st.lists(TEXTS),
    st.dictionaries(TEXTS, TEXTS),
)


@given(value=VALUES)
def test_what_was_chosen_comes_back_as_what_it_was(value, tmp_path_factory):
    path = tmp_path_factory.mktemp("preferences") / "preferences.ini"
    before = Preferences(path)
    before.set("group/name", value)
    before.flush()
    back = Preferences(path).get("group/name", type(value)())
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("content", ["", "no ini file", "[brush]\nsize=many\n", '[brush]\nsize="\\"nine\\""\n'])
def test_a_file_that_makes_no_sense_leaves_the_defaults(tmp_path, content):
    path = tmp_path / "preferences.ini"
    path.write_text(content)
    assert Preferences(path).get("brush/size", 9) == 9
