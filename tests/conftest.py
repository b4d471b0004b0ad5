"""What all tests share."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.workspace.database import Database, open_database
from tests.workspace.postgres import find_binaries, fresh_database, private_server

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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server; without its programs the test skips, except in CI."""
    given = os.environ.get("COUNTERPOISE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is missing; in CI it must be there (apt-get install postgresql)")
        pytest.skip("no PostgreSQL here")
    with private_server(binaries) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database of each kind."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / 'reviews.sqlite'}"
        else:
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres_server")))
        opened = open_database(url)
        stack.callback(opened.close)
        yield opened
