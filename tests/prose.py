"""Counts what can be counted of the rules for prose, in pages and in docstrings.

Run ``python tests/prose.py`` to list every offender, or ``python tests/prose.py segpaint/core`` for one folder.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "resources" / "guide"
DECISIONS = ROOT / "resources" / "decisions"
LONGEST = 40
"""Words of a sentence at most."""
MEAN = 25
"""Words of a sentence at most, on average over a file."""

SPEECH = re.compile(
    r"\b(?:tells|told|says|said)\b(?! apart)"
    r"|\b(?:it|that|which|window|dialog|bar|line|list|button|message|program|command|segpaint|model|file|page)\b"
    r" (?:\w+ ){0,2}(?:tell|say)\b",
    re.IGNORECASE,
)
"""Software that speaks, where it should show or report; people may tell colours apart."""

VERBS = frozenset(
    re.findall(
        r"\w+",
        """
    accept act add adjust advance agree align allow announce answer append apply arrange ask assemble attach
    augment average be begin bind blend blur bring build cache call cancel change check choose clamp
    classify clean clear close collect colour combine compare compile compose compress compute connect consume
    continue convert copy correct count cover create crop cut deactivate decide declare decode deduplicate
    define delay delete denoise deny describe detect determine dim disable discard disconnect dispatch display
    divide do download drag draw drop edit emit empty enable encode end enforce ensure enter erase estimate
    evaluate examine exchange execute expand explain export extend extract fade fail feed fetch fill filter
    find finish fit flatten flip flush focus fold follow forget format forward freeze gather generate get
    give go group grow guess halt handle have hear hide highlight hold ignore import include increase infer
    initialise insert inspect install interpolate invert join judge keep launch lay lead learn leave let
    lift limit link list listen load locate lock log look loop lower make map mark match measure merge
    migrate mirror mix modify move multiply name normalise note notify offer omit open order outline pack
    pad paint pair parse paste pause perform pick pin place plan play predict prepare preserve press prevent
    print process produce project propose provide publish push put quit raise react read receive record redo
    reduce refresh refuse register release reload remember remove rename render repeat replace report
    request require resample rescale reset resize resolve respond restart restore resume retry return reveal
    reverse revert rewrite rotate round run sample save scale scan schedule scroll search select send
    separate serialise set shift show shrink shut simulate skip smooth solve sort split spread stack start
    step stop store stretch style subtract sum suspend swap switch synchronise take test thicken thin tick
    toggle track train transform translate trim try turn undo unite unlock unpack unpin update use validate
    verify visit wait walk warn watch weigh weight widen work wrap write yield zoom
    """,
    )
)
"""What the docstring of a function may begin with; add a verb that is missing, but none for speech."""


# ---- pages


def pages() -> list[Path]:
    """List the pages whose prose is checked."""
    tops = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*tops, *sorted(GUIDE.glob("*.md")), *sorted(DECISIONS.glob("*.md"))]


@dataclass(frozen=True)
class Piece:
    """A paragraph, list item, heading or table cell.

    Attributes
    ----------
    line : int
        The first, counted from 1.
    text : str
        Without markup; a code span is one word.
    is_running : bool
        Neither a heading nor a cell, which are short and would lower the mean.
    """

    line: int
    text: str
    is_running: bool = True

    @property
    def sentences(self) -> list[str]:
        """The text, cut after full stops, question and exclamation marks."""
        return re.split(r"(?<=[.!?])[\"')*]*\s+(?=[\"'(\[*A-Z0-9])", self.text)


def read_pieces(markdown: str) -> Iterator[Piece]:
    """Cut a page into pieces; code blocks and comments are left out."""
    markdown = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    held: list[str] = []
    first, in_code = 0, False
    for number, line in enumerate([*markdown.splitlines(), ""], start=1):
        stripped = line.strip()
        if stripped.startswith("```"):
            in_code = not in_code
            stripped = ""
        elif in_code:
            continue
        starts_anew = not stripped or re.match(r"([-*+]|\d+\.|#+|>)\s|\|", stripped)
        if starts_anew and held:
            yield Piece(first, _plain(" ".join(held)))
            held = []
        if stripped.startswith("|"):
            cells = re.split(r"(?<!\\)\|", stripped.strip("|"))
            yield from (Piece(number, _plain(cell), is_running=False) for cell in cells if cell.strip(" -:"))
        elif stripped.startswith("#"):
            yield Piece(number, _plain(stripped.lstrip("# ")), is_running=False)
        elif stripped:
            first = first if held else number
            held.append(re.sub(r"^(?:[-*+]|\d+\.|>)\s+", "", stripped))


def _plain(text: str) -> str:
    text = re.sub(r"(`+).+?\1", "Code", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)", "", text).strip()


def count_words(text: str) -> int:
    """Count what has a letter or a digit in it."""
    return len(re.findall(r"\S*\w\S*", text))


def find_faults(pieces: list[Piece]) -> Iterator[str]:
    """Report long sentences, a high mean, and software that speaks.

    Yields
    ------
    str
        A line number and what is wrong.
    """
    lengths = []
    for piece in pieces:
        for sentence in piece.sentences:
            words = count_words(sentence)
            if words > LONGEST:
                yield f"{piece.line}: {words} words: {sentence[:60]}…"
            if piece.is_running and words:
                lengths.append(words)
        spoken = SPEECH.search(piece.text)
        if spoken:
            yield f"{piece.line}: {spoken.group()!r}: {piece.text[max(0, spoken.start() - 30) :][:80]}"
    if lengths and sum(lengths) > MEAN * len(lengths):
        yield f"1: {sum(lengths) / len(lengths):.1f} words a sentence on average"


def find_page_faults(page: Path) -> list[str]:
    """List what is wrong with the prose of a page."""
    return list(find_faults(list(read_pieces(page.read_text(encoding="utf-8")))))


LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)")


def find_broken_links(page: Path) -> list[str]:
    """List the relative links and pictures of a page that lead nowhere, headings of pages among them."""
    text = re.sub(r"```.*?```|`[^`\n]+`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = page.parent / path if path else page
        if not place.exists() or (anchor and anchor not in _anchors(place)):
            broken.append(target)
    return broken


def _anchors(page: Path) -> set[str]:
    """List the headings of a page as links name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def find_missing_paths(page: Path) -> list[str]:
    """List the files and folders of the package that a page names and that do not exist."""
    names = re.findall(r"`(?:segpaint/)?([a-z_]+/[a-z_/]*(?:\.py)?)`", page.read_text(encoding="utf-8"))
    rooms = {path.name for path in (ROOT / "segpaint").iterdir() if path.is_dir()}
    rooms |= {"studio", "verbs"}
    return [name for name in names if name.split("/")[0] in rooms and not (ROOT / "segpaint" / name).exists()]


