"""The database: SQLite inside the workspace, or what `COUNTERPOISE_DATABASE_URL` names.

Whatever this module promises, it promises for both:

- a transaction of `Database.writing` is stored wholly or not at all, and lies on the disk when it returns;
- schema and program fit: older schemas are migrated at first use, newer ones are refused.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Session

from core.errors import WorkspaceError
from core.workspace.settings import read_settings

_BUSY_SECONDS = 60  # Twenty writers at once wait well under one second; a backup may hold the file longer
_MIGRATION_LOCK = 0x636F756E  # Any number that no other program on the server uses: "coun"
_READING = "counterpoise_reading"


class Base(DeclarativeBase):
    """The base of every table; names of constraints are fixed, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


@dataclass(frozen=True, slots=True)
class Database:
    """An opened database; safe to share between threads.

    Attributes:
        engine: SQLAlchemy's.
        turn: Held by the thread that writes. Threads of one process hand it on at once, where SQLite would
            have them sleep and try again; what other processes do is left to the database.
    """

    engine: Engine
    turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        SQLite takes its write lock at the start: a transaction that reads and then writes never fails for
        what another one did in between.

        Raises:
            WorkspaceError: The database cannot be reached or written; nothing was stored, or, where the
                connection broke at the very end, it is not known whether it was.
        """
        with self.turn, _database_errors(self.engine.url), Session(self.engine) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view, which blocks no writer.

        Raises:
            WorkspaceError: The database cannot be reached.
        """
        engine = self.engine.execution_options(**{_READING: True})
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with _database_errors(self.engine.url), Session(engine) as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open a database, and bring its schema to what this program needs.

    Args:
        url: An SQLAlchemy URL of SQLite or PostgreSQL.

    Raises:
        WorkspaceError: The URL is wrong, the database cannot be reached, or a newer version of this program
            has written it.
    """
    address = _read_url(url)
    database = Database(_make_engine(address))
    try:
        with _database_errors(address), _opening(address):
            _migrate(database.engine)
    except BaseException:
        database.close()
        raise
    return database


_opened: dict[str, Database] = {}
_opening_lock = threading.Lock()


def workspace_database() -> Database:
    """The database of the present environment, opened once a process. Raises as `open_database`."""
    url = read_settings().database_url
    with _opening_lock:
        known = _opened.get(url)
        file = _sqlite_file(make_url(url)) if known is not None else None
        if known is None or (file is not None and not file.exists()):
            known = _opened[url] = open_database(url)
        return known


def _read_url(url: str) -> URL:
    try:
        address = make_url(url)
        if address.drivername in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise WorkspaceError(
            "COUNTERPOISE_DATABASE_URL is no address of a database; write sqlite:////path/file.sqlite or "
            "postgresql://user:password@host/database."
        ) from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise WorkspaceError(
            f"COUNTERPOISE_DATABASE_URL names a database of the kind {address.get_backend_name()}; use "
            "sqlite or postgresql."
        )
    if address.get_backend_name() == "sqlite" and _sqlite_file(address) is None:
        raise WorkspaceError("COUNTERPOISE_DATABASE_URL names no file; decisions would be lost. Name one.")
    return address


def _sqlite_file(address: URL) -> Path | None:
    if address.get_backend_name() != "sqlite" or not address.database or ":memory:" in address.database:
        return None
    return Path(address.database)


def _make_engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        engine = create_engine(
            address,
            pool_size=5,
            max_overflow=-1,
            hide_parameters=True,
            connect_args={"timeout": _BUSY_SECONDS},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(
            address,
            pool_size=20,
            max_overflow=20,
            pool_pre_ping=True,
            hide_parameters=True,  # Errors end in logs, and values are patients' and passwords' business
            connect_args={"connect_timeout": 10},
        )
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            "PostgreSQL needs the package psycopg: install counterpoise[postgres], or leave "
            "COUNTERPOISE_DATABASE_URL empty to use SQLite."
        ) from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # Python's sqlite3 begins no transaction of its own
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _opening(address: URL) -> Iterator[None]:
    """Let one process at a time create a SQLite file and turn on its write-ahead log."""
    file = _sqlite_file(address)
    if file is None:
        yield
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_name(file.name + ".lock"), timeout=_BUSY_SECONDS):
            yield
    except Timeout as error:
        raise WorkspaceError(f"Another process has been opening {file} for a minute; stop it.") from error
    except OSError as error:
        raise WorkspaceError(
            f"The database {file} cannot be made ({error.strerror or error}); check the folder's permissions."
        ) from error


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()  # A journal's mode changes outside of transactions only
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        finally:
            raw.close()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        present = MigrationContext.configure(connection).get_current_revision()
        if present == scripts.get_current_head():
            return
        if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
            raise WorkspaceError(
                f"The database {_name(engine.url)} was written by a newer version of Counterpoise (schema "
                f"{present}); start that version, or name another database in COUNTERPOISE_DATABASE_URL."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _database_errors(address: URL) -> Iterator[None]:
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise  # A fault of this program, not of the place it stores in
    except (DBAPIError, sqlite3.Error) as error:  # The latter while a connection is set up
        raise WorkspaceError(
            f"The database {_name(address)} cannot be used ({_reason(error)}). Check that it can be reached, "
            "may be written to, and that the disk is not full; then try again."
        ) from error


def _reason(error: DBAPIError | sqlite3.Error) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    return lines[0].rstrip(".")


def _name(address: URL) -> str:
    """Fit to show: no password."""
    return str(_sqlite_file(address) or address.render_as_string(hide_password=True))
