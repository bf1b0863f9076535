"""Contact sheets of an evaluation."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from segpaint.evaluation.batches import EvaluationPlan, evenly
from segpaint.training.dataset import DataSet
from segpaint.training.sample_pictures import encode_mixed

GAP = 4
HEAD = 22
NEAREST_SHOWN = 6

Pixels = NDArray[np.uint8]


def draw_seeds(data: DataSet, plan: EvaluationPlan, images: dict[str, Pixels]) -> bytes:
    """Draw unseen masks, their real slices and five seeds of each."""
    cases = plan.seeds[:5]
    rows = [
        [
            _colored(data, row),
            as_rgb(data.val.images[row]),
            *(as_rgb(images[case.name][place]) for case in cases),
        ]
        for place, row in enumerate(cases[0].rows)
    ]
    return draw_sheet(["mask", "real slice", *(f"seed {number + 1}" for number in range(len(cases)))], rows)


def draw_ablation(data: DataSet, plan: EvaluationPlan, images: dict[str, Pixels]) -> bytes:
    """Draw every label left out in turn, in the mask where it is largest; noise is the same on both sides."""
    rows = []
    for index, case in plan.without.items():
        areas = (data.val.masks[case.rows] == index).sum(axis=(1, 2))
        place = int(areas.argmax())
        row = case.rows[place]
        # The model receives the label's parent in its place.
        without = np.where(data.val.masks[row] == index, data.table.erased()[index], data.val.masks[row])
        rows.append(
            [
                as_rgb(data.val.images[row]),
                _colored(data, row),
                as_rgb(images[plan.shown[index].name][place]),
                data.table.colors()[without],
                as_rgb(images[case.name][place]),
            ]
        )
    return draw_sheet(
        ["real slice", "full mask", "generated", "left out", "generated"],
        rows,
        [data.table[index].name for index in plan.without],
    )


def draw_nearest(
    data: DataSet, plan: EvaluationPlan, images: dict[str, Pixels], found: NDArray[np.int64]
) -> bytes:
    """Draw generated images, the nearest training slice of each, and the real slice of the same mask."""
    some = evenly(len(found), NEAREST_SHOWN)
    rows = [
        [as_rgb(images["full"][place]) for place in some],
        [as_rgb(data.train.images[found[place]]) for place in some],
        [as_rgb(data.val.images[plan.full.rows[place]]) for place in some],
    ]
    return draw_sheet([""] * len(some), rows, ["generated", "nearest training slice", "real, same mask"])


def as_rgb(image: Pixels) -> Pixels:
    """Convert an image from shape (channels, height, width) to (height, width, 3)."""
    return np.broadcast_to(np.moveaxis(image, 0, -1), (*image.shape[1:], 3))


def _colored(data: DataSet, row: int) -> Pixels:
    colored: Pixels = data.table.colors()[data.val.masks[row]]
    return colored


def draw_sheet(heads: Sequence[str], rows: Sequence[Sequence[Pixels]], names: Sequence[str] = ()) -> bytes:
    """Draw a PNG of cells of one size under column heads, with row names at the left if there are any."""
    height, width = rows[0][0].shape[:2]
    font = ImageFont.load_default(13)
    lines = [line for name in names for line in name.split("\n")]
    left = GAP + int(max((font.getlength(line) for line in lines), default=0)) + (GAP if names else 0)
    top = HEAD if any(heads) else GAP
    sheet = Image.new(
        "RGB", (left + len(heads) * (width + GAP), top + len(rows) * (height + GAP)), (24, 24, 24)
    )
    pen = ImageDraw.Draw(sheet)
    for column, head in enumerate(heads):
        place = (left + column * (width + GAP) + width // 2, top // 2)
        pen.text(place, head, fill=(220, 220, 220), font=font, anchor="mm")
    for line, row in enumerate(rows):
        y = top + line * (height + GAP)
        if names:
            pen.text((GAP, y + height // 2), names[line], fill=(220, 220, 220), font=font, anchor="lm")
        for column, cell in enumerate(row):
            sheet.paste(Image.fromarray(np.ascontiguousarray(cell)), (left + column * (width + GAP), y))
    return encode_mixed(np.asarray(sheet))
