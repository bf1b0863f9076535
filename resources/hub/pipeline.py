"""Makes a medical image from a painted mask, with diffusers alone. The images must not be used for diagnosis.

Load it with ``DiffusionPipeline.from_pretrained(FOLDER, trust_remote_code=True)``. It comes from SegPaint
(Apache-2.0), and makes the same pixels as it for the same mask and settings. Method: Konz et al., MICCAI 2024
(arXiv 2402.05210).
"""

import inspect
from fractions import Fraction

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DiffusionPipeline,
    DPMSolverMultistepScheduler,
    ImagePipelineOutput,
)
from torch.nn import functional

FREE = 255
"""The mask value of a region where the model decides."""


class ScheduledDDIM(DDIMScheduler):
    """Ends each step at the next timestep of its own schedule, where steps do not divide those of training."""

    def step(self, model_output, timestep, sample, **options):
        """Take a step as diffusers does, but to the next timestep."""
        later = self.timesteps[self.timesteps < timestep]
        following = int(later[0]) if len(later) else -1
        # diffusers divides by this to get the distance.
        self.num_inference_steps = Fraction(self.config.num_train_timesteps, int(timestep) - following)
        return super().step(model_output, timestep, sample, **options)


SAMPLERS = {
    "dpm++": (DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++", "solver_order": 2}, 1.75),
    "ddim": (ScheduledDDIM, {}, None),
    "ddpm": (DDPMScheduler, {}, None),
}
"""Scheduler, settings beside those of the training, and how densely the timesteps lie towards the end."""


class MaskToImagePipeline(DiffusionPipeline):
    """Makes images from masks.

    Parameters
    ----------
    unet : UNet2DModel
        It sees the mask beside the noisy image, both folded.
    scheduler : DDPMScheduler
        The noise schedule of the training; each call builds its sampler from it.
    description : dict
        Labels, attributes, encoding, and recommended settings, as in ``model_index.json``.
    """

    def __init__(self, unet, scheduler, description=None):
        super().__init__()
        if not description:
            raise ValueError("model_index.json holds no description of the model; get the folder again, whole.")
        self.register_modules(unet=unet, scheduler=scheduler)
        self.register_to_config(description=description)
        unet.to(memory_format=torch.channels_last)  # convolutions are faster so

    @torch.inference_mode()
    def __call__(
        self,
        mask,
        *,
        used=None,
        attributes=None,
        seed=0,
        num_inference_steps=None,
        guidance_scale=None,
        sampler=None,
        output_type="pil",
        return_dict=True,
    ):
        """Make one image.

        Parameters
        ----------
        mask : PIL image or array of uint8, shape (size, size)
            Each pixel is the index of its label; 0 is background, 255 a region where the model decides.
        used : list of str or int, optional
            Labels that the mask is annotated for, by name or index; the model decides on all others. By
            default, all.
        attributes : dict, optional
            Known properties of the whole image, such as ``{"pathology": "benign"}``.
        seed : int
            The same seed makes the same image.
        num_inference_steps, guidance_scale, sampler : optional
            By default, those that are recommended. Samplers are "dpm++", "ddim" and "ddpm".
        output_type : {"pil", "np"}
            "np" for an array of uint8, shape (size, size), or (size, size, 3) in colour.
        return_dict : bool
            Whether the images come as ``.images``, or as the first entry of a tuple.

        Raises
        ------
        ValueError
            If the model does not know what is given.
        """
        about = self.config.description
        sampler, steps, guidance = _settings(about, sampler, num_inference_steps, guidance_scale)
        if output_type not in ("pil", "np"):
            raise ValueError(f"The output_type {output_type!r} is unknown; give 'pil' or 'np'.")
        device = self._execution_device
        conditioning = encode(_checked(mask, about), _indices(used, about), about).to(device)
        number = _combination(attributes or {}, about)
        scheduler = build_scheduler(self.scheduler.config, sampler, steps)
        # On the CPU, so that the noise is the same on every device.
        generator = torch.Generator("cpu").manual_seed(seed)
        state = torch.randn((1, about["channels"], about["size"], about["size"]), generator=generator)
        state = state.to(device) * scheduler.init_noise_sigma
        noise = {"generator": generator} if "generator" in inspect.signature(scheduler.step).parameters else {}
        for timestep in self.progress_bar(scheduler.timesteps):
            inputs = scheduler.scale_model_input(state, timestep)
            output = self._predict(inputs, timestep.to(device), conditioning, number, guidance)
            if about.get("grain_gains"):
                output = without_grain(output, state, scheduler, timestep, about["grain_gains"])
            state = scheduler.step(output, timestep, state, **noise, return_dict=False)[0]
        if about.get("scan_noise"):
            state = with_scan_noise(state, seed, about["scan_noise"])
        levels = ((state.clamp(-1, 1) + 1) * 127.5).round().byte().cpu().movedim(1, -1).numpy()
        if output_type == "pil":
            images = self.numpy_to_pil(levels / 255)
        else:
            images = levels[..., 0] if about["channels"] == 1 else levels
        return ImagePipelineOutput(images=images) if return_dict else (images,)

    def _predict(self, state, timestep, conditioning, number, guidance):
        """Predict with guidance away from the blank mask and unknown attributes."""
        if guidance == 1 or not (conditioning.shape[1] or number):
            return self._call(state, timestep, conditioning, [number])
        both = torch.cat([torch.zeros_like(conditioning), conditioning])
        blank, masked = self._call(torch.cat([state, state]), timestep, both, [0, number]).chunk(2)
        return blank + guidance * (masked - blank)

    def _call(self, state, timestep, conditioning, numbers):
        factor, classes = self.config.description["space_to_depth"], None
        if self.unet.class_embedding is not None:
            classes = torch.tensor(numbers, device=state.device)
        folded = fold(torch.cat([state, conditioning], dim=1), factor)
        output = self.unet(folded.to(self.unet.dtype), timestep, classes, return_dict=False)[0]
        return unfold(output.float(), factor)


def build_scheduler(config, sampler, steps):
    """Build a sampler on the noise schedule of the training, and set its timesteps."""
    kind, settings, spacing = SAMPLERS[sampler]
    known = {name: config[name] for name in inspect.signature(kind).parameters if name in config}
    scheduler = kind.from_config({**known, **settings})
    if spacing is None:
        scheduler.set_timesteps(steps)
        scheduler.timesteps = scheduler.timesteps[:steps]  # a rounding error may append timestep -1
    else:
        scheduler.set_timesteps(timesteps=spaced_timesteps(steps, spacing, config["num_train_timesteps"]))
    return scheduler


def spaced_timesteps(steps, power, count):
    """Spread timesteps more densely towards the end of a run, where texture is decided."""
    rising = []
    for left in range(1, steps + 1):
        place = round((count - 1) * (left / steps) ** power)
        lowest = rising[-1] + 1 if rising else 0
        highest = count - 1 - (steps - left)  # room for the steps before
        rising.append(min(max(place, lowest), highest))
    return rising[::-1]


def without_grain(output, sample, scheduler, timestep, gains):
    """Filter the image that an output stands for, by gains for frequencies from 0 to 0.5 cycles per pixel."""
    kept = scheduler.alphas_cumprod[int(timestep)]
    signal, noise = kept.sqrt().item(), (1 - kept).sqrt().item()
    shares = {"sample": 0.0, "v_prediction": signal / noise, "epsilon": 1 / noise}
    kernel = torch.from_numpy(_grain_kernel(gains))[None, None].to(output.device)
    share = shares[scheduler.config.prediction_type]
    filtered = _filtered(output, kernel)
    return filtered + share * (sample - _filtered(sample, kernel)) if share else filtered


def _filtered(image, kernel):
    reach, channels = kernel.shape[-1] // 2, image.shape[1]
    padded = functional.pad(image, (reach, reach, reach, reach), mode="reflect")
    return functional.conv2d(padded, kernel.expand(channels, 1, -1, -1), groups=channels)


def _grain_kernel(gains):
    frequencies = np.fft.fftfreq(64)
    distance = np.hypot(frequencies[:, None], frequencies)
    wanted = np.interp(distance, np.linspace(0, 0.5, len(gains)), gains)
    around, fading = np.arange(-7, 8), np.hanning(17)[1:-1]
    kernel = np.fft.ifft2(wanted).real[np.ix_(around, around)] * fading[:, None] * fading
    return np.asarray(kernel / kernel.sum(), np.float32)


def with_scan_noise(image, seed, figures):
    """Add the noise of scans, as strong as the grey levels around each pixel ask for."""
    size = tuple(image.shape[-2:])
    white = torch.randn((1, 1, *size), generator=torch.Generator("cpu").manual_seed(seed ^ 0x5CA7))
    rows, columns, gains = torch.fft.fftfreq(size[0])[:, None], torch.fft.rfftfreq(size[1]), figures["gains"]
    every = _between(gains, torch.hypot(rows, torch.fft.fftfreq(size[1])) * 2)
    shaped = torch.fft.rfft2(white[0]) * _between(gains, torch.hypot(rows, columns) * 2)
    noise = (torch.fft.irfft2(shaped, s=size)[None] / every.square().mean().sqrt()).to(image.device)
    level = functional.avg_pool2d((image.clamp(-1, 1) + 1) / 2, 5, stride=1, padding=2, count_include_pad=False)
    return image + _between(torch.tensor(figures["strengths"]) / 127.5, level) * noise


def _between(values, place):
    values = torch.as_tensor(values, device=place.device)
    position = place.clamp(0, 1) * (len(values) - 1)
    lower = position.floor().clamp(max=len(values) - 2)
    share, index = position - lower, lower.long()
    return values[index] * (1 - share) + values[index + 1] * share


def encode(mask, used, about):
    """Encode a mask as the network sees it: float32, shape (1, channels, size, size).

    "signed" has a channel per label: 1 where the label or one inside it is, -1 where it is not, 0 where that is
    unknown. "index_255" has one channel, label k as k/255. "none" has no channel.
    """
    if about["encoding"] == "none":
        return torch.empty(1, 0, *mask.shape)
    labels = {label["index"]: label for label in about["labels"]}
    if about["encoding"] == "index_255":
        lookup = np.zeros(256, np.float32)
        for index in labels:
            lookup[index] = next((one for one in _around(index, labels) if one in used), 0)
        return torch.from_numpy(lookup / np.float32(255))[torch.from_numpy(mask).long()][None, None]
    values = np.full((256, len(labels)), -1, np.float32)
    for index in labels:
        around = _around(index, labels)
        values[index] = [1 if other in around else -1 for other in labels]
    values[FREE] = 0
    values *= [index in used for index in labels]
    return torch.from_numpy(values)[torch.from_numpy(mask).long()].movedim(-1, 0)[None].contiguous()


def fold(image, factor):
    """Fold space into channels by orthonormal Haar transforms of 2 x 2 pixels."""
    while factor > 1:
        pieces = torch.unflatten(functional.pixel_unshuffle(image, 2), 1, (-1, 4))
        image = torch.einsum("kj,bcjhw->bckhw", _haar(image), pieces).flatten(1, 2)
        factor //= 2
    return image


def unfold(image, factor):
    """Undo `fold`."""
    while factor > 1:
        pieces = torch.einsum("kj,bckhw->bcjhw", _haar(image), torch.unflatten(image, 1, (-1, 4)))
        image = functional.pixel_shuffle(pieces.flatten(1, 2), 2)
        factor //= 2
    return image


def _haar(image):
    signs = [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    return torch.tensor(signs, device=image.device, dtype=image.dtype) / 2


def _around(index, labels):
    """List a label and those around it, innermost first."""
    found = []
    while index is not None:
        found.append(index)
        index = labels[index].get("parent")
    return found


def _settings(about, sampler, steps, guidance):
    recommended = about["sampler"] in SAMPLERS  # the network for few steps is SegPaint's alone
    sampler = sampler or (about["sampler"] if recommended else "dpm++")
    steps = steps if steps is not None else (about["steps"] if recommended else 20)
    guidance = about["guidance"] if guidance is None else guidance
    if sampler not in SAMPLERS:
        raise ValueError(f"There is no sampler {sampler!r}; give one of {', '.join(SAMPLERS)}.")
    if not 1 <= steps <= 1000:
        raise ValueError(f"num_inference_steps is {steps}; give 1 to 1000.")
    if not 0 <= guidance <= 20:
        raise ValueError(f"guidance_scale is {guidance}; give 0 to 20, where 1 is off.")
    return sampler, steps, guidance


def _checked(mask, about):
    values, size = np.array(mask), about["size"]
    if values.shape != (size, size) or values.dtype != np.uint8:
        raise ValueError(
            f"The mask is of {values.dtype} and has the shape {values.shape}; give uint8 of {size} x {size} "
            "pixels, whose values are label indices."
        )
    known = {0, FREE, *(label["index"] for label in about["labels"])}
    if unknown := sorted(set(np.unique(values).tolist()) - known):
        raise ValueError(f"The mask has values that are no labels of this model: {unknown}; see labels.json.")
    return values


def _indices(used, about):
    names = {label["name"]: label["index"] for label in about["labels"]}
    chosen = [names.get(label, label) for label in (names if used is None else used)]
    if unknown := [label for label in chosen if label not in names.values()]:
        raise ValueError(f"This model knows no label {unknown[0]!r}; give some of {', '.join(names)}.")
    return chosen


def _combination(attributes, about):
    """Count the number of a combination: each attribute is a digit, 0 where it is unknown."""
    known, number = {one["name"]: one["values"] for one in about["attributes"]}, 0
    if unknown := [name for name in attributes if name not in known]:
        raise ValueError(
            f"This model knows no attribute {unknown[0]!r}; it knows {', '.join(known) or 'none'}."
        )
    for name, values in known.items():
        if name in attributes and attributes[name] not in values:
            raise ValueError(f"This model knows no {name} {attributes[name]!r}; give {' or '.join(values)}.")
        digit = values.index(attributes[name]) + 1 if name in attributes else 0
        number = number * (len(values) + 1) + digit
    return number
