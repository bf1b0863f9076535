"""A checkpoint in memory, ready to answer requests of the window and the command."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segpaint.core.diffusion.batching import SIZES, in_batches
from segpaint.core.diffusion.conditioning import Encoder
from segpaint.core.diffusion.inversion import (
    Course,
    Path,
    edited_region,
    invert,
    invert_exactly,
    keeping,
    nearing,
    renewing,
    restoring,
    warm_start,
)
from segpaint.core.diffusion.networks import Networks
from segpaint.core.diffusion.paths import Paths, path_key, reference_anatomy
from segpaint.core.diffusion.pixels import from_pixels, to_pixels
from segpaint.core.diffusion.predictor import predictor
from segpaint.core.diffusion.sampler import Step, sample
from segpaint.core.diffusion.samplers import Scheduler, build_scheduler
from segpaint.core.diffusion.segmenter import Segmenter, load_segmenter
from segpaint.core.diffusion.warping import Detail, warped_start
from segpaint.core.errors import NO_MEMORY, SegPaintError, explained, explaining
from segpaint.core.masks.registration import QUICK, THOROUGH
from segpaint.core.masks.warp import edited_pixels, plan_warp
from segpaint.core.requests.checkpoint import Checkpoint, has_segmenter
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.origins import (
    Counterfactual,
    Revision,
    Similarity,
    WarmStart,
    Withheld,
    inversion_of,
    is_inverted,
)
from segpaint.core.requests.request import Precision, Request, Stage
from segpaint.core.requests.sampling import DISTILLED, FEW_STEPS, SPACING

WITHHELD = (
    "The image was made from a reference that is not in its file, since it shows a patient; "
    "give that reference to make the image again."
)


class Engine:
    """A loaded checkpoint on a device.

    Raises
    ------
    SegPaintError
        If the checkpoint's files do not match.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self.checkpoint = checkpoint
        self.networks = Networks(checkpoint, device)
        self.network = self.networks.many_steps
        self.encoder = Encoder(checkpoint.table, checkpoint.description.encoding)
        self._paths = Paths()

    @property
    def precision(self) -> Precision:
        """The precision in which the networks run fastest here."""
        return self.networks.precision

    def call_once(self, **settings: object) -> None:
        """Call a network for a blank mask, since its first call is slow; see `Request.ask` for the settings."""
        size = self.checkpoint.description.size
        blank = np.zeros((size, size), np.uint8)
        next(self.run(Request.ask(self.checkpoint, blank, self.precision, (), None, steps=1, **settings)))

    def load_rest(self) -> Iterator[float]:
        """Load the networks that a first image does not need, one at a time, so that no later one waits.

        Yields
        ------
        float
            Share done, 0 to 1.
        """
        if self.checkpoint.few_steps:
            self.call_once(sampler=FEW_STEPS.name, guidance=1.0)
            yield 0.5
        if has_segmenter(self.checkpoint.folder):
            _ = self._segmenter  # loads it
            yield 1.0

    def prepare(self, request: Request) -> Iterator[float]:
        """Invert a request's reference before its first step, a little at a time; go on with what was begun.

        Yields
        ------
        float
            Share done, 0 to 1; nothing is yielded if there is nothing to do.
        """
        origin, key = request.origin, path_key(request)
        if not isinstance(origin, Counterfactual | Similarity) or key is None or key in self._paths:
            return
        image = self._image(origin.image)
        inverting = invert_exactly if inversion_of(origin) == "exact-inversion" else invert

        def begin() -> Iterator[tuple[Tensor, Tensor | None]]:
            before = self._conditioning(*reference_anatomy(request))
            network = self.networks.for_sampler(request.sampler, request.precision)
            predict = predictor(network, before, request.guidance, request.precision)
            return inverting(predict, self._scheduler(request), image)

        for done in self._paths.find(key, image, begin):
            yield done / request.steps

    def run(self, request: Request, after: Step | None = None) -> Iterator[Step]:
        """Answer a request step by step.

        Parameters
        ----------
        request : Request
            Must be for this checkpoint, see `check`.
        after : Step, optional
            Step of an earlier run to continue from.
        """
        for _ in self.prepare(request):
            pass
        ends = [*(change.step for change in request.changes), request.steps]
        for stage, end in zip(request.stages, ends, strict=True):
            if after is not None and after.index + 1 >= end:
                continue
            conditioning, scheduler = self._conditioning(stage.mask, stage.used), self._scheduler(request)
            course = self._course(request, stage, scheduler, conditioning) or Course()
            if after is None and course.earliest >= end:
                continue
            for step in self._sample([request], scheduler, conditioning, course, after):
                yield step
                after = step
                if step.index + 1 == end:
                    break

    def answer(self, request: Request, name: str = "the image") -> Iterator[Step]:
        """Answer a request as `run` does, and report failures in a sentence.

        Parameters
        ----------
        name : str
            Names the image in the error.

        Raises
        ------
        SegPaintError
            If the network fails, for instance for lack of memory.
        """
        try:
            yield from self.run(request)
        except (RuntimeError, ValueError, MemoryError) as error:
            known = explained(error)
            reason = NO_MEMORY if known is not error else str(error).strip().partition("\n")[0].rstrip(".")
            raise SegPaintError(f"The network failed while it made {name}: {reason}.") from error

    def make_all(self, requests: Iterable[Request], name: str = "the image") -> Iterator[NDArray[np.uint8]]:
        """Make the images of requests in their order, each as if alone, several at once where that is quicker.

        Parameters
        ----------
        name : str
            See `answer`.

        Yields
        ------
        ndarray of uint8, shape (height, width) or (height, width, 3)

        Raises
        ------
        SegPaintError
            See `answer`.
        """
        for left in in_batches(requests, SIZES[0]):
            while left:
                count = self.count_together(left)
                try:
                    images = self._together(left[:count]) if count > 1 else []
                except RuntimeError:  # there may be memory for one
                    images = []
                yield from map(to_pixels, images or [_last(self.answer(left[0], name)).sample])
                left = left[len(images) or 1 :]

    def count_together(self, requests: Sequence[Request], most: int = SIZES[0]) -> int:
        """Count how many of the first requests are made at once, at most."""
        batch = next(in_batches(requests, most))
        if len(batch) == 1:
            return 1
        shape = tuple(self._conditioning(batch[0].mask, batch[0].used).shape)
        sizes = self.networks.batch_sizes(batch[0], shape)
        return max((size for size in sizes if size <= len(batch)), default=1)

    def run_together(self, batch: Sequence[Request]) -> Iterator[Step]:
        """Make the images of `count_together` requests step by step; the steps hold all of them."""
        if len(batch) == 1:
            return self.run(batch[0])
        conditioning = torch.cat([self._conditioning(request.mask, request.used) for request in batch])
        return self._sample(batch, self._scheduler(batch[0]), conditioning)

    def _together(self, batch: Sequence[Request]) -> list[Tensor]:
        images = _last(self.run_together(batch)).sample
        return [images[place : place + 1] for place in range(len(batch))]

    def _sample(
        self,
        batch: Sequence[Request],
        scheduler: Scheduler,
        conditioning: Tensor,
        course: Course | None = None,
        after: Step | None = None,
    ) -> Iterator[Step]:
        attributes = self.checkpoint.description.attribute_table
        return sample(
            self.networks.for_sampler(batch[0].sampler, batch[0].precision),
            scheduler,
            conditioning,
            channels=self.checkpoint.description.channels,
            seed=[request.seed for request in batch],
            guidance=batch[0].guidance,
            precision=batch[0].precision,
            attributes=[attributes.number(request.attributes) for request in batch],
            after=after,
            course=course,
            finish=not is_inverted(batch[0].origin),  # what it changes cannot be found on the way back
        )

    def _course(
        self, request: Request, stage: Stage, scheduler: Scheduler, conditioning: Tensor
    ) -> Course | None:
        match request.origin:
            case Counterfactual() | Revision() as origin if not is_inverted(origin):
                return self._warped_course(origin, stage, scheduler)
            case Counterfactual() as origin:
                path = self._path(request)
                before = self._conditioning(*reference_anatomy(request))
                edited = (before != conditioning).any(dim=1)[0].cpu().numpy()
                begin = renewing(path, edited) if origin.way == "partial-inversion" else path.begin
                if origin.margin is None:
                    return restoring(path, begin)
                return keeping(path, edited_region(edited, origin.margin), begin)
            case Similarity() as origin:
                return nearing(self._path(request), origin.step, origin.share)
            case WarmStart() as origin:
                return warm_start(self._image(origin.image), scheduler, origin.step)
            case Withheld():
                raise SegPaintError(WITHHELD)
        return None

    def _warped_course(self, origin: Counterfactual | Revision, stage: Stage, scheduler: Scheduler) -> Course:
        anatomies, table = ((origin.mask, origin.used), (stage.mask, stage.used)), self.checkpoint.table
        if isinstance(origin, Revision):
            search, detailed, close = QUICK if origin.quick else THOROUGH, origin.detailed, origin.close
        else:
            search, detailed, close = THOROUGH, origin.way == "detailed-warp", origin.way == "close-warp"
        warp = plan_warp(*anatomies, table, origin.margin, search, close=close)
        region = torch.ones(1, 1, *stage.mask.shape)
        if origin.margin is not None:
            region = edited_region(edited_pixels(*anatomies, table), origin.margin)
        image, warped = self._image(origin.image), self._image(warp.carry(origin.image))
        anew = torch.from_numpy(warp.anew.astype(np.float32))[None, None]
        begun = torch.where(region.to(image.device) > 0, warped, image)
        detail = None
        if close:
            detail = Detail(begun, warp.detail, warp.tissue)
        elif detailed:
            detail = Detail(begun, warp.detail)
        return warped_start(begun, scheduler, region, anew, warp.level, detail)

    def _path(self, request: Request) -> Path:
        """Return the way of a reference from noise back to itself, found by `prepare`."""
        return self._paths[path_key(request) or b""]

    def _scheduler(self, request: Request) -> Scheduler:
        # Clipping cannot be undone, so a sampler that runs backwards goes without.
        config = self.networks.scheduler_config
        if is_inverted(request.origin):
            config = {**config, "clip_sample": False}
        spacing = SPACING if inversion_of(request.origin) == "exact-inversion" else None
        return build_scheduler(config, request.sampler, request.steps, spacing)

    def _conditioning(self, mask: NDArray[np.uint8], used: tuple[int, ...]) -> Tensor:
        return self.encoder(torch.tensor(mask).unsqueeze(0), self.encoder.used(used))

    def _image(self, pixels: NDArray[np.uint8]) -> Tensor:
        return from_pixels(pixels).unsqueeze(0).to(self.network.device)

    def find_mask(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Find the mask of an image of the checkpoint's shape with its segmenter: a model's opinion.

        Raises
        ------
        SegPaintError
            If the checkpoint has no segmenter.
        """
        with explaining():
            return self._segmenter.find_mask(self._image(image))

    def judge(self, image: NDArray[np.uint8], request: Request) -> Judgement:
        """Compare what the checkpoint's segmenter finds in a finished image with its request, and its edit.

        Raises
        ------
        SegPaintError
            If the checkpoint has no segmenter.
        """
        asked, origin, pixels = request.final, request.origin, self._image(image)
        with explaining():
            judgement = self._segmenter.judge(pixels, asked.mask, asked.used)
            if not isinstance(origin, Counterfactual | Revision):
                return judgement
            reference = self._image(origin.image)
            verdict = self._segmenter.judge_edit(pixels, asked, reference, origin.mask, origin.used)
        return replace(judgement, verdict=verdict)

    @cached_property
    def _segmenter(self) -> Segmenter:
        return load_segmenter(self.checkpoint.folder, self.network.device)

    def check(self, request: Request) -> None:
        """Check that a request is for this checkpoint.

        Raises
        ------
        SegPaintError
            If the request is for another checkpoint, its mask does not fit, or its reference is missing.
        """
        if request.fingerprint != self.checkpoint.fingerprint:
            raise SegPaintError(
                f"The request was made with {request.checkpoint!r} ({request.fingerprint}), but "
                f"{self.checkpoint.folder} is {self.checkpoint.fingerprint}; "
                "give the checkpoint that it was made with."
            )
        if request.sampler in DISTILLED and request.few_steps != self.checkpoint.few_steps:
            raise SegPaintError(
                f"The request was made with another network for few steps ({request.few_steps}) than that of "
                f"{self.checkpoint.folder} ({self.checkpoint.few_steps or 'it has none'}); give the checkpoint "
                "that it was made with."
            )
        if isinstance(request.origin, Withheld):
            raise SegPaintError(WITHHELD)
        request.check_fit(self.checkpoint.description)


def _last(steps: Iterator[Step]) -> Step:
    """Take all steps, without keeping them."""
    return deque(steps, maxlen=1)[0]
