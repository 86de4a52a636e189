"""The one browser of a test process: Playwright starts only once in it."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

SHARED = ["--process-per-site"]  # windows of one profile share a process, and so compile the app's scripts once


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium: CHROMIUM, /usr/bin/chromium, or Playwright's own."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or None
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=found, args=SHARED)
        except PlaywrightError as error:
            pytest.skip(f"no Chromium: set CHROMIUM to its path ({str(error).splitlines()[0]})")
        yield started
        started.close()
