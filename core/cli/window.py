"""`app` and `desktop`: the pages in a browser, or in a window of their own."""

import importlib
import importlib.util
import os
import subprocess
import sys
import webbrowser
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from core.cli.server import serving
from core.errors import WindowError
from core.workspace.settings import read_settings

_APP_PORT = 8501
_DESKTOP_PORT = 8571  # a port of its own: a browser's old tab must not meet the window's server
_ICON = Path(__file__).resolve().parent.parent.parent / "assets" / "mark.png"
_PROBE = """
from PySide6.QtWidgets import QApplication
from PySide6 import QtWebEngineWidgets
QApplication([])
"""

Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="Where to listen; 8501 or a free one if left out"),
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Only say the address")]


def open_app(port: Port = None, no_browser: NoBrowser = False) -> None:
    """Open the app in a browser; Ctrl-C ends it, and runs in the background go on."""
    with serving(port, _APP_PORT) as server:
        typer.echo(f"Counterpoise is at {server.address} (Ctrl-C ends it; runs in the background go on)")
        if not no_browser and has_display():
            webbrowser.open(server.address)
        try:
            server.process.wait()
        except KeyboardInterrupt:
            typer.echo("", err=True)
            return
    raise WindowError("The server has ended by itself; what it said is above. Start it again.")


def desktop() -> None:
    """Open the app in a window of its own; closing it ends the app, and runs in the background go on."""
    webview = load_webview()
    check_qt()
    with serving(None, _DESKTOP_PORT) as server:
        show_window(webview, server.address)


def load_webview() -> ModuleType:
    """The module of pywebview.

    Raises:
        WindowError: The extra `desktop` is not installed.
    """
    if any(importlib.util.find_spec(name) is None for name in ("webview", "PySide6", "qtpy")):
        raise WindowError(
            "A window of its own needs the extra “desktop”: `python -m pip install -e '.[desktop]'` in the "
            "program's folder. `counterpoise app` opens the same pages in a browser without it."
        )
    os.environ.setdefault("QT_API", "pyside6")
    return importlib.import_module("webview")


def has_display() -> bool:
    """Whether this machine has a screen that windows can be opened on."""
    return sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def check_qt() -> None:
    """Refuse where Qt cannot open a window, which would otherwise end this process without a word of ours.

    Raises:
        WindowError: There is no display, or a library of the system is missing.
    """
    if not has_display():
        raise WindowError(
            "There is no display to open a window on. `counterpoise app --no-browser` serves the pages to a "
            "browser instead, e.g. through `ssh -L 8501:127.0.0.1:8501` from the machine you sit at."
        )
    tried = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        said = [line for line in tried.stderr.splitlines() if line.strip()]
        raise WindowError(
            f"Qt cannot open a window here: {said[0] if said else 'it gives no reason'}. Install what it "
            "misses, or use `counterpoise app`, which opens the same pages in a browser."
        )


def show_window(webview: ModuleType, address: str) -> None:
    """A window with the app; returns when it is closed.

    Args:
        webview: The module pywebview.
        address: Where the server answers.
    """
    webview.settings["ALLOW_DOWNLOADS"] = True  # tables, figures and plans are saved from the pages
    webview.create_window(
        "Counterpoise", address, width=1440, height=900, min_size=(960, 640), text_select=True, zoomable=True
    )
    kept = read_settings().home / "window"  # the theme that was chosen, as a browser would keep it
    webview.start(gui="qt", icon=str(_ICON), private_mode=False, storage_path=str(kept))
