"""The checks that need no example: lint, format, types, architecture, size."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "lint": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
    "architecture": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
}


@pytest.mark.parametrize("check", CHECKS)
def test_check_passes(check: str) -> None:
    done = subprocess.run(
        [sys.executable, *CHECKS[check]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{check}:\n{done.stdout}\n{done.stderr}"


def test_files_and_functions_stay_small() -> None:
    too_long = []
    for path in [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]:
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > (150 if path.parent.name == "pages" else 300):
            too_long.append(f"{path.relative_to(ROOT)}: {lines} lines")
        too_long += [
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 60
        ]
    assert not too_long


def test_the_router_knows_only_the_pages() -> None:
    tree = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert modules <= {"streamlit", "pages._ui"}


def test_the_server_never_loads_torch() -> None:
    modules = "core.services.datasets, core.services.balance, core.services.settings, core.cli"
    code = f"import {modules}, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
