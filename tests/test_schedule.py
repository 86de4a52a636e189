"""Every unit of the schedule has files, and a test's id leads to its unit; a sample is fair and can be repeated."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lab.database.embedded.programs import MAJORS
from lab.text.product_files import PROJECT
from tests.sample import START, choose, find_start, leave_out, make_note
from tests.schedule import UNITS, unit_of

IDS = {
    "tests/mutations/test_mutations.py::test_a[pg18-0]": "mutations",
    "tests/ui/test_browser.py::test_a": "browser",
    "tests/ui/test_login.py::test_a": "apps",
    "tests/ui/test_pages.py::test_a": "tests/ui/test_pages.py",
    "tests/test_plan.py::test_a[x::y]": "tests/test_plan.py",
}


@pytest.mark.parametrize("nodeid", IDS)
def test_a_test_belongs_to_one_unit(nodeid: str) -> None:
    assert unit_of(nodeid) == IDS[nodeid]


@pytest.mark.parametrize("prefix", [prefix for prefixes in UNITS.values() for prefix in prefixes])
def test_a_unit_has_files(prefix: str) -> None:
    assert any(path.relative_to(PROJECT).as_posix().startswith(prefix) for path in PROJECT.glob("tests/**/test_*.py"))


@pytest.mark.parametrize(("count", "rate"), [(10, 3), (9, 5), (4, 7), (1, 2)])
def test_samples_from_all_places_leave_nothing_out_and_none_is_empty(count: int, rate: int) -> None:
    samples = [choose(count, rate, start) for start in range(rate)]
    assert set().union(*samples) == set(range(count))
    assert all(samples)
    assert choose(count, 0, 1) == set()


def test_the_sample_is_repeated_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(START, "5")
    assert (find_start(), f"{START}=5" in make_note()) == (5, True)


@pytest.mark.parametrize("said", ["", None])
def test_without_a_number_the_sample_begins_at_0(monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    monkeypatch.setenv(START, said or "")
    if said is None:
        monkeypatch.delenv(START)
    assert find_start() == 0


@dataclass(frozen=True)
class Case:
    """What a sample reads of a test on one major."""

    major: int
    place: int
    marker: Any = field(compare=False)

    @property
    def nodeid(self) -> str:
        return f"tests/test_x.py::test_x[pg{self.major}-{self.place}]"

    @property
    def callspec(self) -> Any:
        return SimpleNamespace(params={"each_server": self.major})

    def get_closest_marker(self, name: str) -> Any:
        return self.marker


@pytest.mark.parametrize(
    ("marker", "counts"),
    [(None, [4, 2, 2, 8]), (pytest.mark.sample(every=4, oldest=8, between=0).mark, [1, 0, 0, 2])],
    ids=["unmarked", "marked"],
)
@pytest.mark.parametrize("start", range(9))
def test_each_major_has_its_share(marker: Any, counts: list[int], start: int) -> None:
    cases = [Case(major, place, marker) for major in MAJORS for place in range(8)]
    left = cast(set[Case], leave_out(cast(list[pytest.Item], cases), start))
    assert [sum(case.major == major for case in cases if case not in left) for major in MAJORS] == counts
