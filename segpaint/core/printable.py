"""Makes text from files safe to show in a terminal, in the window, and in a spreadsheet."""

import re

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str, *, lines: bool = True) -> str:
    r"""Replace control characters by their codes, such as \\x1b.

    A terminal would obey them, and a window would show other words than are there. Tabs stay, and marks of
    direction that names in some scripts need. What turns the direction of text does not.

    Parameters
    ----------
    lines : bool
        Whether line breaks stay, too. In a sentence, one in a name would forge another sentence.
    """
    text = text if lines else text.replace("\n", "\\n")
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def spreadsheet_cell(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would take for a formula, and run."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
