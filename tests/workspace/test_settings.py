from pathlib import Path

import pytest

from core.errors import WorkspaceError
from core.workspace.paths import check_id, dataset_id, workspace
from core.workspace.settings import read_settings


def test_home_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERPOISE_HOME", str(tmp_path / "ws"))
    assert read_settings().home == tmp_path / "ws"
    assert workspace().runs == tmp_path / "ws" / "runs"


def test_database_lies_in_the_workspace_unless_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERPOISE_HOME", str(tmp_path))
    assert read_settings().database_url == f"sqlite:///{tmp_path / 'counterpoise.sqlite'}"
    monkeypatch.setenv("COUNTERPOISE_DATABASE_URL", "postgresql://db/x")
    assert read_settings().database_url == "postgresql://db/x"


def test_reading_the_settings_creates_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERPOISE_HOME", str(tmp_path / "never"))
    read_settings()
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize("hostile", ["../x", "a/b", "", ".hidden", "a\\b", "A", "x" * 81, "a\n"])
def test_an_id_can_not_be_a_path(hostile: str) -> None:
    with pytest.raises(WorkspaceError, match="not an id"):
        check_id(hostile)


def test_equal_names_in_different_places_have_different_ids() -> None:
    ids = {dataset_id(Path(p)) for p in ("/a/Chest X-ray", "/b/Chest X-ray", "/ä/çè")}
    assert len(ids) == 3
    assert all(check_id(i) for i in ids)
