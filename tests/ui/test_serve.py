"""`serve`: the app with its monitor's routes, on the address that the pages know."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from fixtures.served_app import find_port, settle
from lab.services import health
from lab.text.product_files import PROJECT

Run = Callable[..., tuple[int, str, str]]


@contextmanager
def served(home: Path, *options: str) -> Iterator[str]:
    port = find_port()
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    settings = inherited | {"PERSISTENCE_LAB_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "lab", "serve", "--port", str(port), *options]
    process = subprocess.Popen(command, cwd=home, env=settings, stderr=(home / "server.log").open("w"))
    try:
        for _ in range(600):
            try:
                read(f"http://localhost:{port}/health")
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(30)


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


def test_it_serves_the_app_its_health_and_its_numbers(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as url:
        assert json.loads(read(f"{url}/health")) == {"status": "ok", "database": "not started"}
        page = browser.new_page()
        page.goto(f"{url}/schema")
        settle(page)
        expect(page.locator("h1").first).to_have_text("Schema")
        expect(page.get_by_role("link", name="Chapters")).to_be_visible()
        numbers = dict(line.rsplit(" ", 1) for line in read(f"{url}/metrics").splitlines() if line[0] != "#")
        assert (numbers["lab_up"], numbers["lab_sessions"]) == ("1", "1")
        assert int(numbers["lab_memory_peak_bytes"]) > 10**7
        assert json.loads(read(f"{url}/health"))["database"] in ("starting", "ready")
        page.goto(f"{url}/readiness")
        settle(page)
        assert "Live targets are closed" not in page.locator("body").inner_text()
        page.close()


def test_an_open_address_closes_live_data(browser: Browser, tmp_path: Path) -> None:
    """The pages learn the address from the command, not from the file of settings, which names this machine."""
    with served(tmp_path, "--address", "0.0.0.0") as url:
        page = browser.new_page()
        page.goto(f"{url}/readiness")
        settle(page)
        expect(page.get_by_text("Live targets are closed")).to_be_visible()
        page.close()


def test_a_database_that_is_gone_answers_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "find_database_state", lambda: "unavailable")
    answer = health._tell_health(None)  # type: ignore[arg-type]  # the route reads nothing of its request
    assert (answer.status_code, json.loads(bytes(answer.body))["status"]) == (503, "unavailable")


def test_a_port_that_is_taken_is_named(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = run("serve", "--port", str(port))
    assert (code, out) == (2, "")
    assert f"error: 127.0.0.1:{port}: the app cannot listen there" in err
    assert run("serve", "--port", "99999")[0] == 2


def test_a_fresh_server_never_shows_streamlit_s_own_menu() -> None:
    """Its older mode, which runs a page without app.py, is ruled out before the first visitor comes."""
    code = "import lab.ui.serve; from streamlit.runtime.pages_manager import PagesManager as made;"
    code += "print(made.uses_pages_directory)"
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
