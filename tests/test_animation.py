import io
import sys
from functools import partial

import numpy as np
import pytest
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.animation import DESCRIPTION, ENDINGS, Tempo, write_animation

LEVELS = (0, 60, 120, 250)
PACE = Tempo(each=0.2, hold=1.0)


def pictures(levels=LEVELS):
    return [partial(np.full, (64, 96, 3), level, np.uint8) for level in levels]


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_an_animation_is_read_again(ending, tmp_path):
    path = tmp_path / f"film{ending}"
    write_animation(path, pictures(), PACE, "Synthetic: YES, by tiny")
    with Image.open(path) as image:
        assert image.n_frames == 4
        assert image.info["loop"] == 0
        for place, level in enumerate(LEVELS):
            image.seek(place)
            image.load()
            assert image.info["duration"] == (1200 if place == 3 else 200)
            np.testing.assert_allclose(np.asarray(image.convert("RGB")), level, atol=3)
        said = image.info.get("comment", b"").decode() or image.getexif()[DESCRIPTION]
    assert said.startswith("Synthetic: YES, by tiny")


def test_a_video_is_read_again(tmp_path):
    av = pytest.importorskip("av", reason="the extra mp4 is not installed")
    path = tmp_path / "film.mp4"
    write_animation(path, pictures(), PACE, "Synthetic: YES, by tiny")
    with av.open(io.BytesIO(path.read_bytes())) as container:
        assert container.metadata["comment"].startswith("Synthetic: YES")
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 5
    assert len(shown) == 4 + 5
    for picture, level in zip(shown, LEVELS, strict=False):
        np.testing.assert_allclose(picture, level, atol=4)
    np.testing.assert_allclose(shown[-1], LEVELS[-1], atol=4)


def test_a_video_without_its_encoder_gets_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)  # as if it were not installed
    with pytest.raises(SegPaintError, match=r"pip install av.*or save a \.gif"):
        write_animation(tmp_path / "film.mp4", pictures(), PACE, "Synthetic: YES, by tiny")
    assert not list(tmp_path.iterdir())


def test_another_ending_gets_a_sentence(tmp_path):
    with pytest.raises(SegPaintError, match=r"film\.avi names no format"):
        write_animation(tmp_path / "film.avi", pictures(), PACE, "Synthetic: YES, by tiny")


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_animation_that_is_given_up_leaves_the_old_file(ending, tmp_path):
    if ending == ".mp4":
        pytest.importorskip("av", reason="the extra mp4 is not installed")
    path = tmp_path / f"film{ending}"
    path.write_text("old")

    def give_up():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        write_animation(path, [*pictures(), give_up], PACE, "Synthetic: YES, by tiny")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_one_picture_is_an_animation_too(tmp_path):
    write_animation(tmp_path / "one.gif", pictures([9]), PACE, "Synthetic: YES, by tiny")
    with Image.open(tmp_path / "one.gif") as image:
        assert image.size == (96, 64)


def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SegPaintError, match="cannot be written"):
        write_animation(tmp_path / "file" / "film.gif", pictures(), PACE, "Synthetic: YES, by tiny")
