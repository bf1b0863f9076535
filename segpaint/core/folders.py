"""Lists folders as a user sees them."""

from pathlib import Path


def visible(folder: Path, pattern: str = "*") -> list[Path]:
    """List the paths in a folder that match a pattern, sorted; none if the folder is missing.

    Hidden ones are passed over, and so is what hidden folders hold: macOS leaves a file ``._NAME`` beside each
    file that it copies to a foreign disk.

    Parameters
    ----------
    pattern : str
        As in `pathlib.Path.glob`.
    """
    paths = folder.glob(pattern)
    return sorted(
        path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
