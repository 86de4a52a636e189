"""The status strip: each page that shows a target says its name, its verdict and how old that is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lab.readiness.report import Report
from lab.readiness.results import Results
from lab.ui.kit.progress import write_strip
from lab.ui.kit.reports import open_board
from tests.readiness.reports import finding, report
from tests.ui.drawing import Open, words
from tests.ui.operating import answered, execute

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
CHECKED = Results(times={"data": NOW - timedelta(minutes=5)})
PAGES = ("readiness", "access", "chapters", "payments", "deliveries")


@pytest.mark.parametrize(
    ("made", "results", "said"),
    [
        (None, Results(), ("not run", "not checked since the app started")),
        (report(), CHECKED, ("ready", "checked 5 min ago (data).")),
        (report(finding()), CHECKED, ("not ready", "5 min ago")),
        (None, CHECKED, ("unknown", "5 min ago")),
    ],
)
def test_it_says_target_verdict_and_age(made: Report | None, results: Results, said: tuple[str, ...]) -> None:
    told = write_strip("staging", made, results, NOW, "rules")
    assert all(word in told for word in ("**staging**", *said))


def test_a_hostile_name_is_text() -> None:
    assert "](" not in write_strip("[x](https://evil.test)", None, Results(), NOW, "").replace("\\]\\(", "")


@pytest.mark.usefixtures("own_home")
def test_every_page_that_shows_a_target_has_the_same_strip(open_page: Open, wall: str) -> None:
    execute(wall, "drop index public.share_cards_slug")
    answered(open_page("readiness"))
    for name in PAGES:
        strips = [line for line in words(open_page(name)).splitlines() if "ago (schema" in line]
        assert len(strips) == 1, name
        assert "error: not ready" in strips[0], name
    board = open_board()
    board._results["embedded"] = replace(board._results["embedded"], rules="those of yesterday")
    assert "older than the rules: run again" in words(open_page("access"))
