"""The terminal that commands report to."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from segpaint.core.printable import printable


class Terminal(Console):
    """rich's console on stderr, which shows names from files as they are: no markup, no control characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"stderr": True, "markup": False, "highlight": False, **options})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as rich does; control characters that are not rich's own become visible."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))
