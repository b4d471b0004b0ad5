import pytest
import torch

from core.domain.classes import ClassRole, ClassSpec
from core.domain.recipe import HeadKind
from core.errors import TrainingError
from core.training.heads import build_targets, choose_head, predict_channels, target_channels

BACKGROUND = ClassSpec(key="0", name="background", role=ClassRole.BACKGROUND)
DISC, SPOT = ClassSpec(key="1", name="disc"), ClassSpec(key="2", name="spot")


def test_one_class_against_background_is_binary() -> None:
    layout = choose_head([BACKGROUND, DISC], overlapping=False)
    assert (layout.head, layout.channels, layout.scored, layout.names) == ("binary", (1,), (0,), ("disc",))


def test_exclusive_classes_share_a_softmax_with_the_background_unscored() -> None:
    layout = choose_head([BACKGROUND, DISC, SPOT], overlapping=False)
    assert (layout.head, layout.channels, layout.scored) == ("multiclass", (0, 1, 2), (1, 2))


def test_overlapping_classes_have_a_sigmoid_each() -> None:
    layout = choose_head([BACKGROUND, DISC, SPOT], overlapping=True)
    assert (layout.head, layout.channels, layout.scored) == ("multilabel", (1, 2), (0, 1))


def test_a_person_may_choose_sigmoids_for_exclusive_classes() -> None:
    assert choose_head([BACKGROUND, DISC, SPOT], False, "multilabel").head == "multilabel"


@pytest.mark.parametrize(
    ("classes", "overlapping", "wish", "said"),
    [
        ([BACKGROUND, DISC, SPOT], False, "binary", "the dataset has 2"),
        ([BACKGROUND, DISC, SPOT], True, "multiclass", "overlap"),
        ([DISC], False, "multiclass", "needs two"),
        ([BACKGROUND], False, None, "nothing to learn"),
    ],
)
def test_a_head_that_does_not_fit_is_refused(
    classes: list[ClassSpec], overlapping: bool, wish: HeadKind | None, said: str
) -> None:
    with pytest.raises(TrainingError, match=said):
        choose_head(classes, overlapping, wish)


def test_targets_of_exclusive_masks_leave_void_out() -> None:
    masks = torch.tensor([[[0, 1], [2, 255]]], dtype=torch.uint8)
    for wish in ("multiclass", "multilabel"):
        layout = choose_head([BACKGROUND, DISC, SPOT], False, wish)
        targets = build_targets(layout, masks)
        assert targets.valid.tolist() == [[[True, True], [True, False]]]
        scored = target_channels(layout, targets)
        assert scored[0, 0].tolist() == [[False, True], [False, False]]
        assert scored[0, 1].tolist() == [[False, False], [True, False]]


def test_targets_of_a_binary_head_are_the_class_alone() -> None:
    layout = choose_head([DISC, BACKGROUND], overlapping=False)
    targets = build_targets(layout, torch.tensor([[[0, 1, 255]]], dtype=torch.uint8))
    assert targets.values.tolist() == [[[[1.0, 0.0, 0.0]]]]
    assert targets.valid.tolist() == [[[True, True, False]]]


def test_targets_of_overlapping_masks_are_their_layers() -> None:
    layout = choose_head([BACKGROUND, DISC, SPOT], overlapping=True)
    layers = torch.zeros(1, 3, 2, 2, dtype=torch.bool)
    layers[0, 1, 0, 0] = layers[0, 2, 0, 0] = True
    targets = build_targets(layout, layers)
    assert targets.values.shape == (1, 2, 2, 2)
    assert targets.values[:, :, 0, 0].tolist() == [[1.0, 1.0]]
    assert targets.valid.all()


def test_the_likeliest_class_is_predicted_or_each_above_a_half() -> None:
    logits = torch.tensor([[[[2.0]], [[1.0]], [[3.0]]]])
    exclusive = choose_head([BACKGROUND, DISC, SPOT], overlapping=False)
    assert predict_channels(exclusive, logits).flatten().tolist() == [False, True]
    layers = choose_head([BACKGROUND, DISC, SPOT], overlapping=True)
    assert predict_channels(layers, torch.tensor([[[[0.1]], [[-0.1]]]])).flatten().tolist() == [True, False]
