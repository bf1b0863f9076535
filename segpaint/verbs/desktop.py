"""The verb `segpaint desktop`: puts the program into the menu of a Linux desktop, for this user."""

import argparse
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from segpaint.core.errors import SegPaintError

TYPE = "application/x-segpaint"
ENTRY = f"""[Desktop Entry]
Type=Application
Name=SegPaint
Comment=Paint an anatomical mask, and watch it become a medical image
Exec={{command}} %f
Icon=segpaint
MimeType={TYPE};
Categories=Science;MedicalSoftware;
"""
MIME = f"""<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{TYPE}">
    <comment>SegPaint project</comment>
    <sub-class-of type="application/zip"/>
    <icon name="segpaint"/>
    <glob pattern="*.segpaint"/>
  </mime-type>
</mime-info>
"""
APPLICATIONS, TYPES = "applications", "mime"
SECONDS = 60
"""How long a desktop may take to read its folders anew."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--remove", action="store_true", help="take all of it away again")


def run(arguments: argparse.Namespace) -> None:
    """Write desktop entry, file type and icon, or remove them."""
    if not sys.platform.startswith("linux"):
        raise SegPaintError(
            "Menus are made on Linux alone; on this system, make a shortcut to segpaint by hand."
        )
    from segpaint.core.files import write_together
    from segpaint.core.terminal import Terminal

    data = _data()
    files = _files(data)
    if arguments.remove:
        for path in files:
            with suppress(FileNotFoundError):
                path.unlink()
    else:
        write_together(files)
    _refresh(data)
    done = "Removed" if arguments.remove else "Written"
    console = Terminal(stderr=False)
    for path in files:
        console.print(f"{done}: {path}", soft_wrap=True, markup=False, highlight=False)


def _data() -> Path:
    """Find the user's folder of data; a relative one is ignored, as the standard of freedesktop.org asks."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".local" / "share"


def _files(data: Path) -> dict[Path, bytes | Path]:
    from segpaint.paths import resources

    return {
        data / APPLICATIONS / "segpaint.desktop": ENTRY.format(command=_command()).encode(),
        data / TYPES / "packages" / "segpaint.xml": MIME.encode(),
        data / "icons" / "hicolor" / "scalable" / "apps" / "segpaint.svg": resources() / "icon.svg",
    }


def _command() -> str:
    """Write the command with which the program was installed, quoted as a desktop entry asks."""
    beside = Path(sys.executable).with_name("segpaint")
    words = [str(beside)] if beside.is_file() else [sys.executable, "-m", "segpaint"]
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    for sign in '\\"`$':
        word = word.replace(sign, f"\\{sign}")
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'


def _refresh(data: Path) -> None:
    """Have the desktop read its folders anew, where it has the programs for it; it does so later by itself."""
    for program, folder in (("update-mime-database", TYPES), ("update-desktop-database", APPLICATIONS)):
        found = shutil.which(program)
        if found is not None and (data / folder).is_dir():
            with suppress(OSError, subprocess.TimeoutExpired):
                words = [found, str(data / folder)]
                subprocess.run(words, check=False, capture_output=True, timeout=SECONDS)  # noqa: S603 - our words
