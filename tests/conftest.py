"""What all tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def workspace(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh, empty workspace for each test: nothing ever touches the person's own."""
    home = tmp_path_factory.mktemp("workspace")
    monkeypatch.setenv("COUNTERPOISE_HOME", str(home))
    monkeypatch.delenv("COUNTERPOISE_DATABASE_URL", raising=False)
    return home


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real datasets beside the project; without it the test skips, except in CI."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"the real datasets are missing from {folder}; in CI they must be there")
        pytest.skip(f"no real datasets in {folder}")
    return folder
