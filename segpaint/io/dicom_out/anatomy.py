"""Codes of what labels show, for DICOM SEG."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

ALIASES = {
    "lv cavity": "LeftVentricle",
    "lv": "LeftVentricle",
    "rv cavity": "RightVentricle",
    "rv": "RightVentricle",
    "lv myocardium": "LeftVentricleMyocardium",
    "myocardium": "Myocardium",
    "body": "EntireBody",
    "bone": "Bone",
    "air": "Air",
    "brainstem": "BrainStem",
    "parotid": "ParotidGland",
    "oesophagus": "Esophagus",
    "tumor": "Neoplasm",
    "tumour": "Neoplasm",
    "lesion": "Lesion",
}
"""Names in use, with pydicom's name of the code of SNOMED CT."""
CATEGORIES = {"Air": "Substance", "Neoplasm": "MorphologicallyAbnormalStructure"}
LISTS = ("CID4", "CID7151", "CID7166")
"""The standard's lists of anatomic regions, of segmented structures, and of tissues."""
SIDE = re.compile(r"(?:^(left|right)[ _]|[ _,(]+(left|right|l|r)\)?$)", re.IGNORECASE)


@dataclass(frozen=True)
class Anatomy:
    """The codes of a label: category, type, and side, each of pydicom's `Code`.

    Attributes
    ----------
    side : Code or None
    """

    category: Any
    kind: Any
    side: Any = None


def anatomy_of(name: str) -> Anatomy:
    """Find the codes of a label by its name; an anatomical structure if the name is not known.

    Parameters
    ----------
    name : str
        In English, such as "left kidney" or "parotid gland, right".
    """
    from pydicom.sr.codedict import codes

    found = SIDE.search(name)
    plain = _plain(SIDE.sub("", name))
    keyword = ALIASES.get(plain)
    kind = getattr(codes.SCT, keyword) if keyword else _known().get(plain)
    if kind is None:
        return Anatomy(codes.SCT.AnatomicalStructure, codes.SCT.AnatomicalStructure)
    category = getattr(codes.SCT, CATEGORIES.get(keyword or "", "AnatomicalStructure"))
    if found is None:
        return Anatomy(category, kind)
    is_left = (found[1] or found[2]).lower().startswith("l")
    return Anatomy(category, kind, codes.SCT.Left if is_left else codes.SCT.Right)


@cache
def _known() -> dict[str, Any]:
    """Read the meanings of all codes in the lists of the standard."""
    from pydicom.sr.codedict import codes

    listed = [getattr(codes, name) for name in LISTS]
    return {
        _plain(code.meaning): code for each in listed for code in (getattr(each, name) for name in each.dir())
    }


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.casefold()))
