import math

import numpy as np
import pytest

from core.domain.balance import BalanceSpec, ClassTarget
from core.domain.training import PlanChoice
from core.errors import RunError
from core.services import comparison
from core.services.comparison import ComparedRun
from tests.services.histories import ask, write_run

TWO_FOLDS = [
    {"disc": [0.2, 0.6, 0.5, 0.7], "vessels": [0.1, 0.3, 0.4, 0.2]},
    {"disc": [0.4, 0.8, 0.7, 0.5], "vessels": [0.1, 0.5, 0.2, 0.2]},
]


def read(*ids: str) -> list[ComparedRun]:
    return comparison.read_runs(ids)


def test_the_best_epoch_is_that_of_the_mean_over_the_folds() -> None:
    (run,) = read(write_run(ask(), TWO_FOLDS))
    best = comparison.find_best_epoch(run, "disc")
    assert best is not None
    assert (best.epoch, best.folds) == (2, 2)  # fold 1 alone is best at 4
    assert best.value == pytest.approx(0.7)
    assert best.spread == pytest.approx(np.std([0.6, 0.8], ddof=1))


def test_one_fold_has_no_spread() -> None:
    (run,) = read(write_run(ask(folds=None), TWO_FOLDS[:1]))
    best = comparison.find_best_epoch(run, "disc")
    assert best is not None
    assert (best.value, best.epoch, best.spread) == (0.7, 4, None)


def test_a_curve_has_the_mean_and_the_band_of_the_folds_smoothed() -> None:
    (run,) = read(write_run(ask(), TWO_FOLDS))
    curve = comparison.build_curve(run, "disc", window=2)
    assert curve.folds.shape == (2, 4)
    np.testing.assert_allclose(curve.mean, [0.3, 0.5, 0.65, 0.6])
    np.testing.assert_allclose(curve.low, [0.2, 0.4, 0.55, 0.6])
    np.testing.assert_allclose(curve.high, [0.4, 0.6, 0.75, 0.6])


def test_loss_curves_are_means_over_the_folds() -> None:
    (run,) = read(write_run(ask(), TWO_FOLDS))
    train, held_out = comparison.build_loss_curves(run)
    np.testing.assert_allclose(held_out, [0.8, 0.45, 0.55, 0.6])
    assert (train < held_out).all()


def test_folds_of_a_half_finished_run_are_used_as_far_as_they_are() -> None:
    (run,) = read(write_run(ask(), [TWO_FOLDS[0], {"disc": [0.4], "vessels": [0.2]}], "cancelled"))
    curve = comparison.build_curve(run, "disc")
    np.testing.assert_allclose(curve.mean, [0.3, 0.6, 0.5, 0.7])
    assert math.isnan(curve.folds[1, 3])
    best = comparison.find_best_epoch(run, "disc")
    assert best is not None
    assert (best.epoch, best.folds, best.spread) == (4, 1, None)


def test_a_run_that_has_said_nothing_yet_leaves_its_cells_empty() -> None:
    runs = read(write_run(ask("full"), TWO_FOLDS), write_run(ask("empty"), []))
    assert runs[1].classes == ()
    assert comparison.find_best_epoch(runs[1]) is None
    assert comparison.judge(runs[0], runs[1]) is None
    table = comparison.s1_table(runs)
    assert table["empty · best"].isna().all()
    assert comparison.s2_table(runs)["epochs"].tolist() == [4, 0]
    assert comparison.build_curve(runs[1]).mean.size == 0
    assert comparison.history_table(runs[1]).empty


def test_an_absent_class_is_no_number() -> None:
    (run,) = read(write_run(ask(), [{"disc": [0.5, 0.6], "vessels": [None, None]}]))
    assert comparison.find_best_epoch(run, "vessels") is None
    table = comparison.s1_table([run]).set_index("class")
    assert math.isnan(table.loc["vessels", "run · best"])
    assert table.loc["vDice", "run · best"] == pytest.approx(0.6)


def test_s1s_table_has_each_class_and_vdice_with_value_epoch_and_spread() -> None:
    table = comparison.s1_table(read(write_run(ask(), TWO_FOLDS))).set_index("class")
    assert table.index.tolist() == ["disc", "vessels", "vDice"]
    assert table.loc["vessels"].tolist() == pytest.approx([0.4, 2, np.std([0.3, 0.5], ddof=1)])
    assert table.loc["vDice", "run · epoch"] == 2


def test_s2s_table_takes_both_parts_at_the_best_epoch() -> None:
    line = comparison.s2_table(read(write_run(ask(), TWO_FOLDS))).iloc[0]
    assert (line["epoch"], line["epochs"]) == (2, 4)
    assert line["validation Dice"] == pytest.approx(0.55)
    assert line["train Dice"] == pytest.approx(0.65)
    assert line["validation loss"] == pytest.approx(0.45)
    assert line["loss function"] == "bce"
    assert line["minutes"] == pytest.approx(4.0)  # 8 epochs of 30 s


