import argparse

import pytest
from pydantic import BaseModel

from segpaint.training.options import add_options, flags, given_options, option


class Settings(BaseModel):
    size: int = option(128, "pixels (default {})", ge=8)
    rate: float = option(5e-4, "default {}", flag="--learning-rate")
    widths: tuple[int, ...] = option((64, 128), "default {}")
    whole: bool = option(True, "cut", flag="--cut")
    window: str | None = option(None, "where", metavar=["LOW", "HIGH"])
    other: int = option(1, "of another group", "other")
    fixed: int = 3


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser()
    add_options(parser, Settings)
    return parser


def test_only_what_was_given_is_collected(parser):
    assert given_options(parser.parse_args([]), Settings) == {}
    words = ["--learning-rate", "0.1", "--cut", "--window", "0", "80"]
    given = {"rate": 0.1, "whole": False, "window": ["0", "80"]}
    assert given_options(parser.parse_args(words), Settings) == given


def test_an_option_belongs_to_one_group():
    assert flags(Settings, "other") == {"other": "--other"}
    assert "other" not in flags(Settings)


def test_the_help_shows_defaults_as_they_are_typed(parser):
    printed = " ".join(parser.format_help().split())
    assert "--size SIZE pixels (default 128)" in printed
    assert "--learning-rate LEARNING_RATE default 0.0005" in printed
    assert "default 64,128" in printed
    assert "--window LOW [HIGH ...]" in printed
