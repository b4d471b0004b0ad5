"""Who is photographed, and what the photographs show."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.synthesis import FundusPlan, FundusSpec, plan_fundus, presence_counts

HARD, SOFT, FRESH, PIGMENTED, HAEMORRHAGE = 3, 4, 5, 6, 7  # columns of presence


@pytest.fixture(scope="module")
def plan() -> FundusPlan:
    return plan_fundus(FundusSpec())


@given(st.integers(1, 200), st.integers(0, 50))
def test_counts_are_exact_for_any_number_and_seed(images: int, seed: int) -> None:
    plan = plan_fundus(FundusSpec(images=images, seed=seed))
    assert plan.presence.sum(0).tolist() == presence_counts(images).tolist()


def test_equal_specs_give_equal_plans_and_other_seeds_others(plan: FundusPlan) -> None:
    again, other = plan_fundus(FundusSpec()), plan_fundus(FundusSpec(seed=1))
    assert again.images == plan.images
    assert np.array_equal(again.presence, plan.presence)
    assert other.images != plan.images


def test_patients_have_several_images_and_no_stem_occurs_twice(plan: FundusPlan) -> None:
    per_patient = Counter(image.patient for image in plan.images)
    stems = {plan.stem(index) for index in range(115)}
    assert len(stems) == 115
    assert 25 <= len(per_patient) <= 50
    assert sum(count >= 2 for count in per_patient.values()) / len(per_patient) > 0.7
    assert plan.stem(0).startswith("patient_01_")


def test_lesions_keep_plausible_company(plan: FundusPlan) -> None:
    presence = plan.presence
    assert (presence[:, HARD] <= presence[:, HAEMORRHAGE]).mean() > 0.97
    sick = plan.severity > np.median(plan.severity)
    assert presence[sick, SOFT].mean() > 1.5 * presence[~sick, SOFT].mean()
    assert not (presence[:, FRESH] & presence[:, PIGMENTED]).any()


def test_rare_classes_spread_over_enough_patients_for_threefold_validation() -> None:
    for seed in range(5):
        plan = plan_fundus(FundusSpec(seed=seed))
        for column in (FRESH, PIGMENTED):
            assert len({plan.images[i].patient for i in np.flatnonzero(plan.presence[:, column])}) >= 7


def test_burns_turn_into_scars_at_a_later_visit(plan: FundusPlan) -> None:
    visits = {(image.patient, image.side, image.visit): index for index, image in enumerate(plan.images)}
    scars = 0
    for index in np.flatnonzero(plan.presence[:, FRESH]):
        image = plan.images[index]
        later = visits.get((image.patient, image.side, image.visit + 1))
        scars += later is not None and bool(plan.presence[later, PIGMENTED])
    assert scars >= 1
