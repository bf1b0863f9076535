"""Paint an anatomical mask and watch a diffusion model turn it into a medical image."""

from importlib.metadata import version

__version__ = version("segpaint")
