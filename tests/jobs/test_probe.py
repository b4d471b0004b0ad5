import sys

import pytest

from core.errors import RunError
from core.jobs.probe import run_probe
from core.services import settings


def test_the_answer_is_kept_for_the_settings_page() -> None:
    assert settings.devices() is None
    answer = run_probe({}, lambda *_: None, lambda: False)
    found = settings.devices()
    assert found is not None
    assert found.cpu_threads >= 1
    assert (not found.gpus) == answer["message"].startswith("No GPU")


def test_a_torch_that_cannot_be_loaded_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(RunError, match="torch cannot be loaded"):
        run_probe({}, lambda *_: None, lambda: False)
