"""Options of the command line, made from the fields of settings."""

import argparse
from collections.abc import Iterator
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo


def option(
    default: object,
    about: str,
    group: str = "",
    *,
    flag: str = "",
    metavar: str | list[str] = "",
    **limits: Any,
) -> Any:
    """Define a setting that is an option of the command line, too.

    Parameters
    ----------
    default : object
        `...` if the setting must be given.
    about : str
        The help, in which {} stands for the default.
    group : str
        Options that `add_options` declares together.
    flag : str
        The option as typed, if that is not the setting's own name.
    metavar : str or list of str
        The value's name in the help, if not the flag. With a list, several values can follow.
    **limits
        As in pydantic's `Field`.
    """
    extra: dict[str, Any] = {"group": group, "flag": flag, "metavar": metavar}
    return Field(default, description=about, json_schema_extra=extra, **limits)


def flags(settings: type[BaseModel], group: str = "") -> dict[str, str]:
    """Find the options of a group, as they are typed, by the names of their settings."""
    return {name: flag for name, flag, _, _ in _options(settings, group)}


def add_options(parser: argparse._ActionsContainer, settings: type[BaseModel], group: str = "") -> None:
    """Declare the options of a group; an option that is not given is None."""
    for _, flag, field, metavar in _options(settings, group):
        kind: Any = field.annotation
        if NoneType in get_args(kind):
            kind = get_args(kind)[0]
        value: dict[str, Any] = {"type": kind if kind in (int, float) else str, "metavar": metavar}
        if kind is bool:
            value = {"action": "store_const", "const": not field.default}
        elif get_origin(kind) is Literal:
            value = {"type": type(get_args(kind)[0]), "choices": get_args(kind)}
        elif isinstance(metavar, list):
            value |= {"nargs": "+", "metavar": tuple(metavar)}
        default = field.default
        told = ",".join(map(str, default)) if isinstance(default, tuple) else default
        text = str(field.description).format(f"{told:g}" if isinstance(told, float) else told)
        parser.add_argument(flag, dest=_place(flag), help=text, **value)


def given_options(arguments: argparse.Namespace, settings: type[BaseModel], group: str = "") -> dict[str, Any]:
    """Collect the settings of a group that were given as options."""
    given = {name: getattr(arguments, _place(flag)) for name, flag in flags(settings, group).items()}
    return {name: value for name, value in given.items() if value is not None}


def _place(flag: str) -> str:
    """Name where a value is kept: by the option, since two kinds of settings may have one of the same name."""
    return flag[2:].replace("-", "_")


def _options(settings: type[BaseModel], group: str) -> Iterator[tuple[str, str, FieldInfo, Any]]:
    """Generate name, flag, field and metavar of each option."""
    for name, field in settings.model_fields.items():
        extra: Any = field.json_schema_extra or {}
        if extra.get("group") == group:
            flag = extra["flag"] or f"--{name.replace('_', '-')}"
            yield name, flag, field, extra["metavar"] or flag[2:].replace("-", "_").upper()
