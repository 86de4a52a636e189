"""Waiting in tests for something that another process brings about."""

import time
from collections.abc import Callable

SECONDS = 90


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: It is not so after 90 seconds.
    """
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
