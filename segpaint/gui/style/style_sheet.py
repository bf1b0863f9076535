"""The appearance of Qt's own widgets in a theme's colours."""

from dataclasses import asdict
from string import Template

from PySide6.QtGui import QColor, QPalette

from segpaint.gui.style.theme_colors import NOTE, NOTE_TEXT, PICTURE, PICTURE_TEXT, Colors
from segpaint.paths import read_resource, resources


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
    return Template(read_resource("style.qss")).substitute(
        asdict(colors),
        drop=colors.story.replace("#", "#e6"),
        note=NOTE,
        note_text=NOTE_TEXT,
        picture=PICTURE,
        picture_text=PICTURE_TEXT,
        tick=(resources() / "tick.svg").as_posix(),
    )
