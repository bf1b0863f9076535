"""The appearance of Qt's own widgets in a theme's colours."""

from PySide6.QtGui import QColor, QPalette

from segpaint.gui.style.theme_colors import NOTE, NOTE_TEXT, PICTURE, PICTURE_TEXT, Colors
from segpaint.paths import resources


def palette(colors: Colors) -> QPalette:
    """Set every role, since unset ones follow the system, whose theme may be the other one."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    result = QPalette()
    for target, color in {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.base,
        role.AlternateBase: colors.window,
        role.Text: colors.text,
        role.PlaceholderText: colors.faint,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.primary_text,
        role.Light: colors.hovered,
        role.Midlight: colors.raised,
        role.Mid: colors.line,
        role.Dark: colors.handle,
        role.Shadow: colors.handle_hovered,
        role.Highlight: colors.primary,
        role.Accent: colors.primary,
        role.HighlightedText: colors.primary_text,
        role.Link: colors.accent,
        role.LinkVisited: colors.accent,
        role.ToolTipBase: colors.tip,
        role.ToolTipText: colors.tip_text,
    }.items():
        result.setColor(target, QColor(color))
    for target in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText, role.HighlightedText):
        result.setColor(group.Disabled, target, QColor(colors.disabled))
    for target in (role.Highlight, role.Accent):
        result.setColor(group.Disabled, target, QColor(colors.line))
    return result


def style_sheet(colors: Colors) -> str:
    """Style what the palette does not cover."""
    tick = (resources() / "tick.svg").as_posix()
    return f"""
QMainWindow::separator {{ width: 0; height: 0; }}
QToolTip {{ color: {colors.tip_text}; background: {colors.tip}; border: 1px solid {colors.line};
    padding: 4px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 4px; }}
QToolButton:hover {{ background: {colors.raised}; }}
QToolButton:pressed, QToolButton:checked {{ background: {colors.pressed}; border-color: {colors.line}; }}
QToolButton#mark {{ border: none; padding: 0; }}
QToolButton#switch {{ padding: 3px; }}
QToolButton#switch:checked {{ background: transparent; border-color: transparent; }}
QToolButton#switch:hover {{ background: {colors.hovered}; }}
QToolButton:focus, QToolButton#switch:focus {{ border-color: {colors.accent}; }}
QPushButton {{ background: {colors.raised}; border: 1px solid {colors.line}; border-radius: 4px;
    padding: 5px 12px; }}
QPushButton:hover {{ background: {colors.hovered}; }}
QPushButton:pressed {{ background: {colors.pressed}; }}
QPushButton:focus {{ border-color: {colors.accent}; }}
QPushButton:disabled {{ color: {colors.disabled}; }}
QPushButton#primary {{ background: {colors.primary}; border-color: {colors.primary_line};
    color: {colors.primary_text}; }}
QPushButton#primary:hover {{ background: {colors.primary_hovered}; }}
QPushButton#primary:disabled {{ background: {colors.raised}; border-color: {colors.line};
    color: {colors.disabled}; }}
QLabel#figure {{ font-size: 11px; }}
QLabel#heading, QLabel#figure, QLabel[tone="faint"] {{ color: {colors.faint}; }}
QLabel[tone="warning"] {{ color: {colors.warning}; }}
QLabel[tone="aside"] {{ color: {colors.faint}; font-style: italic; }}
QLabel#hint {{ color: {colors.surround_text}; font-size: 15px; background: transparent; }}
QLabel#picture {{ color: {PICTURE_TEXT}; font-size: 15px; background: {PICTURE}; }}
QFrame#bar, QFrame#panel {{ background: {colors.window}; border: none; }}
QFrame#rule {{ background: {colors.line}; border: none; }}
QLabel#badge {{ background: {colors.warning_surface}; color: {colors.warning}; border-radius: 4px;
    padding: 3px 8px; }}
QFrame#note {{ background: {NOTE}; border-radius: 4px; }}
QFrame#note QLabel {{ color: {NOTE_TEXT}; }}
QFrame#narration {{ background: {colors.story}; border: none; border-top: 1px solid {colors.accent}; }}
QLabel#sentence {{ color: {colors.story_text}; font-size: 19px; }}
QFrame#ring {{ background: transparent; border: 1px solid {colors.accent}; }}
QFrame#drop {{ background: #e6{colors.story.removeprefix("#")}; border: 2px solid {colors.accent};
    border-radius: 4px; }}
QFrame#drop QLabel {{ color: {colors.story_text}; }}
QFrame#preview {{ background: {colors.tip}; border: 1px solid {colors.line}; border-radius: 4px; }}
QFrame#preview QLabel {{ color: {colors.tip_text}; }}
QFrame#gesture {{ background: {colors.window}; border: none; border-top: 1px solid {colors.accent}; }}
QFrame#message {{ background: {colors.window}; border: none; border-top: 1px solid {colors.accent}; }}
QFrame#message[tone="warning"] {{ background: {colors.warning_surface};
    border-top: 1px solid {colors.warning}; }}
QFrame#row {{ border: 1px solid transparent; border-radius: 4px; }}
QFrame#row:hover {{ background: {colors.raised}; }}
QFrame#row[current="true"] {{ background: {colors.selected}; }}
QFrame#row:focus {{ border-color: {colors.accent}; }}
QListView#film {{ background: transparent; border: none; }}
QScrollArea {{ border: none; background: transparent; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 8px; }}
QScrollBar:horizontal {{ height: 8px; }}
QScrollBar::handle {{ background: {colors.handle}; border-radius: 4px; min-width: 24px; min-height: 24px; }}
QScrollBar::handle:hover {{ background: {colors.handle_hovered}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: transparent; border: none; width: 0; height: 0; }}
QCheckBox::indicator, QListView::indicator {{ width: 14px; height: 14px; background: {colors.base};
    border: 1px solid {colors.handle_hovered}; border-radius: 3px; }}
QCheckBox::indicator:checked, QListView::indicator:checked {{ background: {colors.primary};
    border-color: {colors.primary_line}; image: url("{tick}"); }}
QCheckBox::indicator:focus {{ border-color: {colors.accent}; }}
QCheckBox::indicator:disabled, QListView::indicator:disabled {{ border-color: {colors.line};
    background: {colors.window}; }}
QCheckBox::indicator:checked:disabled, QListView::indicator:checked:disabled {{ background: {colors.handle}; }}
QSpinBox, QDoubleSpinBox, QComboBox, QLineEdit {{ min-height: 24px; }}
QStatusBar {{ color: {colors.faint}; border-top: 1px solid {colors.line}; }}
QStatusBar::item {{ border: none; }}
QMenuBar {{ background: {colors.window}; }}
"""
