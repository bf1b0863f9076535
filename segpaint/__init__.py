"""Paint an anatomical mask and watch a diffusion model turn it into a medical image.

From Python, without a window, `open_checkpoint` is where to begin; ``resources/guide/api.md`` is its guide.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segpaint.api import *  # noqa: F403

    __version__: str
else:  # The API is loaded when it is first used, so that ``segpaint --help`` answers at once.

    def __getattr__(name):
        if name == "__version__":
            return import_module("importlib.metadata").version("segpaint")
        if not name.startswith("_"):
            api = import_module("segpaint.api")
            if name in api.__all__:
                return getattr(api, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return [*globals(), *import_module("segpaint.api").__all__]
