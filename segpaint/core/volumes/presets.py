"""The windows that radiologists use; it needs no numpy, since the help of commands lists them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A recommended window.

    Attributes
    ----------
    width, level : float
        Its width and middle, in the values' unit.
    """

    name: str
    width: float
    level: float

    @property
    def lowest(self) -> float:
        """The value shown as black."""
        return self.level - self.width / 2

    @property
    def highest(self) -> float:
        """The value shown as white."""
        return self.level + self.width / 2


CT = {
    "soft": Preset("Soft tissue", 400, 40),
    "lung": Preset("Lung", 1500, -600),
    "bone": Preset("Bone", 1800, 400),
    "brain": Preset("Brain", 80, 40),
    "liver": Preset("Liver", 160, 60),
    "mediastinum": Preset("Mediastinum", 350, 50),
}
"""The windows in which radiologists look at CT, in HU, by a short name."""
