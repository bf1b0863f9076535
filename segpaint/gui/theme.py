"""How the window looks: neutral greys around the images, one accent, one spacing unit."""

from __future__ import annotations

from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory
from superqt import fonticon

SPACE = 8
"""Every distance is a multiple of half of this, in device-independent pixels."""

SURROUND = "#17181a"
"""Around the images; nothing on the screen is brighter than they."""
WINDOW = "#232528"
RAISED = "#2d3034"
LINE = "#3a3d42"
TEXT = "#d5d7da"
FAINT = "#9a9da3"
ACCENT = "#4c9be8"
WARNING = "#e0a84c"


def icon(key: str, *, checked: str = ACCENT) -> QIcon:
    """An icon of the icon font, in the theme's colours.

    Parameters
    ----------
    key : str
        A glyph key, such as ``MDI7.brush``.
    checked : str
        Its colour while a toggle is on.
    """
    return fonticon.icon(key, color=TEXT, states={"disabled": {"color": "#5c6066"}, "on": {"color": checked}})


def apply_theme(app: QApplication) -> None:
    """Dress the application."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette())
    app.setStyleSheet(_STYLE)


def _palette() -> QPalette:
    palette = QPalette()
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    for target, color in {
        role.Window: WINDOW,
        role.Base: "#1c1d20",
        role.AlternateBase: WINDOW,
        role.Button: RAISED,
        role.ToolTipBase: "#101113",
        role.Mid: LINE,
        role.Dark: "#151618",
        role.Highlight: ACCENT,
        role.Link: ACCENT,
        role.Accent: ACCENT,
    }.items():
        palette.setColor(target, QColor(color))
    for target in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText):
        palette.setColor(target, QColor(TEXT))
        palette.setColor(group.Disabled, target, QColor("#6b6f75"))
    palette.setColor(role.HighlightedText, QColor("#ffffff"))
    palette.setColor(role.PlaceholderText, QColor(FAINT))
    return palette


_STYLE = f"""
QMainWindow::separator {{ width: 0; height: 0; }}
QToolTip {{ color: {TEXT}; background: #101113; border: 1px solid {LINE}; padding: 4px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 4px; }}
QToolButton:hover {{ background: {RAISED}; }}
QToolButton:pressed, QToolButton:checked {{ background: #34383d; border-color: {LINE}; }}
QToolButton#switch:checked {{ background: transparent; border-color: transparent; }}
QToolButton#switch:hover {{ background: #3d4248; }}
QToolButton:focus {{ border-color: {ACCENT}; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 4px; padding: 5px 12px; }}
QPushButton:hover {{ background: #363a3f; }}
QPushButton:focus {{ border-color: {ACCENT}; }}
QPushButton#primary {{ background: #2b6cb0; border-color: #3a7fc6; color: white; }}
QPushButton#primary:hover {{ background: #327abf; }}
QPushButton#primary:disabled {{ background: {RAISED}; border-color: {LINE}; color: #6b6f75; }}
QLabel#heading {{ color: {FAINT}; }}
QLabel#hint {{ color: {FAINT}; font-size: 15px; background: transparent; }}
QFrame#bar, QFrame#panel {{ background: {WINDOW}; border: none; }}
QFrame#rule {{ background: {LINE}; border: none; }}
QLabel#badge {{ background: #3a3122; color: {WARNING}; border-radius: 4px; padding: 3px 8px; }}
QFrame#note {{ background: #d9101113; border-radius: 4px; }}
QFrame#note QLabel {{ color: {TEXT}; }}
QFrame#narration {{ background: #1c2733; border: none; border-top: 1px solid {ACCENT}; }}
QLabel#sentence {{ color: #ffffff; font-size: 19px; }}
QFrame#preview {{ background: #101113; border: 1px solid {LINE}; border-radius: 4px; }}
QFrame#message {{ background: #3a3122; border: none; border-top: 1px solid {WARNING}; }}
QFrame#row {{ border-radius: 4px; }}
QFrame#row:hover {{ background: {RAISED}; }}
QFrame#row[current="true"] {{ background: #31485f; }}
QListView#film {{ background: transparent; border: none; }}
QScrollArea {{ border: none; background: transparent; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 8px; }}
QScrollBar:horizontal {{ height: 8px; }}
QScrollBar::handle {{ background: #4a4e54; border-radius: 4px; min-width: 24px; min-height: 24px; }}
QScrollBar::handle:hover {{ background: #5c6167; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: transparent; border: none; width: 0; height: 0; }}
QSpinBox, QDoubleSpinBox, QComboBox, QLineEdit {{ min-height: 24px; }}
QStatusBar {{ color: {FAINT}; border-top: 1px solid {LINE}; }}
QStatusBar::item {{ border: none; }}
QMenuBar {{ background: {WINDOW}; }}
"""
