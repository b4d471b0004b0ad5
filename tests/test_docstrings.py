import doctest
import importlib
import pkgutil

import pytest

import core
import pages._ui

MODULES = sorted(
    found.name
    for package in (core, pages._ui)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not found.name.startswith("core.workspace.migrations.")  # Alembic alone can import these
    and not found.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
