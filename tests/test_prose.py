"""The rules for prose that can be counted; `python tests/prose.py` lists what breaks them."""

import re

import pytest
from prose import (
    DECISIONS,
    GUIDE,
    ROOT,
    find_broken_links,
    find_docstring_faults,
    find_missing_paths,
    find_page_faults,
    pages,
)

NAMING_PATHS = ("CONTRIBUTING.md", "resources/decisions")
"""Pages whose paths into `segpaint` must exist, such as "CONTRIBUTING.md" and "resources/decisions"."""


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_is_plain_prose_whose_links_lead_somewhere(page):
    assert find_page_faults(page) == []
    assert find_broken_links(page) == []


def test_readme_and_contributing_are_short():
    assert len((ROOT / "README.md").read_text().split()) < 1000
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) < 200


def test_the_guide_lists_every_page_and_uses_every_picture():
    index = (GUIDE / "index.md").read_text()
    assert [
        page.name for page in GUIDE.glob("*.md") if page.name != "index.md" and page.name not in index
    ] == []
    text = "".join(page.read_text() for page in (ROOT / "README.md", *GUIDE.glob("*.md")))
    assert [picture.name for picture in GUIDE.glob("*.webp") if picture.name not in text] == []


def test_decisions_are_short_numbered_and_listed():
    records = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
    index = (DECISIONS / "README.md").read_text()
    for number, record in enumerate(records, start=1):
        text = record.read_text()
        assert text.startswith(f"# {number:03}. "), record.name
        assert f"]({record.name})" in index, record.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Choice", "Rejected", "Consequence"]
        assert len(text.splitlines()) <= 25, record.name


def test_pages_name_files_that_exist():
    checked = [page for page in pages() if page.relative_to(ROOT).as_posix().startswith(NAMING_PATHS)]
    assert {page.name: missing for page in checked if (missing := find_missing_paths(page))} == {}


def test_docstrings_are_plain_prose_and_begin_with_a_verb():
    files = sorted((ROOT / "segpaint").rglob("*.py"))
    assert {file.name: faults for file in files if (faults := find_docstring_faults(file))} == {}


# ---- what the check finds


LONG = "Word" + 41 * " word"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The window shows a note. It is short.", []),
        (f"{LONG}.", ["42 words", "42.0 words a sentence"]),
        (f"| a | {LONG} |", ["42 words"]),
        (f"```\n{LONG}\n```", []),
        (" ".join(["word"] * 26) + ".", ["26.0 words a sentence"]),
        ("The dialog says why.", ["'says'"]),
        ("A line which was told of.", ["'told'"]),
        ("The window does not tell.", ["not tell"]),
        ("Colours that are told apart, as you may tell.", []),
        ("One `code span of many words` and [a link](https://x.org) are few words.", []),
    ],
)
def test_faults_of_a_page_are_found(text, found, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(text)
    faults = find_page_faults(page)
    assert len(faults) == len(found)
    for fault, part in zip(faults, found, strict=True):
        assert part in fault


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "other.md").write_text("# A heading, with a comma\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md#a-heading-with-a-comma) [b](other.md#none)\n"
        "![c](none.png) [d](https://x.org) [e](none.md)\n"
    )
    assert find_broken_links(page) == ["other.md#none", "none.png", "none.md"]


def test_faults_of_docstrings_are_found(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        f'''"""A module."""

NUMBER = 1
"""What it says."""


class Thing:
    """A class may begin with a noun."""

    @property
    def size(self):
        """The size, in pixels."""

    def grow(self):
        """Grow.

        Parameters
        ----------
        amount : {LONG}
            In pixels.
        """

    def area(self):
        """The area."""

    def _hidden(self):
        """Whether it is hidden."""


def make():
    """Make one. {LONG}."""
'''
    )
    faults = find_docstring_faults(module)
    assert len(faults) == 3
    for fault, part in zip(faults, ["'says'", "area begins with 'The'", "42 words: Word"], strict=True):
        assert part in fault