# ---- docstrings


def find_docstring_faults(path: Path) -> list[str]:
    """List what is wrong with the docstrings of a module.

    Every one is checked for long sentences and for software that speaks. Those of public functions and methods
    are checked for their first word, too.
    """
    faults, pieces = [], []
    for node, text in _docstrings(ast.parse(path.read_text(encoding="utf-8"))):
        line = getattr(node, "lineno", 1)
        pieces += [Piece(line, _plain(piece)) for piece in _running_text(text)]
        word = re.split(r"[\s.,:;]", text, maxsplit=1)[0]
        if _begins_with_verb(node) and word.lower() not in VERBS:
            faults.append(f"{line}: {node.name} begins with {word!r}")
    return sorted([*faults, *find_faults(pieces)], key=lambda fault: int(fault.partition(":")[0]))


def _docstrings(module: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Find every docstring with what it belongs to; one below a constant or a signal belongs to itself."""
    owned = set()
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (text := ast.get_docstring(node)) is not None:
            owned.add(id(node.body[0]))
            yield node, text
        elif isinstance(node, ast.Expr) and id(node) not in owned:
            text = node.value.value if isinstance(node.value, ast.Constant) else None
            if isinstance(text, str):
                yield node, inspect.cleandoc(text)


def _begins_with_verb(node: ast.AST) -> bool:
    """Pick out public functions and methods; a property is named by a noun."""
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return False
    return not any(
        "property" in ast.unparse(one) or ".setter" in ast.unparse(one) for one in node.decorator_list
    )


def _running_text(docstring: str) -> Iterator[str]:
    """Cut a numpydoc docstring into paragraphs, without names of sections, entries with types, and examples."""
    section, held = "", []
    lines = [*docstring.splitlines(), ""]
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        stripped = line.strip()
        is_head = bool(stripped) and re.fullmatch(r"-{3,}", below.strip()) is not None
        if is_head:
            section = stripped
        is_entry = section not in ("", "Notes") and line[:1].strip() != ""
        is_rule = re.fullmatch(r"-{3,}", stripped) is not None
        is_code = section == "Examples" or stripped.startswith((">>>", "..."))
        if not stripped or is_head or is_rule or is_entry or is_code or stripped.startswith("- "):
            if held:
                yield " ".join(held)
            held = [stripped[2:]] if stripped.startswith("- ") and not is_entry else []
        else:
            held.append(stripped)
    if held:
        yield " ".join(held)


def main(places: list[str]) -> int:
    """Print every fault in some files or folders, or in all; 1 if there are any."""
    wanted = [Path(place).resolve() for place in places] or [*pages(), ROOT / "segpaint"]
    files = [file for place in wanted for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]
    count = 0
    for file in files:
        faults = find_docstring_faults(file) if file.suffix == ".py" else find_page_faults(file)
        if file.suffix == ".md":
            faults += [f"leads nowhere: {target}" for target in find_broken_links(file)]
            faults += [f"names what is not there: {path}" for path in find_missing_paths(file)]
        for fault in faults:
            sys.stdout.write(f"{file.relative_to(ROOT)}:{fault}\n")
        if faults:
            sys.stdout.write(f"{file.relative_to(ROOT)}: {len(faults)} in all\n")
        count += len(faults)
    return int(count > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
