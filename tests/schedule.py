"""Which tests run in one worker, one after the other, and in which order the workers take them.

A worker takes a whole file, so that the file's fixtures are made once; files that share more are one unit. Long units
come first, so that no worker is left with one at the end. Marks and `--dist loadgroup` would say the same, but with
pytest 9.2 they have no effect.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

# A unit's name, and how the paths of its files begin: the longest first.
UNITS: dict[str, tuple[str, ...]] = {
    "browser": (  # one browser, and one app for all of them
        "tests/ui/test_browser.py",
        "tests/ui/test_every_page.py",
        "tests/ui/test_rehearsal_page.py",
        "tests/ui/test_walks.py",
        "tests/ui/test_accessibility.py",
        "tests/ui/test_alone.py",
        "tests/ui/test_product_questions.py",
        "tests/ui/test_generated_walks.py",
    ),
    "apps": (  # one browser, and apps of their own
        "tests/ui/test_login.py",
        "tests/ui/test_slow_target.py",
        "tests/ui/test_board.py",
        "tests/ui/test_personas.py",
        "tests/ui/test_access_in_browser.py",
        "tests/delivery/test_in_browser.py",
        "tests/ui/test_serve.py",
    ),
    "mutations": ("tests/mutations/",),  # roles belong to the server: weakening them in two workers at once would show
    # Roles belong to the server, and on Postgres 15 one is lent to the login while it probes.
    "probes": ("tests/probes/",),
    "rehearsal": ("tests/rehearsal/",),  # they share a stage
    "code": ("tests/test_code.py",),
    "billing": ("tests/billing/",),
    "preflight": ("tests/test_preflight.py",),
    "embedded": ("tests/embedded/",),
    "forward": ("tests/forward/",),  # they share a copy of the project whose rules have grown
    "contributing": ("tests/test_contributing.py",),
    "connections": ("tests/connections/",),
    "benchmarks": ("tests/test_benchmarks.py",),
    "output": ("tests/test_output.py",),
    "installation": ("tests/test_installation.py",),
}
_PREFIXES = [(prefix, name) for name, prefixes in UNITS.items() for prefix in prefixes]


def unit_of(nodeid: str) -> str:
    """Return the unit of a test: one of UNITS, or its file."""
    file = nodeid.partition("::")[0]
    return next((name for prefix, name in _PREFIXES if file.startswith(prefix)), file)


def put_long_first(items: list[pytest.Item]) -> None:
    """Put the units in the order of UNITS, and all other files after them in their own order."""
    places = {name: place for place, name in enumerate(UNITS)}
    items.sort(key=lambda item: places.get(unit_of(item.nodeid), len(places)))


def count_workers(cores: int) -> int:
    """Return how many workers keep so many cores busy."""
    return cores + cores // 2


def make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Make what gives each worker a unit at a time, in the order in which their tests are collected."""
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = unit_of
    return scheduler
