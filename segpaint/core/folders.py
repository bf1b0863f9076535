"""Lists folders as a user sees them."""

from pathlib import Path

JUNK = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin")
"""What Windows, macOS and disk stations leave in folders, in small letters."""


def visible(folder: Path, pattern: str = "*") -> list[Path]:
    """List the paths in a folder that match a pattern, sorted; none if the folder is missing.

    Hidden ones are passed over, and so is what hidden folders hold: macOS leaves a file ``._NAME`` beside each
    file that it copies to a foreign disk. So are others that systems leave by themselves.

    Parameters
    ----------
    pattern : str
        As in `pathlib.Path.glob`; that of an ending, such as ``*.png``, in any case.
    """
    if pattern.startswith("*."):
        pattern = "".join(f"[{sign.lower()}{sign.upper()}]" if sign.isalpha() else sign for sign in pattern)
    return sorted(
        path for path in folder.glob(pattern) if not any(map(is_junk, path.relative_to(folder).parts))
    )


def is_junk(name: str) -> bool:
    """Check whether a system left a file or folder by itself, or hides it."""
    return name.startswith(".") or name.casefold() in JUNK
