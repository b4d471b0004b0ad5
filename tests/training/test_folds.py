from pathlib import Path

import numpy as np
import pytest

from core.domain.scan import ScannedDataset
from core.domain.training import SplitSpec
from core.errors import SplitError
from core.training.folds import assign_folds
from tests.training.sets import write_discs

TENS = r"^.*?/(\d)"  # 00 to 09 are one group, 10 and 11 the other


@pytest.fixture
def discs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScannedDataset:
    monkeypatch.setenv("COUNTERPOISE_HOME", str(tmp_path / "home"))
    return write_discs(tmp_path / "discs")


def test_a_hold_out_takes_about_the_share_asked_for(discs: ScannedDataset) -> None:
    (only,) = assign_folds(discs, SplitSpec(holdout=0.25), None)
    assert len(only.validation) == 3
    assert sorted([*only.validation, *np.flatnonzero(only.copies)]) == list(range(12))
    assert not only.notes


def test_a_hold_out_of_few_groups_takes_a_whole_one_and_says_so(discs: ScannedDataset) -> None:
    (only,) = assign_folds(discs, SplitSpec(holdout=0.1, group_pattern=TENS), None)
    assert len(only.validation) in (2, 10)
    assert "form only 2 groups" in only.notes[-1]
    assert "not 10%" in only.notes[-1]


def test_more_folds_than_groups_are_refused(discs: ScannedDataset) -> None:
    with pytest.raises(SplitError, match="at most 2 folds"):
        assign_folds(discs, SplitSpec(folds=3, group_pattern=TENS), None)
