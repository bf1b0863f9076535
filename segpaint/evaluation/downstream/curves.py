"""The picture of segmenters' Dice against the number of their training patients."""

import math
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from segpaint.core.files import encode_png
from segpaint.evaluation.downstream.plan import ARMS

COLORS = {
    "real": "#222222", "synthetic": "#ee7733", "both": "#0077bb", "chosen": "#009988", "rare": "#aa3377",
}  # fmt: skip
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM, GAP = 520, 400, 60, 44, 20, 52, 16
APART = 9
"""Pixels between the points of two arms at one number of patients, so that their intervals can be seen."""


def draw_curves(figures: Mapping[str, Any]) -> bytes:
    """Draw the mean Dice, and that in the tails, with their intervals, as a PNG."""
    picture = Image.new("RGB", (2 * WIDTH + GAP, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    for place, (key, title) in enumerate((("mean", "all unseen slices"), ("tails", "rare ones alone"))):
        _draw_panel(pen, place * (WIDTH + GAP), title, figures["sizes"], key)
    return encode_png(picture)


def _draw_panel(pen: ImageDraw.ImageDraw, left: int, title: str, sizes: Any, key: str) -> None:
    font = ImageFont.load_default(14)
    known: list[float] = [
        size["arms"][arm][key][end]
        for size in sizes
        for arm in ARMS
        for end in ("value", "low", "high")
        if not math.isnan(size["arms"][arm][key][end])
    ]
    pen.text((left + LEFT, 6), f"Dice, {title}", fill="#222222", font=font)
    if not known:
        pen.text((left + LEFT, 24), "too few slices", fill="#444444", font=font)
        return
    low, high = min(known) - 0.02, max(known) + 0.02

    def across(column: int, arm: int) -> float:
        share = (column + 0.5) / len(sizes)
        return left + LEFT + share * (WIDTH - LEFT - RIGHT) + APART * (arm - (len(ARMS) - 1) / 2)

    def down(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    for step in range(5):
        value = low + step / 4 * (high - low)
        pen.line([(left + LEFT, down(value)), (left + WIDTH - RIGHT, down(value))], fill="#dddddd")
        pen.text((left + LEFT - 8, down(value)), f"{value:.2f}", fill="#444444", font=font, anchor="rm")
    for column, size in enumerate(sizes):
        place = (across(column, 2), HEIGHT - BOTTOM + 8)
        pen.text(place, str(size["patients"]), fill="#444444", font=font, anchor="mt")
    middle = left + (LEFT + WIDTH - RIGHT) / 2
    pen.text((middle, HEIGHT - 8), "training patients", fill="#444444", font=font, anchor="mb")
    for number, arm in enumerate(ARMS):
        found = [(across(column, number), size["arms"][arm][key]) for column, size in enumerate(sizes)]
        points = [(x, down(one["value"])) for x, one in found if not math.isnan(one["value"])]
        if len(points) > 1:
            pen.line(points, fill=COLORS[arm], width=2)
        for x, y in points:
            pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill=COLORS[arm])
        for x, one in found:
            if not math.isnan(one["low"]):
                pen.line([(x, down(one["low"])), (x, down(one["high"]))], fill=COLORS[arm], width=1)
        pen.text((left + LEFT + 90 * number, 24), arm, fill=COLORS[arm], font=font)
