"""The window's outer edge: pywebview itself is tried by hand, under a virtual screen."""

import importlib.machinery
import sys
from types import ModuleType
from typing import Any

import pytest

from core.cli import window
from core.errors import WindowError


class FakeWebview(ModuleType):
    """What of pywebview is used."""

    def __init__(self) -> None:
        super().__init__("webview")
        self.__spec__ = importlib.machinery.ModuleSpec("webview", None)
        self.settings: dict[str, bool] = {}
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def create_window(self, *arguments: Any, **options: Any) -> None:
        self.calls.append(("create_window", arguments, options))

    def start(self, *arguments: Any, **options: Any) -> None:
        self.calls.append(("start", arguments, options))


def test_without_the_extra_the_next_step_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(WindowError, match=r"\.\[desktop\].*counterpoise app"):
        window.desktop()


def test_without_a_display_the_next_step_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(WindowError, match="no display.*--no-browser"):
        window.check_qt()


def test_where_qt_cannot_start_its_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(window, "_PROBE", "import sys; sys.exit('libEGL.so.1 is missing')")
    with pytest.raises(WindowError, match=r"libEGL\.so\.1 is missing"):
        window.check_qt()


def test_the_window_has_the_name_and_the_address() -> None:
    webview = FakeWebview()
    window.show_window(webview, "http://127.0.0.1:1")
    (made, arguments, _), (started, _, options) = webview.calls
    assert (made, arguments) == ("create_window", ("Counterpoise", "http://127.0.0.1:1"))
    assert started == "start"
    assert window.Path(options["icon"]).is_file()
    assert webview.settings["ALLOW_DOWNLOADS"]
