"""Turns the options that `segpaint prepare` and `segpaint train` share into settings."""

import argparse

from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.training.options import given_options
from segpaint.training.preparing.settings import PreparationSettings


def preparation_settings(arguments: argparse.Namespace) -> PreparationSettings:
    """Build the settings from the options.

    Raises
    ------
    SegPaintError
        If one is not valid.
    """
    given = given_options(arguments, PreparationSettings)
    if "window" in given:
        given["window"] = _window(given["window"])
    try:
        return PreparationSettings(seed=arguments.seed, **given)
    except ValidationError as error:
        name, _, problem = first_problem(error).partition(": ")
        raise SegPaintError(f"--{name.partition('.')[0].replace('_', '-')}: {problem}.") from error


def _window(words: list[str]) -> str | tuple[float, float]:
    if len(words) == 1:
        return words[0]
    try:
        low, high = (float(word) for word in words)
    except ValueError as error:
        raise SegPaintError(f"--window {' '.join(words)}: give two numbers, or one name.") from error
    return low, high
