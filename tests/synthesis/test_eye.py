"""Eyes, and the camera before them."""

import numpy as np
import pytest

from core.synthesis import FundusPlan, FundusSpec, plan_fundus
from core.synthesis.eye import Eye, aim_camera, build_eye

MACULA = 2


@pytest.fixture(scope="module")
def plan() -> FundusPlan:
    return plan_fundus(FundusSpec(size=128))


@pytest.fixture(scope="module")
def eyes(plan: FundusPlan) -> list[Eye]:
    return [build_eye(plan, index) for index in range(115)]


def test_a_follow_up_shows_the_same_eye_and_the_fellow_eye_is_alike(
    plan: FundusPlan, eyes: list[Eye]
) -> None:
    for (first, one), (second, other) in zip(
        zip(plan.images, eyes, strict=True), list(zip(plan.images, eyes, strict=True))[1:], strict=False
    ):
        if first.patient == second.patient:
            assert one.pigment == other.pigment
            assert (one.disc == other.disc) == (first.side == second.side)
            assert np.array_equal(one.veins.radii, other.veins.radii) == (first.side == second.side)


def test_vessels_avoid_the_fovea_and_taper_away_from_the_disc(eyes: list[Eye]) -> None:
    for eye in eyes[::9]:
        for tree in (eye.arteries, eye.veins):
            assert np.hypot(*tree.ends.T).min() > 0.1
            distance = np.hypot(*(tree.ends - eye.disc.centre).T)
            assert np.median(tree.radii[distance < 0.2]) > 1.3 * np.median(tree.radii[distance > 0.8])
        assert eye.arteries.radii.max() < eye.veins.radii.max()


def test_the_disc_is_always_in_view_and_the_macula_as_planned(plan: FundusPlan, eyes: list[Eye]) -> None:
    for index, eye in enumerate(eyes):
        view = aim_camera(plan, index, eye)
        disc, fovea = view.edge_distance(view.to_pixels(np.array([eye.disc.centre, (0.0, 0.0)]))) / view.scale
        assert disc > 0.5 * eye.disc.radius
        if plan.presence[index, MACULA - 1]:
            assert fovea > eye.macula.radius
        else:
            assert fovea < -eye.macula.radius
