"""Server start to first page: this app against a one-line Streamlit app, in the same run.

    python -m benchmarks.app_start [ROUNDS]

Both are started in turn; the clock runs from the start of the process until Chromium shows the last thing
that the first page of a new workspace draws: its title, or the button that opens a folder.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
Role = Literal["heading", "button"]
ONE_LINE = 'import streamlit as st; st.title("Ready")\n'


def seconds_to_first_page(browser: Browser, script: Path, last: tuple[Role, str], home: str) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = browser.new_context()
    page = context.new_page()
    start = time.perf_counter()
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            script.name,
            f"--server.port={port}",
            "--server.headless=true",
        ],
        cwd=script.parent,
        env={**os.environ, "COUNTERPOISE_HOME": home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_role(last[0], name=last[1]).wait_for(timeout=60_000)
        return time.perf_counter() - start
    finally:
        context.close()
        server.terminate()
        server.wait()


def wait_for(address: str) -> None:
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310  # our own server on this machine
                return
        except OSError:
            time.sleep(0.02)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        one_line = Path(folder) / "one_line.py"
        one_line.write_text(ONE_LINE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(rounds + 1):  # the first round fills the file caches and is thrown away
            theirs.append(seconds_to_first_page(browser, one_line, ("heading", "Ready"), folder))
            ours.append(seconds_to_first_page(browser, ROOT / "app.py", ("button", "Open folder"), folder))
    mine, base = statistics.median(ours[1:]), statistics.median(theirs[1:])
    print(
        f"one-line app {base:.2f} s, Counterpoise {mine:.2f} s, ratio {mine / base:.2f} (median of {rounds})"
    )


if __name__ == "__main__":
    main()
