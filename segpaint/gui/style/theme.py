"""The theme: dark or light, from the system or chosen by the user."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QFrame, QStyleFactory
from superqt import fonticon

from segpaint.gui.style.style_sheet import palette, style_sheet
from segpaint.gui.style.theme_colors import DARK, LIGHT, Colors

if TYPE_CHECKING:
    from superqt.fonticon._qfont_icon import QFontIcon

SPACE = 8
"""Every distance is a multiple of half of this, in device-independent pixels."""


class Choice(Enum):
    """The theme that the user wants; the values are saved."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class _Glyph:
    """An icon's glyphs, and the names of their colours in `Colors`."""

    key: str
    color: str
    checked_key: str
    checked: str

    def draw_on(self, icon: QFontIcon, colors: Colors) -> None:
        """Draw an icon in the colours of a theme."""
        off, on = QIcon.State.Off, QIcon.State.On
        mode = QIcon.Mode
        icon.addState(off, mode.Normal, color=getattr(colors, self.color))
        icon.addState(off, mode.Disabled, color=colors.disabled)
        icon.addState(on, mode.Normal, glyph_key=self.checked_key, color=getattr(colors, self.checked))
        icon.addState(on, mode.Disabled, glyph_key=self.checked_key, color=colors.disabled)


class Theme(QObject):
    """Styles the application, and reports changes of its colours; see `theme`.

    Palette, style sheet and icons change by themselves, and painting code asks for `colors` each time. Only
    parts that store a colour must listen.

    Parameters
    ----------
    app : QApplication
        Its owner.

    Attributes
    ----------
    colors : Colors
        The active ones.
    """

    changed = Signal()
    """Other colours are active."""
    choice_changed = Signal(Choice)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self.choice = Choice.SYSTEM
        self.colors = DARK
        self._icons: dict[_Glyph, QFontIcon] = {}
        # By its file: superqt would look for it through all that is installed.
        fonticon.addFont(MDI7.__font_file__, MDI7.__name__.lower())
        app.setStyle(QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(self._on_system)
        self._on_system(app.styleHints().colorScheme())
        self._dress()

    def choose(self, choice: Choice) -> None:
        """Choose a theme, or follow the system."""
        if choice is self.choice:
            return
        self.choice = choice
        hints = self._app.styleHints()
        scheme = {Choice.LIGHT: Qt.ColorScheme.Light, Choice.DARK: Qt.ColorScheme.Dark}.get(
            choice, Qt.ColorScheme.Unknown
        )
        if hasattr(hints, "setColorScheme"):  # since Qt 6.8: the frames of the windows follow, too
            hints.setColorScheme(scheme)
        self._take(scheme if choice is not Choice.SYSTEM else hints.colorScheme())
        self.choice_changed.emit(choice)

    def icon(self, glyph: _Glyph) -> QIcon:
        """Make an icon that changes with the theme."""
        if glyph not in self._icons:
            self._icons[glyph] = fonticon.icon(glyph.key)
            glyph.draw_on(self._icons[glyph], self.colors)
        return self._icons[glyph]

    @Slot(Qt.ColorScheme)
    def _on_system(self, scheme: Qt.ColorScheme) -> None:
        if self.choice is Choice.SYSTEM:
            self._take(scheme)

    def _take(self, scheme: Qt.ColorScheme) -> None:
        colors = LIGHT if scheme == Qt.ColorScheme.Light else DARK
        if colors is not self.colors:
            self.colors = colors
            self._dress()
            self.changed.emit()

    def _dress(self) -> None:
        for glyph, icon in self._icons.items():
            glyph.draw_on(icon, self.colors)
        self._app.setStyleSheet("")  # replacing one sheet by another takes three times as long
        self._app.setPalette(palette(self.colors))
        self._app.setStyleSheet(style_sheet(self.colors))


def theme() -> Theme:
    """Get the application's theme."""
    app = QApplication.instance()
    found = _find(app) if app is not None else None
    if found is None:
        raise RuntimeError("There is no theme yet: call `apply_theme` first.")
    return found


def colors() -> Colors:
    """Get the active colours."""
    return theme().colors


def icon(key: str, color: str = "text", *, checked_key: str = "", checked: str = "accent") -> QIcon:
    """Make an icon of the icon font that changes with the theme.

    Parameters
    ----------
    key : str
        A glyph key, such as ``MDI7.brush``.
    color : str
        The name of its colour in `Colors`.
    checked_key : str
        Its glyph while a toggle is on; by default the same.
    checked : str
        The name of its colour while a toggle is on.
    """
    return theme().icon(_Glyph(key, color, checked_key or key, checked))


def set_tone(widget: QFrame, tone: str) -> None:
    """Style it as "faint", as a "warning", "calm" or "aside" (faint and italic); normally if empty."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def apply_theme(app: QApplication) -> None:
    """Style the application from now on."""
    if _find(app) is None:
        Theme(app)


def _find(app: QCoreApplication) -> Theme | None:
    return app.findChild(Theme, options=Qt.FindChildOption.FindDirectChildrenOnly)
