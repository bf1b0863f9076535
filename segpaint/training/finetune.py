"""Begins a training with the weights of a checkpoint, whatever its labels."""

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import DDPMScheduler, UNet2DModel
from torch import Tensor

from segpaint.core.diffusion.conditioning import Encoder
from segpaint.core.diffusion.network import Network
from segpaint.core.diffusion.network_files import load_network, read_scheduler_config
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.attributes import Attribute, AttributeTable
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.training.noise_schedule import noise_scheduler
from segpaint.training.settings import TrainingSettings

VECTORS, TIME_BIAS = "class_embedding.weight", "time_embedding.linear_2.bias"
"""The weights of attributes in a U-Net, and what they are added to."""


def network_settings(checkpoint: Checkpoint, network: Network) -> dict[str, Any]:
    """Determine the `TrainingSettings` that are fixed by a checkpoint's network.

    Returns
    -------
    dict of str to object
        By the name of the setting.
    """
    config, scheduler = network.unet.config, read_scheduler_config(checkpoint)
    return {
        "encoding": checkpoint.description.encoding,
        "space_to_depth": checkpoint.description.space_to_depth,
        "widths": tuple(config["block_out_channels"]),
        "layers_per_block": config["layers_per_block"],
        "attention_head_dim": config["attention_head_dim"],
        "prediction": scheduler["prediction_type"],
        "beta_schedule": scheduler.get("beta_schedule", "linear"),  # diffusers' own default
    }


class Start:
    """A checkpoint to begin a training with.

    Attributes
    ----------
    settled : dict
        The settings that are fixed by the network, see `network_settings`.

    Raises
    ------
    SegPaintError
        If the checkpoint's files cannot be read, or do not fit together.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self._network = load_network(checkpoint, torch.device("cpu"))
        self.settled = network_settings(checkpoint, self._network)

    def can_be(self, setting: str, value: object) -> bool:
        """Check whether a network setting can have a value: what is settled, or the image for the velocity."""
        turned = setting == "prediction" and (self.settled[setting], value) == ("v_prediction", "sample")
        return turned or value == self.settled[setting]

    def scheduler(self, settings: TrainingSettings) -> DDPMScheduler:
        """Read the scheduler that the checkpoint was trained with, or build one that is shifted otherwise."""
        if settings.noise_shift is not None:
            return noise_scheduler(settings.beta_schedule, settings.prediction, settings.noise_shift)
        config = read_scheduler_config(self.checkpoint)
        return DDPMScheduler.from_config({**config, "prediction_type": settings.prediction})

    def network(
        self,
        table: LabelTable,
        channels: int,
        size: int,
        attributes: Sequence[Attribute] = (),
        prediction: str = "",
    ) -> Network:
        """Make the checkpoint's network take masks of other labels, and other attributes.

        A label that the checkpoint knows by its name, in whatever case, keeps its channel's weights; those
        of a new label are 0. So with the old labels alone, or with a blank mask, the network's output is
        unchanged. With ``index_255`` all labels share one channel. A value of an attribute that the checkpoint
        knows keeps its vector, and where a new one is known the vector is that without it.

        Parameters
        ----------
        table : LabelTable
            Of the new data.
        channels, size : int
            Channels, and height and width, of the new images.
        attributes : sequence of Attribute
            Of the new data.
        prediction : str
            What the network is to predict, see `can_be`; by default, what the checkpoint's does. Where noise is
            strong, the image is nearly the negative velocity, and a network turned over begins with that.

        Raises
        ------
        SegPaintError
            If the checkpoint's images have other channels.
        """
        description = self.checkpoint.description
        if channels != description.channels:
            kinds = {1: "grey", 3: "RGB"}
            raise SegPaintError(
                f"The images are {kinds[channels]}, but {self.checkpoint.folder} makes "
                f"{kinds[description.channels]} ones; give a checkpoint of such images, or convert yours."
            )
        folded = description.space_to_depth**2
        inputs = channels + Encoder(table, description.encoding).channels
        config = {key: value for key, value in self._network.unet.config.items() if not key.startswith("_")}
        config["in_channels"] = inputs * folded
        config["sample_size"] = size // description.space_to_depth
        asked = AttributeTable(attributes)
        config["num_class_embeds"] = asked.combinations if attributes else None
        unet = UNet2DModel.from_config(config)
        weights = dict(self._network.unet.state_dict())
        vectors = weights.pop(VECTORS, None)
        if vectors is not None and unet.class_embedding is None:
            # The vector of attributes is added to that of the timestep; nothing is known of them from now on.
            weights[TIME_BIAS] = weights[TIME_BIAS] + vectors[0]
        if unet.class_embedding is not None:
            weights[VECTORS] = self._vectors(asked, vectors, unet.class_embedding.weight)
        # Folding puts the channels made from one channel side by side, so they move as a group.
        old = torch.unflatten(weights["conv_in.weight"], 1, (-1, folded))
        new = torch.zeros(len(old), inputs, *old.shape[2:])
        new[:, :channels] = old[:, :channels]
        for column, origin in enumerate(self._origins(table)):
            if origin is not None:
                new[:, channels + column] = old[:, channels + origin]
        weights["conv_in.weight"] = new.flatten(1, 2)
        if prediction and prediction != self.settled["prediction"]:
            for name in ("conv_out.weight", "conv_out.bias"):
                weights[name] = -weights[name]
        unet.load_state_dict(weights)
        return Network(unet, description.space_to_depth)

    def _vectors(self, asked: AttributeTable, old: Tensor | None, like: Tensor) -> Tensor:
        """Give each combination of attributes the vector of what the checkpoint knows of it."""
        new, table = torch.zeros_like(like), self.checkpoint.description.attribute_table
        if old is None:
            return new
        values = {one.name: one.values for one in table.attributes}
        for number in range(asked.combinations):
            known = asked.known(number)
            new[number] = old[table.number({k: v for k, v in known.items() if v in values.get(k, ())})]
        return new

    def known(self, table: LabelTable) -> tuple[str, ...]:
        """List the names of those labels that the checkpoint knows too, in table order."""
        names = {label.name.casefold() for label in self.checkpoint.table}
        return tuple(label.name for label in table if label.name.casefold() in names)

    def _origins(self, table: LabelTable) -> list[int | None]:
        """Find the old channel, if any, of each channel of the new masks."""
        if self.checkpoint.description.encoding == "index_255":
            return [0]
        places = {label.name.casefold(): place for place, label in enumerate(self.checkpoint.table)}
        return [places.get(label.name.casefold()) for label in table]
