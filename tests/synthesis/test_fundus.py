"""The photographs and their masks."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.synthesis import FundusPlan, FundusSpec, draw_fundus, plan_fundus
from tests.conftest import ROOT

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]
DISC, MACULA, VESSELS = 1, 2, 3


@pytest.fixture(scope="module")
def plan() -> FundusPlan:
    return plan_fundus(FundusSpec(size=96))


@pytest.fixture(scope="module")
def pairs(plan: FundusPlan) -> list[Pair]:
    """All 115 photographs at the least size."""
    return [draw_fundus(plan, index) for index in range(115)]


def count_classes(mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bincount(mask.ravel(), minlength=9)


def test_presence_is_exact_and_no_class_is_a_speck_at_the_least_size(
    plan: FundusPlan, pairs: list[Pair]
) -> None:
    counts = np.array([count_classes(mask)[1:] for _, mask in pairs])
    assert np.array_equal(counts > 0, plan.presence)
    assert counts[plan.presence].min() >= 6
    assert (counts > 0).sum(0).tolist() == [115, 112, 115, 104, 43, 8, 12, 110]


@pytest.mark.parametrize(("size", "step", "least"), [(128, 9, 8), (512, 23, 36), (1024, 60, 144)])
def test_presence_is_exact_at_larger_sizes(size: int, step: int, least: int) -> None:
    plan = plan_fundus(FundusSpec(size=size))
    for index in range(0, 115, step):
        counts = count_classes(draw_fundus(plan, index)[1])[1:]
        assert np.array_equal(counts > 0, plan.presence[index])
        assert counts[plan.presence[index]].min() >= least


@pytest.mark.parametrize("seed", [1, 2])
def test_rare_findings_are_drawn_whatever_the_seed(seed: int) -> None:
    plan = plan_fundus(FundusSpec(images=40, size=96, seed=seed))
    for index in range(40):
        counts = count_classes(draw_fundus(plan, index)[1])[1:]
        assert np.array_equal(counts >= 6, plan.presence[index])


def test_image_and_mask_have_the_promised_shape_and_values(pairs: list[Pair]) -> None:
    for image, mask in pairs:
        assert image.shape == (96, 96, 3)
        assert mask.shape == (96, 96)
        assert image.dtype == mask.dtype == np.uint8
        assert mask.max() <= 8


def test_nothing_is_labelled_outside_the_field_of_view(pairs: list[Pair]) -> None:
    for image, mask in pairs:
        assert mask[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0
        assert image[[0, 0, -1, -1], [0, -1, 0, -1]].max() < 24
        assert image[mask > 0].max(axis=1).min() > 24


def test_left_and_right_eyes_are_mirror_images(plan: FundusPlan, pairs: list[Pair]) -> None:
    """The disc lies nasal of the macula: right of it in a right eye, left of it in a left eye."""
    for index, (_, mask) in enumerate(pairs):
        if plan.presence[index, MACULA - 1]:
            disc, macula = (np.nonzero(mask == value)[1].mean() for value in (DISC, MACULA))
            assert (disc > macula) == (plan.images[index].side == "right")


def test_the_disc_is_brighter_and_the_vessels_are_darker_than_the_ground(pairs: list[Pair]) -> None:
    brighter, darker = [], []
    for image, mask in pairs:
        green = image[..., 1].astype(float)
        inside = (mask == 0) & (image[..., 0] > 40)
        brighter.append(green[mask == DISC].mean() > green[inside].mean())
        darker.append(green[mask == VESSELS].mean() < green[inside].mean())
    assert np.mean(brighter) == 1
    assert np.mean(darker) > 0.95


def test_photographs_of_one_eye_are_more_alike_than_those_of_strangers(
    plan: FundusPlan, pairs: list[Pair]
) -> None:
    colours = np.array([np.median(image[image[..., 0] > 40], axis=0) for image, _ in pairs])
    patients = np.array([image.patient for image in plan.images])
    distance = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    same = (patients[:, None] == patients[None]) & ~np.eye(115, dtype=bool)
    assert distance[same].mean() < 0.75 * distance[patients[:, None] != patients[None]].mean()


def test_no_two_photographs_are_equal(pairs: list[Pair]) -> None:
    assert len({image.tobytes() for image, _ in pairs}) == 115


def digest(index: int) -> str:
    image, mask = draw_fundus(plan_fundus(FundusSpec(size=128, seed=7)), index)
    return hashlib.sha256(image.tobytes() + mask.tobytes()).hexdigest()


def test_another_process_in_another_order_draws_the_same_bytes() -> None:
    code = "from tests.synthesis.test_fundus import digest; print(digest(5), digest(0))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [digest(5), digest(0)]


def test_another_seed_draws_another_picture() -> None:
    first, other = (draw_fundus(plan_fundus(FundusSpec(size=96, seed=seed)), 0)[0] for seed in (0, 1))
    assert (first != other).mean() > 0.5


def test_a_photograph_that_is_not_planned_is_refused(plan: FundusPlan) -> None:
    with pytest.raises(IndexError, match=r"115 is outside 0\.\.114"):
        draw_fundus(plan, 115)


def best_dice(learnt: NDArray[np.float64], unseen: NDArray[np.float64], value: int) -> float:
    """Dice on `unseen` of the best cut through the colours, sorted by how `learnt` takes them for it."""
    smooth = np.array([gaussian_filter(counts, 1.0).ravel() for counts in learnt])
    likely_first = np.argsort(-smooth[value] / np.maximum(smooth.sum(0), 1e-9), kind="stable")
    unseen = unseen.reshape(9, -1)[:, likely_first]
    hits, taken = np.cumsum(unseen[value]), np.cumsum(unseen.sum(0))
    return float((2 * hits / np.maximum(taken + unseen[value].sum(), 1)).max())


def test_colour_alone_does_not_tell_the_rare_classes() -> None:
    """A classifier of pixels by colour, learnt and judged on different patients, stays below 0.3 Dice.

    A smoothed histogram over 32³ colours estimates the Bayes rule, and its cut is even chosen on the judged
    patients, so no other classifier that sees colour only can be much better.
    """
    plan = plan_fundus(FundusSpec(size=128))
    counts = np.zeros((2, 9, 32, 32, 32))
    for index, image in enumerate(plan.images):
        picture, mask = draw_fundus(plan, index)
        red, green, blue = (picture // 8).reshape(-1, 3).T
        np.add.at(counts[image.patient % 2], (mask.ravel(), red, green, blue), 1)
    for value in (5, 6, 7):
        assert best_dice(counts[0], counts[1], value) < 0.3
        assert best_dice(counts[1], counts[0], value) < 0.3
