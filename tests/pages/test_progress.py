"""Background runs on the screen."""

from pathlib import Path

import pytest

from core.domain.identity import local_identity
from core.errors import AccessError
from core.runs.folder import create_run
from pages._ui import progress, sign_in


def test_who_is_no_longer_signed_in_stops_no_run(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run("scan", {"dataset": "eyes"})
    monkeypatch.setattr(sign_in, "find", lambda used=True: None)
    with pytest.raises(AccessError, match="no longer signed in"):
        progress.cancel(run.id)
    assert not (run.path / "cancel").exists()
    monkeypatch.setattr(sign_in, "find", lambda used=True: local_identity("ann"))
    progress.cancel(run.id)
    assert (run.path / "cancel").exists()
