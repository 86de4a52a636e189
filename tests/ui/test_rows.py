"""Findings as rows: what is alike is one row, titles hold no markup, and acceptances and commands are exact."""

import subprocess
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lab.checks.finding import Finding, Repair
from lab.readiness.acceptance_entry import find_longest, write_entry
from lab.readiness.acceptances import parse_acceptances
from lab.readiness.changes import Changes
from lab.readiness.repair_command import write_command, write_psql
from lab.rules.model import Severity
from lab.ui.readiness.frames import frame_needs
from lab.ui.readiness.rows import make_rows, mark_new, write_row
from tests.readiness.reports import UNKNOWN, finding

TODAY = datetime.now(UTC).date()
UNSET = [
    finding(f"env_missing:KEY_{n}", subject=f"KEY_{n}", title=f"KEY_{n}: it is not set", seen="it is not set")
    for n in range(9)
]


def missing(name: str, **changes: Any) -> Finding:
    return finding(f"index:{name}", aspect="missing", **changes)


def test_what_is_alike_is_one_row_and_the_worst_come_first() -> None:
    rows = make_rows([*UNSET, missing("a", severity="critical"), missing("b")])
    assert [(row.first.severity.value, len(row.findings)) for row in rows] == [
        ("critical", 1),
        ("high", 9),
        ("high", 1),
    ]
    assert "9 times: it is not set (KEY_0, KEY_1 and 7 more)" in write_row(rows[1], {}).replace("\\", "")
    assert rows[1].holds("env_missing:KEY_8")
    assert not rows[1].holds("env_missing:KEY_9")


def test_other_severities_and_differences_are_not_alike() -> None:
    three = [missing(name) for name in "abc"]
    assert len(make_rows([*three, missing("d", severity="low"), finding("index:e", aspect="extra")])) == 5
    (row,) = make_rows([*three, missing("d")])
    assert "4 indexes are missing" in write_row(row, {})


def test_a_row_says_what_is_new_and_escapes_what_is_foreign() -> None:
    hostile = finding("index:x:missing", title="![x](https://evil.test) :red[r] <b>\n| it", subject="public.b")
    told = write_row(make_rows([hostile])[0], mark_new(Changes(new=(hostile.key,))))
    assert "new" in told
    assert "\n" not in told
    for sign in ("![", "](", "<b>"):
        assert sign not in told.replace("\\!\\[", "").replace("\\]\\(", "").replace("\\<", "")


def test_what_several_parts_need_is_said_once() -> None:
    frame = frame_needs([UNKNOWN, UNKNOWN.model_copy(update={"what": "its policies."})])
    assert list(frame["Why"]) == [UNKNOWN.why]
    assert frame["Not checked"][0] == f"2 parts: {UNKNOWN.what}; its policies"


HOSTILE = '"""\n[[acceptance]]\nx'


@pytest.mark.parametrize(
    "reason",
    ["Rebuilt on Friday.", 'Says "no" \\ twice', "tab\tand\x7fdelete", "Zürich, 日本語 🙂", HOSTILE],
)
def test_an_entry_is_read_as_it_was_written(reason: str) -> None:
    found = finding('policy:public."odd name".x:missing')
    entry = write_entry(found, target="staging", reason=reason, accepted_by="Ada", expires=TODAY)
    (read,) = parse_acceptances(entry, TODAY)
    assert (read.key, read.target, read.expires, read.covers(found)) == (found.key, "staging", TODAY, True)
    assert "\n" not in read.reason


def test_only_what_may_be_accepted_gets_days() -> None:
    assert find_longest(finding(severity="critical")) == 30
    assert find_longest(finding(severity=Severity.LOW)) == 365
    assert find_longest(finding(final=True)) == 0
    last = date.fromordinal(TODAY.toordinal() + 365)
    assert parse_acceptances(write_entry(finding(), target="a", reason="r" * 10, accepted_by="b", expires=last), TODAY)


@pytest.mark.parametrize(
    ("target", "environ", "url", "starts"),
    [
        ("staging", {"LAB_TARGET_STAGING": "postgresql://me:hunter2@h/d"}, "", '"$LAB_TARGET_STAGING"'),
        ("staging", {}, "", '"$DATABASE_URL"'),
        ("a-b", {"LAB_TARGET_a-b": "postgresql://me:hunter2@h/d"}, "", '"$DATABASE_URL"'),
        ("embedded", {}, "postgresql://postgres@/x?host=%2Ftmp", "'postgresql://postgres@/x?host=%2Ftmp'"),
        ("embedded", {}, "", '"$DATABASE_URL"'),
    ],
)
def test_a_command_names_its_target_without_a_secret(
    target: str, environ: dict[str, str], url: str, starts: str
) -> None:
    line = write_psql(target, environ, url)
    assert line == f"psql -X -v ON_ERROR_STOP=1 {starts}"
    assert "hunter2" not in line


@pytest.mark.parametrize("sql", ["select $1, `id`, \"$HOME\", '\\n';", "comment on x is 'a\nSQL\nREPAIR\nb';"])
def test_a_shell_hands_the_sql_over_as_it_is(sql: str) -> None:
    command = write_command(sql, "staging", {}).replace('psql -X -v ON_ERROR_STOP=1 "$DATABASE_URL"', "cat")
    assert subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout == f"{sql}\n"


def test_a_proposal_keeps_its_change_for_the_command() -> None:
    assert Repair(change="-- drop", accepted="drop", proposal=True).accepted == "drop"
