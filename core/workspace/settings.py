"""The one settings object, read from the environment."""

from pathlib import Path
from typing import Self

from platformdirs import user_data_path
from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import WorkspaceError


class Settings(BaseSettings):
    """What the environment decides: `COUNTERPOISE_HOME` and `COUNTERPOISE_DATABASE_URL`."""

    model_config = SettingsConfigDict(env_prefix="COUNTERPOISE_", frozen=True)

    home: Path = Field(
        default_factory=lambda: user_data_path("counterpoise", appauthor=False),
        description="The workspace: datasets' answers and scans, plans, runs",
    )
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite inside the workspace")

    @property
    def own_database(self) -> Path | None:
        """The file inside the workspace; None where the environment names another database."""
        file = self.home / "counterpoise.sqlite"
        return file if self.database_url == f"sqlite:///{file}" else None

    @model_validator(mode="after")
    def _fill(self) -> Self:
        home = self.home.expanduser().absolute()
        object.__setattr__(self, "home", home)
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{home / 'counterpoise.sqlite'}")
        return self


def read_settings() -> Settings:
    """The settings of the present environment.

    Raises:
        WorkspaceError: a variable cannot be understood.
    """
    try:
        return Settings()
    except ValidationError as error:
        what = "; ".join(f"COUNTERPOISE_{e['loc'][0]}".upper() + f": {e['msg']}" for e in error.errors())
        raise WorkspaceError(f"The settings in the environment cannot be used: {what}.") from error
