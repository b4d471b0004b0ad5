"""Steps of the schema keep what is in the database."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from core.workspace import migrations
from core.workspace.database import open_database


def test_accounts_of_the_first_schema_are_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    config = Config()
    config.set_main_option("script_location", str(Path(str(migrations.__file__)).parent))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("INSERT INTO accounts VALUES ('1', 'Ann', 'ann', 'hash', 'admin', 1, 7, 99.0, '2026-01-01')")
        )
    engine.dispose()
    database = open_database(url)
    with database.reading() as session:
        rows = session.execute(
            text("SELECT id, name, key, password_hash, role, active, subject FROM accounts")
        )
        assert [tuple(row) for row in rows] == [("1", "Ann", "ann", "hash", "admin", 1, None)]
    database.close()
