"""What the settings page shows: the workspace, the devices, the version."""

import json
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.jobs.submit import submit
from core.runs.folder import create_run
from core.services.balance.plans import app_version
from core.workspace.paths import workspace
from core.workspace.settings import read_settings

_PACKAGES = (
    "streamlit",
    "plotly",
    "numpy",
    "scipy",
    "pandas",
    "pillow",
    "torch",
    "segmentation-models-pytorch",
)


@dataclass(frozen=True, slots=True)
class About:
    """Facts about this installation; `database` never shows a password."""

    version: str
    python: str
    system: str
    home: Path
    database: str
    workspace_bytes: int
    datasets: int
    packages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Devices:
    """What the last probe found; `gpus` are (name, bytes of memory)."""

    torch: str
    cpu_threads: int
    gpus: tuple[tuple[str, int], ...]


def describe() -> About:
    """Look at this installation and its workspace.

    Raises:
        WorkspaceError: the environment's settings cannot be understood.
    """
    settings = read_settings()
    files = [path for path in settings.home.rglob("*") if path.is_file() and not path.is_symlink()]
    return About(
        version=app_version(),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        home=settings.home,
        database=_hide_password(settings.database_url),
        workspace_bytes=sum(path.stat().st_size for path in files),
        datasets=len(list(workspace().datasets.glob("*/dataset.toml"))),
        packages=tuple((name, _installed(name)) for name in _PACKAGES),
    )


def start_probe() -> str:
    """Ask torch, in a process of its own, which devices there are; returns the run's id."""
    folder = create_run("probe", {})
    submit(folder)
    return folder.id


def devices() -> Devices | None:
    """What the last probe found, or None when none has run yet."""
    try:
        found = json.loads((workspace().home / "devices.json").read_bytes())
        gpus = tuple((gpu["name"], gpu["bytes"]) for gpu in found["gpus"])
        return Devices(found["torch"], found["cpu_threads"], gpus)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _hide_password(url: str) -> str:
    scheme, slashes, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}{slashes}{login.partition(':')[0]}{at}{place}" if at else url
