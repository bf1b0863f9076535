"""The one exception that users see: a sentence saying what was wrong and what to do."""


class SegPaintError(Exception):
    """A problem that the user can mend; its text is shown as it is.

    Commands print it on stderr and exit with code 2; the window shows it in its message bar.
    """
