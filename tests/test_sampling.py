from segpaint.core.requests.checkpoint import Description
from segpaint.core.requests.sampling import Sampling
from segpaint.paired.specification import Specification


def test_what_is_not_asked_for_is_as_recommended(table):
    description = Description(name="Any", modality="MR", size=64, labels=table.labels, steps=30, guidance=2)
    asked = Specification(checkpoints=("any",), masks=("mask.png",), sampler="ddim", guidance=0)
    assert Sampling.of(asked, description) == Sampling("ddim", 30, 0)
    assert Sampling.of(description) == Sampling("dpm++", 30, 2)
