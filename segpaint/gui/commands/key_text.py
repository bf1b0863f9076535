"""The notation of keys, and which of them cannot be distinguished."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

Chord: TypeAlias = tuple[int, int]
"""Modifiers and key, as Qt's numbers."""

SHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`", strict=True))
"""Characters typed with Shift on the American keyboard; on others, the two may be different keys."""
SAME = {Qt.Key.Key_Enter: Qt.Key.Key_Return, Qt.Key.Key_Backtab: Qt.Key.Key_Tab}
"""Keys with two names: Enter on the number block, and Tab with Shift."""


@lru_cache(1024)
def portable(key: str) -> str:
    """Write a key in Qt's portable notation, for saving; empty if it is invalid."""
    text = QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
    return text if QKeySequence(text) == QKeySequence(key) else ""


def native(key: str) -> str:
    """Format a key for display on this system."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


@lru_cache(1024)
def chords(key: str) -> tuple[Chord, ...]:
    """Split a key into what is pressed; equal if Qt, on some keyboard, mistakes one key for the other.

    Parameters
    ----------
    key : str
        In Qt's notation, such as ``Ctrl+Shift+Z`` or ``Ctrl+K, Ctrl+S``.
    """
    sequence = QKeySequence(key)
    return tuple(_chord(sequence[place]) for place in range(sequence.count()))  # type: ignore[index]


def clash(first: str, second: str) -> bool:
    """Check whether two keys exclude each other: they are equal, or one is the beginning of the other."""
    shorter, longer = sorted((chords(first), chords(second)), key=len)
    return longer[: len(shorter)] == shorter


def tidy(keys: Iterable[str]) -> tuple[str, ...]:
    """Write keys in Qt's notation, without invalid ones and those that clash with an earlier one."""
    return _tidy(tuple(keys))


@lru_cache(1024)
def _tidy(keys: tuple[str, ...]) -> tuple[str, ...]:
    kept: list[str] = []
    for key in map(portable, keys):
        if key and not any(clash(key, other) for other in kept):
            kept.append(key)
    return tuple(kept)


def _chord(combination: QKeyCombination) -> Chord:
    modifiers = combination.keyboardModifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = combination.key()
    character = chr(key.value) if key.value < 128 else ""
    if key == Qt.Key.Key_Backtab or character in SHIFTED:
        modifiers |= Qt.KeyboardModifier.ShiftModifier
    number = ord(SHIFTED[character]) if character in SHIFTED else SAME.get(key, key).value
    return modifiers.value, number
