"""Keys of the row of digits, on keyboards that type digits there only with Shift, such as AZERTY.

A command with the key ``1`` then runs by the key at that place, whatever it types. The character is learned
when the key is pressed. A place that types an accent for the next letter stays without, since Qt sees no
character.
"""

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

DIGITS = tuple(map(ord, "1234567890"))
"""As Qt numbers their keys, from left to right."""
WINDOWS = tuple(range(2, 12))
"""Scan codes of the row."""
XKB = tuple(range(10, 20))
"""Scan codes under X11 and Wayland."""
MAC = (18, 19, 20, 21, 23, 22, 26, 28, 25, 29)
"""Virtual keys; macOS has no scan codes."""
LAST_CHARACTER = 0x10FFFF
"""Greater numbers are keys without a character, such as those of accents."""


def digit_at(event: QKeyEvent, platform: str) -> int | None:
    """Find the digit of a key's place on the keyboard; None if it is elsewhere, or its place unknown.

    Parameters
    ----------
    platform : str
        Name of Qt's platform plugin.
    """
    code = event.nativeVirtualKey() if platform == "cocoa" else event.nativeScanCode()
    codes = {"cocoa": MAC, "windows": WINDOWS}.get(platform, XKB)
    return DIGITS[codes.index(code)] if code in codes else None


class DigitRow(QObject):
    """Learns what a window's user types by the row of digits."""

    changed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._typed: dict[int, int] = {}  # the key that is at a digit's place
        window.installEventFilter(self)

    def placed(self, sequence: QKeySequence) -> QKeySequence | None:
        """Write a key by what is typed at its digits' places; None if that is nothing else."""
        if not self._typed:
            return None
        combinations = [sequence[number] for number in range(sequence.count())]  # type: ignore[index]
        typed = [
            QKeyCombination(one.keyboardModifiers(), Qt.Key(self._typed.get(one.key().value, one.key().value)))
            for one in combinations
        ]
        return QKeySequence(*typed) if typed != combinations else None

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        # It comes before Qt looks for a command, and here only if no field types the key.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self._learn(event)
        return False

    def _learn(self, event: QKeyEvent) -> None:
        key, modifiers = int(event.key()), event.modifiers()
        is_placed = event.nativeScanCode() or event.nativeVirtualKey()
        if not is_placed or modifiers & Qt.KeyboardModifier.KeypadModifier or key > LAST_CHARACTER:
            return
        # A key that comes from elsewhere, or with Shift, is of another keyboard.
        typed = {digit: other for digit, other in self._typed.items() if other != key}
        digit = digit_at(event, QGuiApplication.platformName())
        if digit is not None and not modifiers & Qt.KeyboardModifier.ShiftModifier:
            typed.pop(digit, None)
            if key not in DIGITS:
                typed[digit] = key
        if typed != self._typed:
            self._typed = typed
            self.changed.emit()
