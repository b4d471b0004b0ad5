"""The settings page."""

from pathlib import Path

from tests.pages.conftest import OpenPage


def test_the_workspace_can_be_read_and_copied(open_page: OpenPage, workspace: Path) -> None:
    page = open_page("settings")
    assert page.code[0].value == str(workspace)


def test_devices_are_looked_for_only_when_someone_asks(open_page: OpenPage) -> None:
    page = open_page("settings")
    assert page.button(key="settings.probe").label == "Look for GPUs"
