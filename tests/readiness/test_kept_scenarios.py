"""Named scenarios in the history: kept, replaced, deleted, limited; and a history that is older than they are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import ValidationError

from lab.readiness.history import (
    History,
    HistoryUnavailable,
    KeptScenario,
    SharedHistory,
    forget_scenario,
    keep_scenario,
    read_runs,
    read_scenarios,
    record_run,
    scenarios,
)
from lab.readiness.history.postgres_schema import SCHEMA
from tests.readiness.reports import run
from tests.readiness.test_history import _execute, place

__all__ = ["place"]  # the fixture: a file and a schema
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def named(name: str, query: str = "layer=scroll", minutes: int = 0) -> KeptScenario:
    return KeptScenario(name=name, query=query, kept_at=NOON + timedelta(minutes=minutes))


def test_what_was_kept_last_stands_first(place: History) -> None:
    assert read_scenarios(place) == ()
    old, new = named("By e-mail", "layer=artifacts&channel=email"), named("Ünïcode “gift”", minutes=5)
    keep_scenario(place, old)
    keep_scenario(place, new)
    assert read_scenarios(place) == (new, old)


def test_the_same_name_replaces(place: History) -> None:
    keep_scenario(place, named("One"))
    keep_scenario(place, named("One", "layer=shop", minutes=1))
    assert [one.query for one in read_scenarios(place)] == ["layer=shop"]


def test_a_deleted_one_is_gone_and_a_second_time_there_is_none(place: History) -> None:
    keep_scenario(place, named("One"))
    assert forget_scenario(place, "One")
    assert not forget_scenario(place, "One")
    assert read_scenarios(place) == ()


def test_too_many_are_refused_and_nothing_is_lost(place: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "MOST_SCENARIOS", 2)
    for name in ("One", "Two"):
        keep_scenario(place, named(name))
    with pytest.raises(HistoryUnavailable, match=r"holds 2 scenarios, the most it keeps\. Delete one first"):
        keep_scenario(place, named("Three"))
    keep_scenario(place, named("Two", "layer=shop"))
    assert {one.name for one in read_scenarios(place)} == {"One", "Two"}


def test_an_older_history_is_read_and_gets_its_table_with_the_next_write(place: History) -> None:
    record_run(place, run(1))
    _execute(place, "drop table scenario" if isinstance(place, Path) else f"drop table {SCHEMA}.scenario")
    assert read_scenarios(place) == ()
    assert len(read_runs(place)) == 1
    keep_scenario(place, named("One"))
    assert [one.name for one in read_scenarios(place)] == ["One"]
    assert len(read_runs(place)) == 1


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_no_outsider_reads_a_table_that_came_later(place: History) -> None:
    assert isinstance(place, SharedHistory)
    record_run(place, run(1))
    _execute(place, f"drop table {SCHEMA}.scenario", "alter default privileges grant all on tables to public")
    keep_scenario(place, named("One"))
    with psycopg.connect(place.url) as shared:
        query = "select relacl::text from pg_class where relname = 'scenario'"
        (granted,) = shared.execute(query).fetchone() or ("",)
    assert "{=" not in granted
    assert ",=" not in granted


@pytest.mark.parametrize("name", ["", " x", "x ", "y" * 61])
def test_a_name_is_short_and_has_no_blank_end(name: str) -> None:
    with pytest.raises(ValidationError):
        named(name)
