"""The log of a training, a line for each step."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.reading import LARGEST_RECORD, read_text, reads

LOG = "training/steps.csv"
BOARD = "training/tensorboard"
HEAD = "step,loss,learning_rate,seconds"


class StepLog:
    """Writes a line for each step, and draws it in TensorBoard if that is asked for.

    Parameters
    ----------
    out : Path
        The checkpoint folder.
    step : int
        Steps done so far. Lines of later ones are dropped, since a resumed run takes those steps again.
    board : bool
        Whether to write for TensorBoard, too.

    Raises
    ------
    SegPaintError
        If the log cannot be written, or TensorBoard is not installed.
    """

    def __init__(self, out: Path, step: int, *, board: bool = False) -> None:
        path = out / LOG
        kept = read_lines(path, step) if step and path.exists() else []
        self._board: Any = _board(out / BOARD, step) if board else None
        write_atomically(path, "".join(f"{line}\n" for line in (HEAD, *kept)).encode())
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def add(self, step: int, loss: float, learning_rate: float, seconds: float) -> None:
        """Write the line of a step."""
        self._file.write(f"{step},{loss:.6g},{learning_rate:.6g},{seconds:.2f}\n")
        if self._board is not None:
            self._board.add_scalar("loss", loss, step)
            self._board.add_scalar("learning rate", learning_rate, step)

    def __enter__(self) -> Self:
        """Return the log."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        self._file.close()
        if self._board is not None:
            self._board.close()


@reads("the log of a training", "move it elsewhere")
def read_lines(path: Path, step: int) -> list[str]:
    """Read the lines of the steps up to one.

    Raises
    ------
    SegPaintError
        If the file cannot be read.
    """
    numbered = [(line.partition(",")[0], line) for line in read_text(path, LARGEST_RECORD).splitlines()[1:]]
    return [line for number, line in numbered if number.isdecimal() and int(number) <= step]


def _board(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise SegPaintError(
            "TensorBoard is not installed; leave out --tensorboard, or install segpaint[tensorboard]."
        ) from error
    return SummaryWriter(str(folder), purge_step=step + 1)  # the first that it drops
