"""What keys are: how they are written, and which of them nobody can tell apart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

Chord: TypeAlias = tuple[int, int]
"""Modifiers and key, as numbers of Qt's."""

SHIFTED = dict(zip('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`", strict=True))
"""What Shift makes of a key of the American keyboard; other keyboards differ, so two such keys may be one."""
SAME = {Qt.Key.Key_Enter: Qt.Key.Key_Return, Qt.Key.Key_Backtab: Qt.Key.Key_Tab}
"""Keys with two names: that of the number block, and Tab with Shift."""


def portable(key: str) -> str:
    """A key as Qt writes it wherever it runs, so as to keep it; empty if it is none."""
    text = QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
    return text if QKeySequence(text) == QKeySequence(key) else ""


def native(key: str) -> str:
    """A key as people read it here."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


@lru_cache(1024)
def chords(key: str) -> tuple[Chord, ...]:
    """What is pressed, one after the other; equal where Qt, on some keyboard, takes one key for the other.

    Parameters
    ----------
    key : str
        In Qt's notation, such as ``Ctrl+Shift+Z`` or ``Ctrl+K, Ctrl+S``.
    """
    sequence = QKeySequence(key)
    return tuple(_chord(sequence[place]) for place in range(sequence.count()))


def clash(first: str, second: str) -> bool:
    """Whether two keys cannot both be had: they are alike, or one is the beginning of the other."""
    shorter, longer = sorted((chords(first), chords(second)), key=len)
    return longer[: len(shorter)] == shorter


def tidy(keys: Iterable[str]) -> tuple[str, ...]:
    """Keys as Qt writes them, without those that are none and those that clash with one before them."""
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
