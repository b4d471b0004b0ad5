"""A store over each kind of database."""

from pathlib import Path

import pytest

from core.reviews.store import ReviewStore
from core.workspace.database import Database
from tests.reviews.sets import make_store


@pytest.fixture
def store(database: Database, tmp_path: Path) -> ReviewStore:
    return make_store(database, tmp_path)
