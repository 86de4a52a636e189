"""The README's workflow: it is YAML, its commands are commands, and what it uploads is what it wrote."""

import re
import shlex
from typing import Any

import pytest
import yaml

from lab.cli import _parser
from lab.embedded import PROJECT
from lab.readiness.acceptances import parse_acceptances
from tests.readiness.reports import TODAY

README = (PROJECT / "README.md").read_text()
SECTION = README.split("### In CI\n")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    (text,) = re.findall(r"```yaml\n(.*?)```", SECTION, flags=re.DOTALL)
    loaded: dict[Any, Any] = yaml.safe_load(text)
    return loaded


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_shape(workflow: dict[Any, Any]) -> None:
    assert workflow.keys() == {"name", True, "permissions", "jobs"}  # YAML 1.1 reads the key `on` as true
    assert workflow[True].keys() == {"pull_request", "push"}
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write", "security-events": "write"}
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step)
        assert step.keys() <= {"name", "uses", "with", "run", "env", "if"}
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+", step.get("uses", "a/b@v1"))


def test_its_commands_are_commands(workflow: dict[Any, Any]) -> None:
    lines = [step["run"] for step in steps(workflow) if "python -m lab" in step.get("run", "")]
    assert lines
    for line in lines:
        assert _parser().parse_args(shlex.split(line.removeprefix("python -m lab "))).run.__name__ == "check"


def test_what_is_shown_was_written(workflow: dict[Any, Any]) -> None:
    check = next(step["run"] for step in steps(workflow) if "python -m lab" in step.get("run", ""))
    written = set(re.findall(r"--write \w+=(\S+)", check))
    shown = set(re.findall(r"readiness\.(?:sarif|md|xml)", str([s for s in steps(workflow) if s.get("run") != check])))
    assert shown <= written


def test_steps_after_a_failed_check_run_and_nothing_is_pasted_into_a_shell(workflow: dict[Any, Any]) -> None:
    found = steps(workflow)
    at = next(number for number, step in enumerate(found) if "python -m lab" in step.get("run", ""))
    assert all("!cancelled()" in step["if"] for step in found[at + 1 :])
    assert not [step for step in found if "${{" in step.get("run", "")]
    assert "secrets." not in str([step for step in found if "LAB_TARGET_PRODUCTION" not in step.get("env", {})])


def test_the_example_of_an_acceptance_can_be_used() -> None:
    (text,) = re.findall(r"```toml\n(\[\[acceptance.*?)```", README, flags=re.DOTALL)
    assert parse_acceptances(text, TODAY)[0].accepted_by == "Ada Lovelace"
