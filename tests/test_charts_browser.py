"""A notebook's chart in JupyterLab itself, in a browser that reaches nothing but this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from training.charts import bundle

CHROMIUM = shutil.which("chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright drives a browser")
pytest.importorskip("jupyterlab", reason="there is no JupyterLab")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
]
NOTEBOOK = "图.ipynb"
LINES = ["息费争议", "账户管控", "债务催收"]
STARTS_WITHIN = 90.0


def notebook() -> dict[str, Any]:
    import altair as alt

    values = [{"业务线": line, "行数": count} for count, line in enumerate(LINES, 3)]
    chart = alt.Chart(alt.Data(values=values), title="各业务线的行数").mark_bar()
    spec = chart.encode(x=alt.X("行数:Q", title="行数"), y=alt.Y("业务线:N", title=None)).to_dict()
    data, metadata = bundle(spec)
    output = {"output_type": "display_data", "data": data, "metadata": metadata}
    cell = {"cell_type": "code", "id": "0", "execution_count": None, "metadata": {}}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": [{**cell, "source": "", "outputs": [output]}],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """A JupyterLab over one notebook that was run before."""
    root = tmp_path / "notebooks"
    root.mkdir()
    (root / NOTEBOOK).write_text(json.dumps(notebook()), encoding="utf-8")
    own = {
        name: str(tmp_path / name)
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "IPYTHONDIR",
        )
    }
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}"]
    command += ["--IdentityProvider.token=", "--ServerApp.allow_root=True"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            command, env=os.environ | own, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield _ready(f"http://127.0.0.1:{port}", server)
        finally:
            # Asked politely it waits for a kernel that is still starting.
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _ready(url: str, server: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{url}/api", timeout=5):
                return url
        except URLError:
            time.sleep(0.2)
    raise AssertionError("JupyterLab did not start")


def test_a_chart_is_drawn_with_its_chinese_words_and_nobody_is_asked(lab: str) -> None:
    elsewhere: list[str] = []

    def only_here(route: Any) -> None:
        address = urlsplit(route.request.url)
        if address.hostname in {None, "127.0.0.1"}:
            route.continue_()
        else:
            elsewhere.append(address.hostname)
            route.abort()

    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context()
        context.route("**/*", only_here)
        page = context.new_page()
        page.goto(f"{lab}/doc/tree/{NOTEBOOK}", wait_until="domcontentloaded")
        picture = page.locator(".jp-RenderedVegaLite svg.marks")
        picture.wait_for(timeout=STARTS_WITHIN * 1000)
        words = [text.text_content() for text in picture.locator("text").all()]
        bars = picture.locator(".mark-rect path").count()
        place = os.environ.get("JIESU_CHART_PICTURE")
        if place:
            page.locator(".jp-RenderedVegaLite").screenshot(path=place)
        browser.close()
    assert {*LINES, "行数", "各业务线的行数"} <= set(words)
    assert bars >= len(LINES)
    assert elsewhere == []
