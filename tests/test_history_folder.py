"""The folder in which results are kept."""

import numpy as np
import pytest

from segpaint.core.errors import SegPaintError
from segpaint.io import history_files as history
from segpaint.io.history_files import HistoryFolder, read_pixels


@pytest.fixture
def kept(tmp_path, make_request):
    """A history with some results, and their files, oldest first."""
    folder = HistoryFolder(tmp_path / "history")
    pixels = [np.full((32, 32), shade, np.uint8) for shade in range(4)]
    return folder, [folder.add(each, make_request(seed=seed)) for seed, each in enumerate(pixels)]


def test_results_come_back_in_order(kept, tmp_path):
    _, paths = kept
    assert HistoryFolder(tmp_path / "history").open() == paths
    assert [int(read_pixels(path)[0, 0]) for path in paths] == [0, 1, 2, 3]
    assert not read_pixels(paths[0]).flags.writeable


def test_a_history_that_was_never_written_is_empty(tmp_path):
    assert HistoryFolder(tmp_path / "none").open() == []
    assert not (tmp_path / "none").exists()


def test_what_was_deleted_is_gone_for_good_at_the_next_opening(kept):
    folder, paths = kept
    folder.delete(paths[:2])
    folder.take_back(paths[:1])
    assert folder.open() == [paths[0], paths[2], paths[3]]
    with pytest.raises(SegPaintError, match="cannot be moved"):
        folder.take_back([paths[1]])


def test_beyond_the_limit_the_oldest_fall_away_but_no_starred_one(kept, monkeypatch):
    folder, paths = kept
    monkeypatch.setattr(history, "MOST", 2)
    folder.star(paths[:1], on=True)
    assert folder.open() == [paths[0], paths[3]]


def test_damaged_stars_lose_no_results(kept, tmp_path):
    folder, paths = kept
    folder.star(paths[:1], on=True)
    (tmp_path / "history" / "stars.json").write_text("[")
    again = HistoryFolder(tmp_path / "history")
    assert again.open() == paths
    assert not again.is_starred(paths[0])
