import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.studio.base.preferences import Choices, Preferences
from segpaint.studio.base.tool_settings import ToolSettings

TEXTS = st.text(max_size=20)
VALUES = st.one_of(
    st.tuples(st.just("files/folder"), TEXTS),
    st.tuples(st.just("window/opacity"), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just("gestures/millimetres"), st.booleans()),
    st.tuples(st.just("tools/size"), st.integers(-(2**40), 2**40)),
    st.tuples(st.just("toggles/smooth"), st.booleans()),
    st.tuples(st.just("keys/own"), st.dictionaries(TEXTS, st.lists(TEXTS))),
)
WRITTEN_BEFORE = r"""[choices]
tool=\"polygon\"

[files]
folder="\"/home/anna/bilder, \\u00e4\""
recent="[{\"path\": \"/a.png\", \"kind\": \"mask\", \"picture\": \"iVB=\"}]"

[gestures]
millimetres=false

[keys]
own="{\"undo\": [\"Ctrl+Z\"], \"redo\": []}"
preset=\"Krita\"

[labels]
colors={\"heart\": {\"left ventricle\": \"#112233\"}}

[mappings]
remembered="[{\"labels\": \"ab\", \"targets\": {\"7\": 4, \"9\": null}}]"

[toggles]
smooth=false

[tools]
size=23
square=true

[window]
opacity=0.8
theme=\"dark\"
"""
"""As SegPaint 0.1 wrote it."""


@given(choice=VALUES)
def test_what_was_chosen_comes_back_as_what_it_was(choice, tmp_path_factory):
    path = tmp_path_factory.mktemp("preferences") / "preferences.ini"
    (name, value), before = choice, Preferences(path)
    before.set(name, value)
    before.flush()
    group, _, field = name.partition("/")
    chosen = getattr(Preferences(path).chosen, group)
    back = chosen[field] if isinstance(chosen, dict) else getattr(chosen, field)
    assert back == value
    assert type(back) is type(value)


def test_what_an_earlier_version_wrote_is_read(tmp_path):
    path = tmp_path / "preferences.ini"
    path.write_text(WRITTEN_BEFORE)
    chosen = Preferences(path).chosen
    assert chosen.model_dump(exclude_unset=True, exclude={"tools"}) == {
        "choices": {"tool": "polygon"},
        "files": {
            "folder": "/home/anna/bilder, ä",
            "recent": ({"path": "/a.png", "kind": "mask", "picture": "iVB="},),
        },
        "gestures": {"millimetres": False},
        "keys": {"own": {"undo": ["Ctrl+Z"], "redo": []}, "preset": "Krita"},
        "labels": {"colors": {"heart": {"left ventricle": "#112233"}}},
        "mappings": {"remembered": ({"labels": "ab", "targets": {"7": 4, "9": None}},)},
        "toggles": {"smooth": False},
        "window": {"opacity": 0.8, "theme": "dark"},
    }
    assert chosen.tools == ToolSettings(size=23, square=True)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no ini file",
        "[tools]\nsize=many\n",
        '[tools]\nsize="\\"nine\\""\n',
        "[tools]\nlength=9\n",
        "[gone]\nsize=9\n",
        "size=9\n",
        "[files]\nrecent=[1]\n",
    ],
)
def test_a_file_that_makes_no_sense_leaves_the_defaults(tmp_path, content):
    path = tmp_path / "preferences.ini"
    path.write_text(content)
    assert Preferences(path).chosen == Choices()


def test_one_choice_that_makes_no_sense_leaves_the_others(tmp_path):
    path = tmp_path / "preferences.ini"
    path.write_text('[tools]\nsize="\\"nine\\""\nsquare=true\n[toggles]\nsmooth=\\"perhaps\\"\nlive=true\n')
    chosen = Preferences(path).chosen
    assert chosen.tools == ToolSettings(square=True)
    assert chosen.toggles == {"live": True}


def test_one_entry_that_makes_no_sense_leaves_the_others(tmp_path):
    path = tmp_path / "preferences.ini"
    preferences = Preferences(path)
    entry = {"path": "/scans/heart.png", "kind": "mask", "picture": ""}
    preferences.set("files/recent", [entry, {**entry, "kind": "song"}, 7])
    preferences.set("labels/colors", {"heart": {"cavity": "#112233", "wall": "red"}, "head": 5})
    chosen = preferences.chosen
    assert [recent.path for recent in chosen.files.recent] == ["/scans/heart.png"]
    assert chosen.labels.colors == {"heart": {"cavity": "#112233"}}
