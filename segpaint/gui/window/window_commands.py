"""The commands of the window itself: its regions, its theme, what it is."""

from collections.abc import Callable
from functools import partial

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command, Submenu, Toggle, switch
from segpaint.gui.commands.shell import Shell
from segpaint.gui.style.theme import Choice, theme
from segpaint.gui.window.panels import ALONE, FOLDED, panel_switch
from segpaint.studio.studio import Studio

PANELS = "View/Panels"


def want(key: str) -> Callable[[Studio, Shell], None]:
    """Make a handler that has a part of the window come to the front."""

    def run(studio: Studio, _shell: Shell) -> None:
        studio.view.wanted.emit(key)

    return run


def open_about(studio: Studio, shell: Shell) -> None:
    """Show what this program is."""
    from segpaint.gui.window.about_box import AboutBox

    shell.open(partial(AboutBox, studio.background, shell))


def open_guide(_studio: Studio, shell: Shell) -> None:
    """Open the guide, or bring it to the front."""
    from segpaint.gui.window.guide_window import GuideWindow

    shell.front(GuideWindow, GuideWindow)


def hide_panels(studio: Studio, shell: Shell, on: bool) -> None:
    """Show the panes alone, or the panels with them."""
    studio.view.switches.set(ALONE, on)
    if on:
        shell.say("The panels are hidden. View > Panels > Panes alone brings them back.", 4000)


def _panel_row(name: str, text: str, hint: str, place: int) -> Toggle:
    return switch(
        panel_switch(name), text=text, hint=hint, menu=PANELS, place=place, group="View", remembered=True,
        default=True,
    )  # fmt: skip


def _theme_row(choice: Choice, text: str, hint: str, place: int) -> Toggle:
    return Toggle(
        key=f"theme_{choice.value}", text=text, hint=hint, menu="View/Theme", place=place, choice="theme",
        run=lambda _studio, _shell, _on: theme().choose(choice),
        is_on=lambda _studio: theme().choice is choice,
    )  # fmt: skip


ROWS = (
    Command(
        key="next_region", text="Next region", run=want("next_region"), menu="View", place=700,
        keys=("F6",), hint="Lead the keys to the next part of the window",
    ),
    Command(
        key="previous_region", text="Previous region", run=want("previous_region"), menu="View", place=701,
        keys=("Shift+F6",), hint="And to the one before",
    ),
    Submenu(path=PANELS, place=699),
    switch(
        ALONE, text="Panes alone", run=hide_panels, menu=PANELS, place=100, keys=("F9",), group="View",
        icon=MDI7.arrow_expand_all, hint="Hide all panels: mask, image, and timeline have the window",
    ),
    _panel_row("tools", "Tools", "The strip of tools on the left", 200),
    _panel_row("column", "Right column", "Model, labels, reference, and request", 201),
    _panel_row("model", "Model", "The choice of the model, in the right column", 202),
    _panel_row("labels", "Labels", "The list of labels, in the right column", 203),
    _panel_row("reference", "Reference", "The real image, in the right column", 204),
    _panel_row("request", "Request", "Sampler, steps, guidance, and seed, in the right column", 205),
    _panel_row("status", "Status line", "What is under the pointer, at the bottom", 206),
    switch(
        FOLDED, text="Fold the tools", menu=PANELS, place=300, group="View", remembered=True,
        hint="One column of tools instead of two, where the window is high enough",
    ),
    Command(
        key="reset_layout", text="Reset the layout", run=want("reset_layout"), menu=PANELS, place=301,
        group="View", hint="Show all panels again, and put the borders between them back",
    ),
    Submenu(path="View/Theme", place=702),
    _theme_row(Choice.SYSTEM, "Follow the system", "Light or dark, as the system is", 100),
    _theme_row(Choice.LIGHT, "Light", "The light theme", 101),
    _theme_row(Choice.DARK, "Dark", "The dark theme", 102),
    Command(
        key="guide", text="Guide", run=open_guide,
        menu="Help", place=99, icon=MDI7.book_open_outline,
        hint="Read how everything is done, and search it",
    ),
    Command(
        key="about", text="About SegPaint", run=open_about, menu="Help", place=200,
        icon=MDI7.information_outline, hint="Its version; copy a report of this installation",
    ),
    Command(
        key="tour", text="Tour", run=want("tour"), menu="Help", place=100, icon=MDI7.play_circle_outline,
        hint="Three stories of a minute each, in a window of their own",
    ),
)  # fmt: skip
