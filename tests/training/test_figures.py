import numpy as np
import torch

from core.metrics import count_overlap as count_with_numpy
from core.metrics import count_right as count_right_with_numpy
from core.training.figures import PassFigures
from core.training.heads import HeadLayout, Targets, predict_channels
from core.training.overlap import count_overlap, count_right

LAYOUT = HeadLayout("multilabel", (1, 2, 3), (0, 1, 2), ("a", "b", "c"))


def random_batch(seed: int) -> tuple[torch.Tensor, Targets]:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(4, 3, 6, 5, generator=generator)
    values = (torch.rand(4, 3, 6, 5, generator=generator) < 0.3).float()
    values[:2, 2] = 0
    return logits, Targets(values, torch.rand(4, 6, 5, generator=generator) < 0.9)


def test_counts_on_the_device_are_those_of_numpy() -> None:
    logits, targets = random_batch(1)
    predicted, wanted = predict_channels(LAYOUT, logits), targets.values > 0.5
    arrays = [tensor.numpy() for tensor in (predicted, wanted, targets.valid)]
    assert np.array_equal(count_overlap(predicted, wanted, targets.valid), count_with_numpy(*arrays))
    assert np.array_equal(count_right(predicted, wanted, targets.valid), count_right_with_numpy(*arrays))


def test_batches_add_up_to_the_whole() -> None:
    batches = [random_batch(seed) for seed in range(3)]
    parts, whole = PassFigures(LAYOUT), PassFigures(LAYOUT)
    for logits, targets in batches:
        parts.add(logits, targets, torch.tensor(0.5))
    whole.add(
        torch.cat([logits for logits, _ in batches]),
        Targets(
            torch.cat([targets.values for _, targets in batches]),
            torch.cat([targets.valid for _, targets in batches]),
        ),
        torch.tensor(0.5),
    )
    assert parts.sum_up() == whole.sum_up()


def test_a_class_that_is_nowhere_has_no_figure() -> None:
    figures = PassFigures(LAYOUT)
    values = torch.zeros(2, 3, 4, 4)
    values[:, 0] = 1
    logits = values * 10 - 5
    figures.add(logits, Targets(values, torch.ones(2, 4, 4, dtype=torch.bool)), torch.tensor(float("nan")))
    found = figures.sum_up()
    assert found.dice == {"a": 1.0, "b": None, "c": None}
    assert found.vdice == 1.0
    assert found.loss is None
