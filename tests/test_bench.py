from segpaint.cli import main
from segpaint.training.settings import TrainingSettings
from segpaint.training.training_benchmark import bench_training

SMALL = TrainingSettings(name="small", widths=(32, 32), batch_size=2)


def test_every_loop_is_timed_on_a_data_set(tiny_data, capsys):
    ratio = bench_training(tiny_data, rounds=1, settings=SMALL)
    printed = capsys.readouterr().out
    assert ratio > 0
    for loop in ("plain", "images kept in memory", "and ", "segpaint train"):
        assert loop in printed
    assert "augmentation" in printed


def test_without_data_slices_are_drawn(capsys):
    assert bench_training(None, rounds=1, settings=SMALL) > 0
    assert "images/s" in capsys.readouterr().out


def test_rounds_must_be_positive(capfd):
    assert main(["bench", "train", "--rounds", "0"]) == 2
    assert "--rounds 0" in capfd.readouterr().err
