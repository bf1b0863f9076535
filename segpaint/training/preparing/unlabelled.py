"""`segpaint prepare --like`: cuts scans without labels as a prepared data set was, for ``--unlabelled``."""

import shutil
from pathlib import Path

from PIL import Image
from rich.console import Console

from segpaint.core.errors import SegPaintError
from segpaint.core.files import check_writable, encode_png
from segpaint.io.cases import find_scans
from segpaint.io.label_tables import read_label_file
from segpaint.io.volumes import read_unlabelled
from segpaint.training.preparing.settings import RECORD, read_prepared
from segpaint.training.preparing.slices import look_at, resample, window_of
from segpaint.training.progress_bar import ProgressBar


def prepare_unlabelled(folder: Path, out: Path, like: Path, console: Console) -> None:
    """Turn scans into slices without masks.

    Parameters
    ----------
    folder : Path
        Of scans, see `segpaint.io.cases.find_scans`.
    out : Path
        The folder to make; it appears only when it is complete.
    like : Path
        A data set folder that `segpaint prepare` has made: its settings, axis, spacing, and modality are used.

    Raises
    ------
    SegPaintError
        If a scan is faulty, `out` exists, or `like` was made of pictures.
    """
    if out.exists():
        raise SegPaintError(f"{out} exists already; choose another folder, or remove it.")
    record = read_prepared(like / RECORD)
    axis = next((case.axis for case in record.cases.values() if case.axis is not None), None)
    if record.pixel_spacing is None or axis is None:
        raise SegPaintError(f"{like} was made of pictures; scans cannot be cut like them.")
    modality = read_label_file(like / "labels.json").modality or "OT"
    settings = record.settings
    check_writable(out.parent)
    unfinished = out.with_name(f".{out.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a preparation that was killed
    count = 0
    try:
        unfinished.mkdir()
        with ProgressBar(console=console) as bar:
            for case in bar.track(find_scans(folder), description="Cutting slices"):
                stack = read_unlabelled(case, axis)
                found = look_at(case, stack, settings)
                window = window_of(stack, found, settings, modality)
                for index in range(0, len(stack.images), settings.every):
                    image, _ = resample(stack, found, index, window, record.pixel_spacing, settings.size)
                    grey = Image.fromarray(image.squeeze(-1))
                    (unfinished / f"{case.name}_{index:04d}.png").write_bytes(encode_png(grey))
                    count += 1
        unfinished.rename(out)
    except OSError as error:
        raise SegPaintError(f"{out} cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    console.print(f"{count} slices without masks, like those of {like}", markup=False, highlight=False)
