"""A PostgreSQL server of the tests' own: in a temporary folder, reached by a socket, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

_PORT = 54329  # Only part of the socket's name: nothing listens on the network
_USER = "counterpoise"


def find_binaries() -> Path | None:
    """Where initdb and pg_ctl lie; Debian keeps them out of the path."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "pg_ctl").exists()), None)


@contextmanager
def private_server(binaries: Path) -> Iterator[str]:
    """Start a server; yields the URL of its database `postgres`."""
    folder = Path(
        tempfile.mkdtemp(prefix="cp-pg-")
    )  # A socket's path may have 107 characters: not in tmp_path
    as_user: list[str] = []
    if os.getuid() == 0:  # The server refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def run(*arguments: str | Path) -> None:
        done = subprocess.run(
            [*as_user, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run(binaries / "initdb", "-D", folder / "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-locale")
    options = f"-k {folder} -c listen_addresses='' -p {_PORT}"
    try:
        run(binaries / "pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start")
        yield f"postgresql://{_USER}@/postgres?host={folder}&port={_PORT}"
    finally:
        run(binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """An empty database of a server; yields its URL."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
