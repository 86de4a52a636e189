"""The committed migrations give what the rules give, and a new one comes last."""

from collections.abc import Callable
from datetime import datetime

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import apply_migrations
from lab.migrations.diff.write import find_differences, find_scope, read_side
from lab.migrations.files import forward_names, next_version
from lab.sql import make_migrations

Databases = Callable[..., Database]


@pytest.fixture
def sides(each_server: EmbeddedPostgres, database: Databases) -> tuple[str, str]:
    """A database of the committed migrations, and one of the rules."""
    ours, new = database(each_server), database(each_server, "bare")
    apply_migrations(new.url, make_migrations())
    return ours.url, new.url


def test_the_committed_migrations_give_what_the_rules_give(sides: tuple[str, str]) -> None:
    ours, new = sides
    scope = find_scope(ours, new)
    assert [finding.key for finding in find_differences(ours, read_side(new, scope), scope)] == []


def test_the_smallest_difference_counts(sides: tuple[str, str]) -> None:
    """The test above can fail: a comment alone is a difference between two sides that are both ours."""
    ours, new = sides
    with psycopg.connect(ours) as connection:
        connection.execute("comment on column public.products.title is 'other'")
    scope = find_scope(ours, new)
    keys = [finding.key for finding in find_differences(ours, read_side(new, scope), scope)]
    assert keys == ["column:public.products.title:comment"]


def test_names_of_the_baseline_are_no_forward_ones() -> None:
    baseline = {migration.file_name for migration in make_migrations()}
    assert not baseline & set(forward_names())


@pytest.mark.parametrize(
    ("now", "version"),
    [("2030-01-02T03:04:05+00:00", "20300102030405"), ("2020-01-01T00:00:00+00:00", "20261122000108")],
    ids=["later", "a clock that is behind"],
)
def test_a_new_version_comes_last(now: str, version: str) -> None:
    assert next_version(datetime.fromisoformat(now), make_migrations()) == version
