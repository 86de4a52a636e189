"""The comparison with other checkers, on a small sample and with those that need no download; documents, once."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from benchmarks import documents
from benchmarks.checkers import tools
from benchmarks.checkers.checkers import OURS, TEXT
from benchmarks.checkers.sample import GROUPS, choose_weakenings
from benchmarks.checkers.table import describe, write_text
from benchmarks.checkers.trial import Plan, Result, run_trial
from fixtures import servers
from fixtures.mutations.sample import families
from lab.checks.schema.check import check_connection

BESIDE = {
    "strangers, publications",
    "undeclared access",
    "the platform's doors",
    "the platform's own",
    "roles, owners and settings",
}
KINDS_BESIDE = {
    "account_guard",
    "bucket",
    "collation_version",
    "constraint",
    "extension_member",
    "misled_function",
    "platform_door",
    "platform_function",
    "platform_key",
    "platform_object",
    "platform_policy",
    "publication",
    "riding_code",
    "role",
    "setting",
    "stored_secret",
    "stranger",
    "undeclared_grant",
}


@pytest.fixture(scope="module")
def result() -> Result:
    return run_trial(Plan(mutants=len(GROUPS), harmless=6, rounds=1, lanes=1, local=True))


def test_every_family_belongs_to_one_group() -> None:
    assert sorted(family for group in GROUPS.values() for family in group) == families()


def test_the_sample_holds_every_kind_outside_of_the_rules() -> None:
    """Each of these kinds is found by at least one weakening that a full run chooses."""
    database, found = servers.clone_database(servers.start_server(18), "migrated"), set()
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        for change in choose_weakenings(connection, 12 * len(GROUPS)):
            if change.group in BESIDE:
                with connection.transaction(force_rollback=True):
                    connection.execute(change.sql.encode())
                    found |= {one.key.partition(":")[0] for one in check_connection(connection)[0] if one.weighs}
    servers.drop_database(database)
    assert found >= KINDS_BESIDE


def test_ours_misses_nothing_and_cries_at_nothing(result: Result) -> None:
    ours = describe(result)["checkers"][OURS]
    assert (ours["missed"], ours["false_alarms"], ours["broke_off"]) == ([], [], {})
    assert {group: tried["tried"] for group, tried in ours["groups"].items()} == dict.fromkeys(GROUPS, 1)


def test_a_text_sees_much_and_cries_at_much(result: Result) -> None:
    text = describe(result)["checkers"][TEXT]
    assert text["found"] >= len(GROUPS) - 1
    assert text["false_alarms"]


def test_sound_databases_are_told_alike(result: Result) -> None:
    assert result.unknown == {}


def test_what_cannot_be_judged_reads_unknown(result: Result) -> None:
    told = write_text(replace(result, unknown={TEXT: "it is not installed"}), ["A note."])
    (line,) = [line for line in told.splitlines() if line.startswith(f"| {TEXT} ")]
    assert line.split(" | ")[1:3] == ["unknown", "unknown"]
    assert f"{TEXT}: unknown, because it is not installed." in told


def test_packages_that_cannot_be_installed_say_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools, "ENVIRONMENT", tmp_path / "checkers")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(tools.Unusable, match="pip could not install the packages: exit code 1"):
        tools.install_packages()


def test_documents_are_measured_beside_an_empty_page() -> None:
    floor, *rows = documents.measure(1)
    assert floor.ratio is None
    assert [row.name for row in rows] == ["PDF of 3 paragraphs", "PDF of 36 paragraphs", "print view", "share-card"]
    assert all(row.ratio and row.runs == 1 for row in rows)
