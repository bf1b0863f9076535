"""A progress bar in a terminal, and lines in a log."""

import time
from types import TracebackType
from typing import Any

from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TextColumn, TimeRemainingColumn

LINE_SECONDS = 60.0


class ProgressBar(Progress):
    """rich's progress bar; if the output is no terminal, its rows are printed once a minute instead.

    After an error it is cleared, so that the error's sentence stands alone.
    """

    def __init__(self, *columns: Any, **options: Any) -> None:
        super().__init__(*columns, **options)
        self._told = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop as rich does; after an error without the last row, and the empty line that a log would get."""
        if kind is None:
            super().__exit__(kind, error, trace)
        else:
            self.live.transient = True
            self.live.stop()

    @classmethod
    def get_default_columns(cls) -> tuple[ProgressColumn, ...]:
        """Return rich's columns, with a space before the percent sign as everywhere here."""
        percent = TextColumn("{task.percentage:>3.0f} %", style="progress.percentage")
        return TextColumn("{task.description}"), BarColumn(), percent, TimeRemainingColumn()

    def update(self, task_id: TaskID, **changes: Any) -> None:
        """Update as rich does."""
        super().update(task_id, **changes)
        self._tell()

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        """Advance as rich does."""
        super().advance(task_id, advance)
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if not (self.console.is_terminal or self.disable) and now - self._told >= LINE_SECONDS:
            self._told = now
            self.console.print(self.make_tasks_table(self.tasks))
