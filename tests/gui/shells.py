"""A shell without a window: notes what it is asked, and answers as it is told."""

from PySide6.QtWidgets import QMenu


class NotingShell:
    """Stands in for `segpaint.gui.commands.shell.Shell`.

    Attributes
    ----------
    said, warned : list of str
        Sentences of the status line and of the message bar, errors among them.
    asked : list of str
        Kinds of files, or questions.
    offers : list of tuple
        Sentence, answer, and what the answer leads to.
    answers : list
        What the next questions are answered with; None once there are no more.
    opened : list
        Dialogs, which are built and not shown, and menus.
    """

    def __init__(self):
        self.said, self.warned, self.asked, self.offers, self.answers, self.opened = [], [], [], [], [], []
        self.is_closed = False

    def say(self, sentence, milliseconds=6000, until=None):
        self.said.append(sentence)

    def unsay(self, sentence):
        if self.said and self.said[-1] == sentence:
            self.said.append("")

    def warn(self, problem, until=None):
        self.warned.append(str(problem))

    def ask(self, text, answer, action, *, other=None, passing=False, tone="warning", until=None):
        self.offers.append((text, answer, action))
        if other is not None:
            self.offers.append((text, *other))

    def quiet(self):
        self.warned, self.offers = [], []

    def _answer(self, question):
        self.asked.append(question)
        return self.answers.pop(0) if self.answers else None

    def ask_file(self, title, kinds):
        return self._answer(kinds)

    def ask_where(self, title, name, kinds, naming):
        answer = self._answer(kinds)
        return None if answer is None else (naming(*answer)[0], answer[1])

    def ask_folder(self, title):
        return self._answer(title)

    def ask_text(self, title, question, text):
        return self._answer(question) or ""

    def ask_number(self, title, question, number, least, most):
        return self._answer(question)

    def open(self, build):
        self.opened.append(build(None))
        return self.opened[-1]

    beside = open  # noqa: A003 - it is the shell's own name

    def only(self, kind, build):
        return self.open(build)

    def front(self, kind, build):
        return next((dialog for dialog in self.opened if isinstance(dialog, kind)), None) or self.open(build)

    def menu(self):
        return self.open(QMenu)

    def close(self):
        self.is_closed = True
