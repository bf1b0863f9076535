"""Puts numbers and names into words, the same way in window, terminal, and files."""

from collections.abc import Sequence


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: 1 image, 2 images, 10,000 images.

    Parameters
    ----------
    plural : str or None
        Of a noun that takes more than an s, or of several words.
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def percentage(share: float) -> str:
    """Format a share, 0 to 1, in percent with at most two digits: 31 %, 1.3 %, 0.04 %."""
    percent = 100 * share
    digits = 0 if percent >= 9.95 or not percent else 1 if percent >= 0.995 else 2
    return f"{percent:.{digits}f} %"


def enumerated(names: Sequence[str]) -> str:
    """List names in a sentence: a, b and c; empty if there are none."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
