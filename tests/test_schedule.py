"""Every unit of the schedule has files, and a test's id leads to its unit."""

import pytest

from lab.text.product_files import PROJECT
from tests.schedule import UNITS, unit_of

IDS = {
    "tests/mutations/test_mutations.py::test_a[pg18-0]": "mutations",
    "tests/ui/test_browser.py::test_a": "browser",
    "tests/ui/test_pages.py::test_a": "tests/ui/test_pages.py",
    "tests/test_plan.py::test_a[x::y]": "tests/test_plan.py",
}


@pytest.mark.parametrize("nodeid", IDS)
def test_a_test_belongs_to_one_unit(nodeid: str) -> None:
    assert unit_of(nodeid) == IDS[nodeid]


@pytest.mark.parametrize("prefix", [prefix for prefixes in UNITS.values() for prefix in prefixes])
def test_a_unit_has_files(prefix: str) -> None:
    assert any(path.relative_to(PROJECT).as_posix().startswith(prefix) for path in PROJECT.glob("tests/**/test_*.py"))
