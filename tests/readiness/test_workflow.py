"""The workflow of docs/ci.md: it is YAML, its commands are commands, and what it uploads is what it wrote."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.cli.commands import make_parser
from lab.readiness.acceptances import parse_acceptances
from lab.readiness.formats.markdown import MARKER
from lab.text.product_files import PROJECT
from tests.readiness.reports import TODAY

SECTION = (PROJECT / "docs" / "ci.md").read_text()
READINESS = (PROJECT / "docs" / "readiness.md").read_text()


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    (text,) = re.findall(r"```yaml\n(.*?)```", SECTION, flags=re.DOTALL)
    loaded: dict[Any, Any] = yaml.safe_load(text)
    return loaded


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_shape(workflow: dict[Any, Any]) -> None:
    assert workflow.keys() == {"name", True, "permissions", "jobs"}  # YAML 1.1 reads the key `on` as true
    assert workflow[True].keys() == {"pull_request", "push", "schedule"}
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write", "security-events": "write"}
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step)
        assert step.keys() <= {"name", "uses", "with", "run", "env", "if"}
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+", step.get("uses", "a/b@v1"))


def test_its_commands_are_commands(workflow: dict[Any, Any]) -> None:
    lines = [step["run"] for step in steps(workflow) if "python -m lab" in step.get("run", "")]
    asked = [make_parser().parse_args(shlex.split(line.removeprefix("python -m lab "))) for line in lines]
    assert [options.run.__name__ for options in asked] == ["migrate", "check"]
    assert asked[0].apply


def test_production_is_not_checked_before_the_deploy_that_migrates_it(workflow: dict[Any, Any]) -> None:
    """A push checks staging, and only once it has been migrated; production is left to the night."""
    (job,) = workflow["jobs"].values()
    assert job["env"]["TARGET"] == "${{ github.event_name == 'schedule' && 'production' || 'staging' }}"
    migrate = next(step for step in steps(workflow) if "migrate" in step.get("run", ""))
    assert migrate["if"] == "github.event_name == 'push'"
    assert migrate["env"] == {"DATABASE_URL": "${{ secrets.STAGING_DATABASE_URL }}"}
    check = next(step for step in steps(workflow) if "python -m lab check" in step.get("run", ""))
    assert '--target "$TARGET"' in check["run"]
    assert check["env"].keys() == {"LAB_TARGET_STAGING", "LAB_TARGET_PRODUCTION"}


def test_what_is_shown_was_written(workflow: dict[Any, Any]) -> None:
    check = next(step["run"] for step in steps(workflow) if "python -m lab check" in step.get("run", ""))
    written = set(re.findall(r"--write \w+=(\S+)", check))
    shown = set(re.findall(r"readiness\.(?:sarif|md|xml)", str([s for s in steps(workflow) if s.get("run") != check])))
    assert shown <= written


def test_steps_after_a_failed_check_run_and_nothing_is_pasted_into_a_shell(workflow: dict[Any, Any]) -> None:
    found = steps(workflow)
    at = next(number for number, step in enumerate(found) if "python -m lab check" in step.get("run", ""))
    assert all("!cancelled()" in step["if"] for step in found[at + 1 :])
    assert not [step for step in found if "${{" in step.get("run", "")]
    assert "secrets." not in str([step for step in found if "python -m lab" not in step.get("run", "")])


# Stands for GitHub's command line: answers with the comments that are there, and writes down what it is told to do.
GH = """#!/bin/sh
case "$*" in
  *--paginate*) for last; do :; done; jq -r "$last" comments.json ;;
  *) echo "$*" >> done.txt ;;
esac
"""
BOT, PERSON = {"login": "github-actions[bot]"}, {"login": "ada"}
COMMENTS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "none yet": ([], "pr comment 7 --body-file readiness.md"),
    "ours is not the bot's last": (
        [
            {"id": 1, "user": PERSON, "body": f"{MARKER} quoted"},
            {"id": 2, "user": BOT, "body": f"{MARKER}\n## Ready"},
            {"id": 3, "user": BOT, "body": "Coverage rose."},
        ],
        "api --method PATCH repos/shop/site/issues/comments/2 --field body=@readiness.md --silent",
    ),
    "only another's of the bot": (
        [{"id": 3, "user": BOT, "body": "Coverage rose."}], "pr comment 7 --body-file readiness.md",
    ),
}  # fmt: skip


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not on this machine: apt-get install jq")
@pytest.mark.parametrize("case", COMMENTS)
def test_the_reports_own_comment_is_rewritten_and_no_other(case: str, workflow: dict[Any, Any], tmp_path: Path) -> None:
    there, told = COMMENTS[case]
    step = next(step for step in steps(workflow) if "gh pr comment" in step.get("run", ""))
    (tmp_path / "comments.json").write_text(json.dumps(there))
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    given = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PULL_REQUEST": "7", "COMMENTS": "repos/shop/site/issues"}
    subprocess.run(["bash", "-e", "-c", step["run"]], cwd=tmp_path, env=given, check=True)
    assert (tmp_path / "done.txt").read_text().splitlines() == [told]


def test_the_example_of_an_acceptance_can_be_used() -> None:
    (text,) = re.findall(r"```toml\n(\[\[acceptance.*?)```", READINESS, flags=re.DOTALL)
    assert parse_acceptances(text, TODAY)[0].accepted_by == "Ada Lovelace"
