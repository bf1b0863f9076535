"""Paint an anatomical mask and watch a diffusion model turn it into a medical image.

From Python, without a window, `open_checkpoint` is where to begin; ``resources/guide/api.md`` is its guide.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

__version__ = version("segpaint")

if TYPE_CHECKING:
    from segpaint.api import *  # noqa: F403
else:  # The API is loaded when it is first used, so that ``segpaint --help`` answers at once.

    def __getattr__(name):
        if not name.startswith("_"):
            api = import_module("segpaint.api")
            if name in api.__all__:
                return getattr(api, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return [*globals(), *import_module("segpaint.api").__all__]
