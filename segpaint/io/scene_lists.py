"""Lists of scenes for the stage, as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from segpaint.core.files import write_atomically
from segpaint.core.reading import read_model, reads

SUFFIX = ".scenes.json"
MOST = 1000
"""Scenes in a list."""
LONGEST = 200
"""Letters in a caption."""


class Scene(BaseModel, frozen=True, extra="forbid"):
    """A result, a request, or a mask that is taken up on the stage, or a story that plays there.

    Attributes
    ----------
    file : str
        In a file, relative to the folder of the list where it lies below that; absolute elsewhere. Empty for
        a story.
    story : str
        Its key, see `segpaint.studio.view.stage.Stage.list_stories`; empty for a file.
    caption : str
        What the stage shows above it.
    """

    file: str = ""
    story: str = Field(default="", max_length=LONGEST)
    caption: str = Field(default="", max_length=LONGEST)

    @model_validator(mode="after")
    def _check_one(self) -> Scene:
        if bool(self.file) == bool(self.story):
            raise ValueError("names a file and a story, or neither")
        return self

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.file)


class _SceneList(BaseModel, frozen=True, extra="forbid"):
    format: Literal[1] = 1
    scenes: tuple[Scene, ...] = Field(default=(), max_length=MOST)


@reads("a list of scenes", "correct it")
def read_scenes(path: Path) -> tuple[Scene, ...]:
    """Read a list of scenes, with their files found from its folder.

    Raises
    ------
    SegPaintError
        If it cannot be read or is not valid.
    """
    folder = path.absolute().parent
    scenes = read_model(path, _SceneList).scenes
    return tuple(
        scene if scene.story else scene.model_copy(update={"file": str(folder / scene.file)})
        for scene in scenes
    )


def write_scenes(path: Path, scenes: tuple[Scene, ...]) -> None:
    """Write a list of scenes; files below its folder are named from there, so that both can be moved.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    folder = path.absolute().parent
    placed = [
        scene.model_copy(update={"file": scene.path.relative_to(folder).as_posix()})
        if scene.file and scene.path.is_relative_to(folder)
        else scene
        for scene in scenes
    ]
    content = _SceneList(scenes=tuple(placed)).model_dump(mode="json")
    content["scenes"] = [{name: text for name, text in scene.items() if text} for scene in content["scenes"]]
    write_atomically(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())
