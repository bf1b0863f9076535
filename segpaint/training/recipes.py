"""Settings that belong together; loads fast, since `segpaint train --help` shows their names."""

from typing import Any

RECIPES: dict[str, dict[str, Any]] = {
    "default": {},
    # Konz et al., arXiv 2402.05210: every subset of the labels equally likely, noise predicted on a linear
    # schedule, the plain error, no average of the weights, and the network of their published checkpoints.
    "published": {
        "encoding": "index_255",
        "space_to_depth": 1,
        "widths": (128, 128, 256, 256, 512, 512),
        "layers_per_block": 2,
        "attention_level": 1,
        "attention_head_dim": 8,
        "prediction": "epsilon",
        "beta_schedule": "linear",
        "min_snr_gamma": 0.0,
        "full_share": 0.0,
        "blank_share": 0.0,
        "free_share": 0.0,
        "learning_rate": 1e-4,
        "warmup_steps": 500,
        "decay_after": 10**9,
        "average": False,
        "augmentation": {"share": 0.0},
        "steps": 50,
    },
}
"""Settings by the name of the recipe; what is left out is the default."""
