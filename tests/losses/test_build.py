"""Whole losses: against other libraries, with void pixels, absent classes, weights and small number types."""

import math
from typing import get_args

import pytest
import torch
from segmentation_models_pytorch import losses as smp
from segmentation_models_pytorch.losses._functional import softmax_focal_loss_with_logits
from torch import Tensor
from torchvision.ops import sigmoid_focal_loss

from core.domain.recipe import ClassWeights, HeadKind, LossKind, LossSpec, LossTerm
from core.errors import RecipeError
from core.losses import SegmentationLoss, build_loss

HEADS: tuple[HeadKind, ...] = get_args(HeadKind)
KINDS: tuple[LossKind, ...] = get_args(LossKind)
CHANNELS = {"binary": 1, "multiclass": 4, "multilabel": 3}


def _batch(head: HeadKind, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Random logits, targets and valid pixels; a fifth of the pixels is void."""
    rng = torch.Generator().manual_seed(seed)
    shape = (3, CHANNELS[head], 9, 7)
    logits = torch.randn(shape, generator=rng) * 3
    if head == "multiclass":
        values = torch.randint(CHANNELS[head], (3, 9, 7), generator=rng)
    else:
        values = (torch.rand(shape, generator=rng) < 0.3).float()
    return logits, values, torch.rand((3, 9, 7), generator=rng) < 0.8


def _loss(head: HeadKind, *kinds: LossKind, **weights: object) -> SegmentationLoss:
    spec = LossSpec(
        terms=tuple(LossTerm(kind=kind) for kind in kinds), class_weights=ClassWeights.model_validate(weights)
    )
    return build_loss(spec, head, CHANNELS[head])


def _crop(head: HeadKind, *tensors: Tensor) -> list[Tensor]:
    return [item[..., :5] for item in tensors]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", KINDS)
def test_void_pixels_count_as_if_they_were_cut_off(head: HeadKind, kind: LossKind) -> None:
    logits, values, _ = _batch(head)
    valid = torch.ones(3, 9, 7, dtype=torch.bool)
    valid[..., 5:] = False
    whole = _loss(head, kind)(logits, values, valid)
    cut = _loss(head, kind)(*_crop(head, logits, values, valid))
    torch.testing.assert_close(whole, cut)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", KINDS)
def test_void_pixels_have_no_slope(head: HeadKind, kind: LossKind) -> None:
    logits, values, valid = _batch(head)
    logits.requires_grad_()
    _loss(head, kind)(logits, values, valid).backward()
    assert logits.grad is not None
    assert not (logits.grad * ~valid[:, None]).any()
    assert (logits.grad * valid[:, None]).any()


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", ["jaccard", "dice"])
def test_region_losses_agree_with_smp(head: HeadKind, kind: LossKind) -> None:
    logits, values, valid = _batch(head)
    reference = {"jaccard": smp.JaccardLoss, "dice": smp.DiceLoss}[kind](mode=head, ignore_index=-1)
    masked = torch.where(valid if head == "multiclass" else valid[:, None], values, -1)
    torch.testing.assert_close(_loss(head, kind)(logits, values, valid), reference(logits, masked))


@pytest.mark.parametrize("head", ["binary", "multilabel"])
def test_sigmoid_focal_agrees_with_torchvision(head: HeadKind) -> None:
    logits, values, valid = _batch(head)
    each = sigmoid_focal_loss(logits, values, alpha=-1, gamma=2)
    counted = valid[:, None].expand_as(each)
    torch.testing.assert_close(_loss(head, "focal")(logits, values, valid), each[counted].mean())


def test_softmax_focal_agrees_with_smp() -> None:
    logits, values, valid = _batch("multiclass")
    each = softmax_focal_loss_with_logits(logits, values, gamma=2, reduction="none")
    torch.testing.assert_close(_loss("multiclass", "focal")(logits, values, valid), each[valid].mean())


def test_layer_weights_agree_with_smp() -> None:
    logits, values, valid = _batch("multilabel")
    valid[:] = True
    weights = [0.5, 2.0, 4.0]
    for kind, reference in (("jaccard", smp.JaccardLoss), ("focal", smp.FocalLoss)):
        torch.testing.assert_close(
            _loss("multilabel", kind, kind="given", values=weights)(logits, values, valid),
            reference(mode="multilabel", class_weights=weights)(logits, values),
        )


def test_softmax_weights_are_those_of_each_pixels_class() -> None:
    logits, values, valid = _batch("multiclass")
    weights = torch.tensor([0.5, 2.0, 4.0, 1.0])
    each = softmax_focal_loss_with_logits(logits, values, gamma=2, reduction="none") * weights[values]
    loss = _loss("multiclass", "focal", kind="given", values=weights.tolist())
    torch.testing.assert_close(loss(logits, values, valid), each[valid].mean())  # S3: over all pixels


def test_a_binary_head_weighs_background_and_class() -> None:
    loss = _loss("binary", "bce", kind="given", values=[0.5, 3.0])
    logits = torch.zeros(1, 1, 1, 2)
    values = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2)
    valid = torch.ones(1, 1, 2, dtype=torch.bool)
    assert loss(logits, values, valid).item() == pytest.approx(math.log(2) * (0.5 + 3) / 2)


def test_weights_from_pixel_counts_are_those_of_the_training_part() -> None:
    spec = LossSpec(class_weights=ClassWeights(kind="pixels"))
    loss = build_loss(spec, "multiclass", 2, pixels=[75, 25])
    assert loss.class_weights.tolist() == pytest.approx([2 / 3, 2])
    with pytest.raises(RecipeError, match="need masks"):
        build_loss(spec, "multiclass", 2)


def test_a_wrong_number_of_weights_is_refused() -> None:
    with pytest.raises(RecipeError, match="2 class weights, but the model tells 4 classes apart"):
        _loss("multiclass", "bce", kind="given", values=[1.0, 2.0])


@pytest.mark.parametrize("kind", ["jaccard", "dice"])
def test_a_class_absent_from_the_batch_is_left_out_of_regions(kind: LossKind) -> None:
    logits, values, valid = _batch("multilabel")
    values[:, 1] = 0
    values[:, 1][~valid] = 1  # void, so absent nevertheless
    there = [0, 2]
    torch.testing.assert_close(
        _loss("multilabel", kind)(logits, values, valid),
        _loss("multilabel", kind)(logits[:, there], values[:, there], valid),
    )


@pytest.mark.parametrize("head", HEADS)
def test_a_batch_without_valid_pixels_gives_zero_and_no_slope(head: HeadKind) -> None:
    logits, values, valid = _batch(head)
    logits.requires_grad_()
    loss = _loss(head, *KINDS)(logits, values, torch.zeros_like(valid))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


@pytest.mark.parametrize("head", HEADS)
def test_a_sum_adds_its_weighted_terms(head: HeadKind) -> None:
    batch = _batch(head)
    parts = [_loss(head, kind)(*batch) for kind in ("bce", "jaccard", "dice")]
    spec = LossSpec(
        terms=(
            LossTerm(kind="bce"),
            LossTerm(kind="jaccard", weight=0.5),
            LossTerm(kind="dice", weight=2.0),
        )
    )
    wanted = parts[0] + 0.5 * parts[1] + 2 * parts[2]
    torch.testing.assert_close(build_loss(spec, head, CHANNELS[head])(*batch), wanted)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_slopes_are_finite_at_extreme_logits(head: HeadKind, kind: LossKind, dtype: torch.dtype) -> None:
    logits, values, valid = _batch(head)
    extreme = (logits.sign() * 6e4).to(dtype).requires_grad_()
    loss = _loss(head, kind)(extreme, values, valid)
    loss.backward()
    assert loss.isfinite()
    assert extreme.grad is not None
    assert extreme.grad.isfinite().all()


@pytest.mark.parametrize("head", HEADS)
def test_autocast_does_not_change_the_loss(head: HeadKind) -> None:
    logits, values, valid = _batch(head)
    loss = _loss(head, *KINDS)
    plain = loss(logits.bfloat16(), values, valid)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = loss(logits.bfloat16(), values, valid)
    assert inside.dtype == torch.float32
    torch.testing.assert_close(inside, plain, rtol=0, atol=0)


def test_a_perfect_answer_costs_nothing() -> None:
    _, values, valid = _batch("multiclass")
    logits = 50.0 * torch.nn.functional.one_hot(values, 4).movedim(-1, 1).float()
    assert _loss("multiclass", *KINDS)(logits, values, valid).item() == pytest.approx(0, abs=1e-5)
