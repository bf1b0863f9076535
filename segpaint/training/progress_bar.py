"""A progress bar for those who watch, and lines for those who read the log later."""

from __future__ import annotations

import time
from typing import Any

from rich.progress import Progress, TaskID

LINE_SECONDS = 60.0


class ProgressBar(Progress):
    """rich's progress bar; where the output is no terminal, its rows are printed once a minute instead."""

    def __init__(self, *columns: Any, **options: Any) -> None:
        super().__init__(*columns, **options)
        self._told = time.monotonic()

    def update(self, task_id: TaskID, **changes: Any) -> None:
        """As rich's."""
        super().update(task_id, **changes)
        self._tell()

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        """As rich's."""
        super().advance(task_id, advance)
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if not (self.console.is_terminal or self.disable) and now - self._told >= LINE_SECONDS:
            self._told = now
            self.console.print(self.make_tasks_table(self.tasks))
