"""Whose image something was made from, so that no figure mixes two patients."""

from segpaint.core.requests.origins import Counterfactual, Similarity, Withheld, digest_of
from segpaint.core.requests.request import Request


def patient_of(request: Request | None) -> str | None:
    """Return the digest of the real image that a request edits or comes near to, given or withheld.

    None if the request is made from a mask alone.
    """
    match request.origin if request is not None else None:
        case Counterfactual() | Similarity() as origin:
            return digest_of(origin.image)
        case Withheld() as origin:
            return origin.digest
    return None


def mixes(one: str | None, other: str | None) -> bool:
    """Check whether two images, each that of a patient or None, are of two patients."""
    return one is not None and other is not None and one != other
