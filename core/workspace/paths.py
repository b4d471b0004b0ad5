"""Where things lie in the workspace."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import WorkspaceError
from core.workspace.settings import read_settings

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one workspace; `home` need not exist before something is written."""

    home: Path

    @property
    def datasets(self) -> Path:
        """One folder a dataset: its answers, its scan, its draft and plans."""
        return self.home / "datasets"

    @property
    def runs(self) -> Path:
        """One folder a background run."""
        return self.home / "runs"

    @property
    def demo(self) -> Path:
        """The demo's images and masks."""
        return self.home / "demo"

    @property
    def previews(self) -> Path:
        """One folder a preview of the augmentation."""
        return self.home / "previews"

    @property
    def balanced(self) -> Path:
        """Balanced sets that were given no other place."""
        return self.home / "balanced"

    @property
    def reviews(self) -> Path:
        """Corrected masks, one folder a review."""
        return self.home / "reviews"

    @property
    def bundles(self) -> Path:
        """Review bundles that were opened here, one folder a bundle."""
        return self.home / "bundles"

    def dataset(self, dataset_id: str) -> Path:
        """The folder of one dataset."""
        return self.datasets / check_id(dataset_id)

    def run(self, run_id: str) -> Path:
        """The folder of one run."""
        return self.runs / check_id(run_id)

    def preview(self, key: str) -> Path:
        """The folder of one preview."""
        return self.previews / check_id(key)


def workspace() -> Workspace:
    """The workspace that the environment names."""
    return Workspace(read_settings().home)


def check_id(name: str) -> str:
    """Return an id that is safe as a folder name.

    Ids come back through URLs, so a path must never hide in one.

    Raises:
        WorkspaceError: the id is not one that this program gives.
    """
    if not _ID.fullmatch(name):
        raise WorkspaceError(f"{name!r} is not an id that this program gives; open it from the list instead.")
    return name


def dataset_id(root: Path) -> str:
    """The id of the dataset at a path: readable, and different for equal names in different places.

    >>> dataset_id(Path("/data/Chest X-ray"))[:-9]
    'chest-x-ray'
    """
    slug = re.sub(r"[^a-z0-9]+", "-", root.stem.lower()).strip("-")[:48] or "dataset"
    return f"{slug}-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"
