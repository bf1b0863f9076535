"""Writes animations: GIF and WebP by Pillow, MP4 by PyAV, which includes an encoder."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint import __version__
from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically

Picture = Callable[[], NDArray[np.uint8]]
"""Draws a picture, shape (height, width, 3), only when needed, since all at once would fill the memory."""

ENDINGS = (".gif", ".webp", ".mp4")
DESCRIPTION, SOFTWARE = 0x010E, 0x0131  # tags of EXIF


@dataclass(frozen=True)
class Tempo:
    """How long pictures are shown.

    Attributes
    ----------
    each : float
        Seconds for each picture.
    hold : float
        Seconds more for the last.
    """

    each: float = 0.125
    hold: float = 2.0

    def durations(self, count: int) -> list[int]:
        """List the milliseconds of each of some pictures."""
        return [*[round(1000 * self.each)] * (count - 1), round(1000 * (self.each + self.hold))]


def write_animation(path: Path, pictures: Sequence[Picture], pace: Tempo, note: str) -> None:
    """Write an animation whole or not at all, in the format of its ending.

    Errors of a picture pass on to the caller.

    Parameters
    ----------
    path : Path
        ``.gif``, ``.webp`` or ``.mp4``.
    pictures : sequence of callable
        At least one; all of one even size.
    note : str
        Goes into the metadata: what the images are, see `segpaint.core.requests.kinds`.

    Raises
    ------
    SegPaintError
        If the ending is another one, PyAV is missing, or the file cannot be written.
    """
    match path.suffix.lower():
        case ".gif":
            content = _encode_gif(pictures, pace, note)
        case ".webp":
            content = _encode_webp(pictures, pace, note)
        case ".mp4":
            content = _encode_mp4(pictures, pace, note)
        case _:
            raise SegPaintError(
                f"{path.name} names no format for animations; let it end in .gif, .webp or .mp4."
            )
    write_atomically(path, content)


def _images(pictures: Sequence[Picture]) -> Iterator[Image.Image]:
    return (Image.fromarray(picture()) for picture in pictures)


def _encode_gif(pictures: Sequence[Picture], pace: Tempo, note: str) -> bytes:
    first, *others = (image.quantize(dither=Image.Dither.NONE) for image in _images(pictures))
    buffer = io.BytesIO()
    first.save(
        buffer, "GIF", save_all=True, append_images=others, duration=pace.durations(len(pictures)), loop=0,
        comment=f"{note} (SegPaint {__version__})".encode(),
    )  # fmt: skip
    return buffer.getvalue()


def _encode_webp(pictures: Sequence[Picture], pace: Tempo, note: str) -> bytes:
    first, *others = _images(pictures)
    about = Image.Exif()
    about[DESCRIPTION], about[SOFTWARE] = note, f"SegPaint {__version__}"
    buffer = io.BytesIO()
    first.save(
        buffer, "WEBP", save_all=True, append_images=others, duration=pace.durations(len(pictures)), loop=0,
        exif=about.tobytes(), quality=90, method=2,
    )  # fmt: skip
    return buffer.getvalue()


def _encode_mp4(pictures: Sequence[Picture], pace: Tempo, note: str) -> bytes:
    try:
        import av
    except ImportError:
        raise SegPaintError(
            "MP4 needs an encoder that is not installed: run pip install av, or save a .gif or a .webp."
        ) from None

    rate = (1 / Fraction(pace.each)).limit_denominator(1000)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        container.metadata.update({"comment": note, "encoder": f"SegPaint {__version__}"})
        stream = container.add_stream("libx264", rate=rate, options={"crf": "16"})
        stream.pix_fmt = "yuv420p"  # every player supports it
        for number, picture in enumerate(pictures):
            pixels = picture()
            if number == 0:
                stream.height, stream.width = pixels.shape[:2]
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            # Frames of a video last equally long, so the last one is repeated.
            times = 1 + (round(pace.hold / pace.each) if number == len(pictures) - 1 else 0)
            for _ in range(times):
                frame.pts = None
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()
