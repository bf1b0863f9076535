"""The worker's thread, and the messages to it."""

from PySide6.QtCore import QThread, Signal

from segpaint.core.runs.messages import Asked, Control
from segpaint.studio.runs.worker import Worker


class WorkerThread(QThread):
    """Passes messages to the worker on a thread of its own."""

    _asked = Signal(object)

    def __init__(self, device: str) -> None:
        super().__init__()
        self.setObjectName("segpaint worker")
        self.answers = Worker(device)
        """Emits the answers; connect only bound methods of QObjects."""
        self.mailbox = self.answers.mailbox
        self._is_over = False
        self.answers.moveToThread(self)
        self.finished.connect(self.answers.deleteLater)
        self._asked.connect(self.answers.ask)

    def ask(self, message: Asked) -> None:
        """Send the worker a message; its signals answer."""
        self._asked.emit(message)

    def begin(self) -> None:
        """Start the thread, unless it has been ended already; earlier messages wait until then."""
        if not self._is_over:
            self.start()

    def end(self) -> None:
        """Finish the current step and end the thread."""
        self._is_over = True
        self.ask(Control.STOP)
        self.quit()
        self.wait()
        self.answers.release()
