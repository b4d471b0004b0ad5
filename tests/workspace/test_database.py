import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import core.accounts.tables
import core.reviews.tables  # noqa: F401  the tables register themselves
from core.errors import WorkspaceError
from core.workspace.database import Base, Database, open_database, workspace_database
from tests.conftest import ROOT

_OPEN_AND_SAY = """
import sys
from sqlalchemy import text
from core.workspace.database import open_database
with open_database(sys.argv[1]).reading() as session:
    print(session.scalar(text("SELECT version_num FROM alembic_version")))
"""


def test_the_migrations_make_exactly_the_tables_that_the_code_speaks_of(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_sqlite_keeps_what_is_confirmed_through_a_power_cut(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with database.reading() as session:
        settings = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}


def test_an_error_within_a_transaction_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError, match="in the middle"), database.writing() as session:
        session.execute(text("UPDATE ledger_head SET seq = 7"))
        raise RuntimeError("in the middle")
    with database.reading() as session:
        assert session.scalar(text("SELECT seq FROM ledger_head")) == 0


def test_a_reader_sees_one_state_while_another_writes(database: Database) -> None:
    with database.reading() as reading:
        before = reading.scalar(text("SELECT seq FROM ledger_head"))
        with database.writing() as writing:
            writing.execute(text("UPDATE ledger_head SET seq = 7"))
        assert reading.scalar(text("SELECT seq FROM ledger_head")) == before == 0


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_reader_cannot_write_to_postgresql(database: Database) -> None:
    with pytest.raises(WorkspaceError, match="read-only"), database.reading() as session:
        session.execute(text("UPDATE ledger_head SET seq = 7"))


@pytest.mark.parametrize("statement", ["UPDATE {} SET seq = seq + 1", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["ledger", "decisions"])
def test_the_database_itself_refuses_to_change_what_only_grows(
    database: Database, table: str, statement: str
) -> None:
    with database.writing() as session:
        session.execute(text("INSERT INTO ledger VALUES (1, '{}', '')"))
        session.execute(text("INSERT INTO reviews VALUES ('r', '{}', '', '', NULL)"))
        session.execute(text("INSERT INTO cases VALUES ('r', 0, 's', '{}')"))
        session.execute(
            text(
                "INSERT INTO decisions VALUES "
                "(1, 't', 'r', 0, 'a', 'A', false, '', 'accept', '', '', 1, 'x', NULL, NULL, NULL, '')"
            )
        )
    with pytest.raises((DBAPIError, WorkspaceError), match="only ever added"), database.writing() as session:
        session.execute(text(statement.format(table)))


def test_ten_processes_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'a.sqlite'}"
    # Programs of their own, not children of multiprocessing: those import this process's main module anew.
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN_AND_SAY, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(10)
    ]
    assert [opener.communicate(timeout=120)[0].strip() for opener in openers] == ["0002"] * 10


def test_a_database_of_a_newer_program_is_refused_with_a_sentence(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    url = database.engine.url.render_as_string(hide_password=False)
    with pytest.raises(WorkspaceError, match=r"newer version of Counterpoise \(schema 9999\)"):
        open_database(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is no address of a database"),
        ("mysql://a:secret@b/c", "use sqlite or postgresql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://me:secret@127.0.0.1:1/x", "cannot be used"),
    ],
)
def test_a_wrong_address_is_refused_without_showing_its_password(url: str, sentence: str) -> None:
    with pytest.raises(WorkspaceError, match=sentence) as refusal:
        open_database(url)
    assert "secret" not in str(refusal.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    file.write_text("not a database at all " * 50)
    with pytest.raises(WorkspaceError, match="file is not a database"):
        open_database(f"sqlite:///{file}")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot be made"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'a.sqlite'}")


def test_the_workspaces_database_is_opened_once_and_made_anew_when_its_file_is_gone(workspace: Path) -> None:
    first = workspace_database()
    assert workspace_database() is first
    first.close()
    for file in workspace.glob("counterpoise.sqlite*"):
        file.unlink()
    second = workspace_database()
    assert second is not first
    with sqlite3.connect(workspace / "counterpoise.sqlite") as connection:
        assert connection.execute("SELECT seq FROM ledger_head").fetchall() == [(0,)]
    connection.close()
    second.close()
