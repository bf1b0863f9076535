"""Plans a paired set in the plain way: every pair at once, and every mask kept.

A plan that builds its pairs when they are asked for must have the same ones.
"""

from itertools import product

from PIL import Image

from segpaint.core.labels.translation import Translation, visible
from segpaint.core.requests.request import Request
from segpaint.core.requests.sampling import count_seeds
from segpaint.paired.naming import attribute_parts, by_folder, splits, suffixes


def plain_plan(specification, masks, checkpoints, precision):
    """Return all pairs, as folder, name, split, and request; and the sentences on those that repeat others."""
    source, seeds = checkpoints[0].table, specification.seeds
    subsets = [source.indices if words is None else source.parse(words) for words in specification.subsets]
    parts = attribute_parts(specification.attributes)
    settings = specification.model_dump(include={"sampler", "steps", "guidance"})
    pairs, notes = [], []
    for folder, checkpoint in by_folder(checkpoints).items():
        table, size = checkpoint.table, checkpoint.description.size
        translation, seen, repeated = Translation(source, table), {}, []
        for mask, split in zip(masks, splits(len(masks), specification.validation), strict=True):
            values = translation.mask(mask.values)
            values = Image.fromarray(values).resize((size, size), Image.Resampling.NEAREST)
            for seed, ((subset, suffix), (known, part)) in product(
                count_seeds(seeds.first, seeds.count),
                product(
                    zip(subsets, suffixes(subsets, source), strict=True),
                    zip(specification.attributes, parts, strict=True),
                ),
            ):
                used = translation.used(subset)
                request = Request.ask(
                    checkpoint, values, precision, used, seed=seed, attributes=known, **settings
                )
                asked = () if checkpoint.description.ignores_mask else used
                key = seed, asked, visible(request.mask, asked, table).tobytes(), *sorted(known.items())
                name = f"{mask.name}_s{seed}{suffix}{part}"
                if key in seen:
                    repeated.append((name, seen[key]))
                else:
                    seen[key] = name
                    pairs.append((folder, name, split, request.model_dump_json()))
        if repeated:
            notes.append(
                f"{checkpoint.description.name}: {len(repeated)} would be the same image as another, such as "
                f"{repeated[0][0]} and {repeated[0][1]}; each is made once."
            )
    return pairs, notes
