"""The project: a document in a file of the user's, with where its reference lies and how it was looked at."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import decode, parse_model, reads
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.frozen import FrozenMask
from segpaint.core.requests.origins import digest_of
from segpaint.io.project_files import HEAD, WORK, read_parts, write_parts
from segpaint.io.references import read_reference
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.unsaved_work import UnsavedWork, work_of


class KeptView(BaseModel, frozen=True, extra="forbid"):
    """How a document was looked at.

    Attributes
    ----------
    centre : tuple of float or None
        In pixels of the image; None while the whole image was fitted.
    zoom : float
        Screen pixels per image pixel.
    opacity : float
        Of the labels, 0 to 1.
    """

    centre: tuple[FiniteFloat, FiniteFloat] | None = None
    zoom: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    opacity: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)
    is_outlined: bool = False


class ReferencePlace(BaseModel):
    """A reference without its pixels.

    Attributes
    ----------
    path : str
        Its file; empty if nobody knows it.
    digest : str
        Of its pixels, see `segpaint.core.requests.origins.digest_of`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    path: str
    digest: str
    mask: FrozenMask
    used: tuple[int, ...]
    is_resampled: bool = False
    pixel_spacing: float | None = None


class Head(BaseModel, frozen=True, extra="forbid"):
    """What a project holds besides the document.

    Attributes
    ----------
    reference : ReferencePlace or None
        None if there is none, or if a copy of it lies in the document.
    """

    format: Literal[1] = 1
    view: KeptView
    reference: ReferencePlace | None = None


class Project(BaseModel, frozen=True):
    """A document, with the rest."""

    head: Head
    work: UnsavedWork


def project_of(document: Document, view: KeptView, path: str, *, copies_reference: bool) -> Project:
    """Take up a document's state.

    Parameters
    ----------
    path : str
        The file of the reference.
    copies_reference : bool
        Whether the project holds the pixels of the reference, a patient's, instead of their place.
    """
    work, reference = work_of(document), document.reference
    if copies_reference or reference is None:
        return Project(head=Head(view=view), work=work)
    place = ReferencePlace(
        name=reference.name, path=path, digest=digest_of(reference.image), mask=reference.mask,
        used=reference.used, is_resampled=reference.is_resampled, pixel_spacing=reference.pixel_spacing,
    )  # fmt: skip
    bare = work.model_copy(update={"reference": None, "request": work.request.withheld()})
    return Project(head=Head(view=view, reference=place), work=bare)


def write_project(path: Path, project: Project, checkpoint: Checkpoint) -> None:
    """Write a project; reads all weights for their fingerprint, if nobody has yet.

    Raises
    ------
    SegPaintError
        If it cannot be written.
    """
    request = project.work.request.model_copy(update={"fingerprint": checkpoint.fingerprint})
    work = project.work.model_copy(update={"request": request})
    parts = {HEAD: project.head, WORK: work}
    write_parts(path, {name: part.model_dump_json(indent=2).encode() for name, part in parts.items()})


@reads("a project")
def read_project(path: Path) -> Project:
    """Read a project.

    Raises
    ------
    SegPaintError
        If it is missing, damaged, or of a newer format.
    """
    parts = read_parts(path)
    head, work = parse_model(decode(parts[HEAD]), Head), parse_model(decode(parts[WORK]), UnsavedWork)
    return Project(head=head, work=work)


def find_reference(place: ReferencePlace, checkpoint: Checkpoint) -> Reference:
    """Read the reference of a project from where it lay.

    Raises
    ------
    SegPaintError
        If it is gone, or its pixels are others by now.
    """
    description = checkpoint.description
    if not place.path:
        raise SegPaintError(f"Nobody knows where its reference {place.name} lies; open that by hand.")
    for fit in (Fit.STRETCH, Fit.PAD) if place.is_resampled else (None,):
        try:
            image = read_reference(place.path, description.size, description.channels, fit)
        except WrongSizeError:
            break
        if digest_of(image) == place.digest and place.mask.shape == image.shape[:2]:
            return Reference(place.name, image, place.mask, place.used, place.is_resampled, place.pixel_spacing)
    raise SegPaintError(f"Its reference {place.path} shows another image by now; open the right one by hand.")
