import pytest

from core.domain.recipe import ScheduleSpec
from core.training.schedule import LearningRate


def test_a_constant_rate_stays() -> None:
    rate = LearningRate(ScheduleSpec(kind="constant"), 0.1, 5)
    rate.take(0.3)
    assert [rate.find(epoch) for epoch in range(5)] == [0.1] * 5


def test_a_cosine_goes_from_the_start_to_its_last_share() -> None:
    rate = LearningRate(ScheduleSpec(kind="cosine", final_share=0.1), 0.2, 11)
    rates = [rate.find(epoch) for epoch in range(11)]
    assert rates[0] == pytest.approx(0.2)
    assert rates[5] == pytest.approx(0.11)
    assert rates[10] == pytest.approx(0.02)
    assert rates == sorted(rates, reverse=True)


def test_a_plateau_lowers_the_rate_after_its_patience() -> None:
    rate = LearningRate(ScheduleSpec(kind="plateau", factor=0.5, patience=2), 0.1, 20)
    rates = []
    for figure in (0.5, 0.5, 0.4, None, 0.6, 0.6, 0.6, 0.6):
        rate.take(figure)
        rates.append(rate.find(0))
    assert rates == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025]


def test_a_plateau_goes_on_from_its_state() -> None:
    spec = ScheduleSpec(kind="plateau", factor=0.5, patience=1)
    first = LearningRate(spec, 0.1, 20)
    for figure in (0.5, 0.4):
        first.take(figure)
    second = LearningRate(spec, 0.1, 20)
    second.restore(first.state())
    for rate in (first, second):
        rate.take(0.4)
    assert first.find(0) == second.find(0) == 0.05
