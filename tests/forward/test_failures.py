"""What cannot be done is said, and nothing is left behind by it."""

from pathlib import Path

import pytest

from tests.forward.copies import Edits, copy_project, diff, edit, left_behind, written

# what can't be done -> the exit code and what is said
FAILURES: dict[str, tuple[Edits, int, str]] = {
    "a body that Postgres refuses": (
        {"sql/functions/reap_delivery_leases.sql": [("declare", "declrae")]},
        2,
        "the database refused",
    ),
    "a function that a check of another name stands on": (
        {
            "lab/rules/tables/operations.py": [("details_are_operational", "details_are_codes")] * 2,
            "lab/rules/functions/internal.py": [('argument("details"', 'argument("told"')],
            "sql/functions/is_operational.sql": [("details", "told")] * 4,
        },
        1,
        "Postgres refuses it",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_nothing_is_left_behind_by_a_failure(tmp_path: Path, name: str) -> None:
    edits, code, said = FAILURES[name]
    folder = copy_project(tmp_path)
    edit(folder, edits)
    before = written(folder)
    told = diff(folder, "broken")
    assert told.returncode == code, told.stdout + told.stderr
    assert said in told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    assert written(folder) == before
    assert left_behind(folder) == []