def test_s3s_table_takes_smoothed_last_values_and_their_variance() -> None:
    curves = [{"disc": [0.0, 1.0], "vessels": [0.0, 0.0]}]
    run = read(write_run(ask(epochs=2, folds=None), curves))
    last = comparison.s3_table(run, window=1).iloc[0]
    assert last["mean IoU, %"] == pytest.approx(50)
    assert last["variance across classes, points²"] == pytest.approx(2500)
    assert comparison.s3_table(run, window=2).iloc[0]["disc, %"] == pytest.approx(50)


def test_only_settings_that_differ_are_listed() -> None:
    plan = PlanChoice(name="rare up", spec=BalanceSpec(targets=(ClassTarget(name="disc", share=1.0),)))
    requests = {"one": ask("one", batch=8), "other": ask("other", batch=4, plan=plan)}
    table = comparison.find_differences(requests).set_index("setting")
    assert table.loc["recipe.batch"].tolist() == [8, 4]
    assert "plan.name" in table.index
    assert "title" not in table.index
    assert "recipe.epochs" not in table.index
    assert "plan" not in table.index  # its fields speak for it
    assert table.loc["plan.name"].tolist() == ["", "rare up"]
    assert comparison.find_differences({"one": ask(), "other": ask()}).empty


def test_settings_that_are_lists_are_written_as_people_write_them() -> None:
    one, other = ask("one"), ask("other")
    recipe = one.recipe.model_copy(update={"assumptions": ("batch 16", "no weights")})
    requests = {"one": one.model_copy(update={"recipe": recipe}), "other": other}
    table = comparison.find_differences(requests).set_index("setting")
    assert table.loc["recipe.assumptions", "one"] == "batch 16; no weights"


def higher(by: float) -> list[dict[str, list[float | None]]]:
    return [{k: [v + by for v in curve] for k, curve in fold.items()} for fold in TWO_FOLDS]


def test_a_difference_within_the_spread_of_the_folds_is_not_believed() -> None:
    runs = read(write_run(ask("base"), TWO_FOLDS), write_run(ask("little"), higher(0.02)))
    verdict = comparison.judge(*runs, name="disc")
    assert verdict is not None
    assert verdict.certain is False
    assert verdict.difference == pytest.approx(0.02)
    assert "little is 2.0 points higher than base in disc, which is no more than" in verdict.sentence


def test_a_difference_beyond_the_spread_is_believed() -> None:
    runs = read(write_run(ask("base"), TWO_FOLDS), write_run(ask("much"), higher(-0.19)))
    verdict = comparison.judge(*runs, name="disc")
    assert verdict is not None
    assert verdict.certain is True
    assert "19.0 points lower than base in disc, which is more than" in verdict.sentence


def test_equal_runs_are_not_called_higher() -> None:
    runs = read(write_run(ask("one"), TWO_FOLDS), write_run(ask("same"), TWO_FOLDS))
    verdict = comparison.judge(*runs)
    assert verdict is not None
    assert verdict.sentence.startswith("same and one differ by less than 0.01 points in vDice")


def test_with_a_single_fold_nothing_is_said_of_luck() -> None:
    runs = read(write_run(ask("a", folds=None), TWO_FOLDS[:1]), write_run(ask("b"), TWO_FOLDS))
    verdict = comparison.judge(*runs)
    assert verdict is not None
    assert (verdict.certain, verdict.spread) == (None, None)
    assert "single fold" in verdict.sentence


def test_a_collapse_is_flagged_in_its_fold_with_its_best_epoch() -> None:
    fallen = [TWO_FOLDS[0], {"disc": [0.1, 0.6, 0.02, 0.01], "vessels": [0.1, 0.2, 0.3, 0.4]}]
    (alarm,) = comparison.find_alarms(read(write_run(ask(), fallen)))
    assert (alarm.name, alarm.fold, alarm.collapse.best_epoch) == ("disc", 2, 1)


def test_the_history_has_a_line_an_epoch_with_all_figures() -> None:
    table = comparison.history_table(read(write_run(ask(), TWO_FOLDS))[0])
    assert len(table) == 8
    line = table[(table["fold"] == 2) & (table["epoch"] == 3)].iloc[0]
    assert line["validation dice.disc"] == pytest.approx(0.7)
    assert {"train loss", "validation iou.vessels", "seconds", "lr"} <= set(table.columns)


def test_runs_of_equal_title_keep_their_own_columns() -> None:
    runs = read(write_run(ask("same"), TWO_FOLDS), write_run(ask("same"), higher(0.1)))
    assert [run.title for run in runs] == ["same", "same (2)"]
    table = comparison.s1_table(runs).set_index("class")
    assert table.loc["disc", "same (2) · best"] == pytest.approx(0.8)


def test_an_unknown_run_is_refused() -> None:
    with pytest.raises(RunError, match="There is no run"):
        read("train-20200101-000000-abcdef")
