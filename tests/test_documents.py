"""README: its commands exist, its two commands are commands, and its links lead somewhere."""

import re
import shlex

import pytest

from lab.checks.stripe.check import INSPECTIONS
from lab.cli.commands import make_parser
from lab.rules import RULES
from lab.text.product_files import PROJECT

README = (PROJECT / "README.md").read_text()


def test_two_commands_start_from_nothing() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)
    assert [command.split("&&")[-1].strip() for command in commands] == [
        ".venv/bin/streamlit run app.py",
        ".venv/bin/python -m pytest",
    ]


def documented() -> list[str]:
    table = README.split("## On the command line")[1].split("##")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE)


@pytest.mark.parametrize("line", documented())
def test_documented_commands_parse(line: str) -> None:
    options = make_parser().parse_args(shlex.split(line))
    assert options.run.__name__ == line.split()[0]


def test_every_command_is_documented() -> None:
    known = set(re.findall(r"^    (\w+)(?: |$)", make_parser().format_help(), flags=re.MULTILINE))
    assert known == {line.split()[0] for line in documented()}


def test_the_schedule_is_documented() -> None:
    table = re.findall(r"^\| `(\w+)` \| (\d+) (s|h) \| (.+) \|$", README, flags=re.MULTILINE)
    told = [(id, int(number) * {"s": 1, "h": 3600}[unit], does) for id, number, unit, does in table]
    assert told == [(task.id, task.every_seconds, task.does) for task in RULES.schedule]


PERMISSIONS = sorted({name for q in INSPECTIONS for name in re.findall(r"([A-Z][\w ]+): Read", q.permission)})


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_every_permission_of_the_restricted_key_is_documented(permission: str) -> None:
    said = README.split("with the permission *Read* on ")[1].split(";")[0]
    assert permission in " ".join(said.split())


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_links_lead_somewhere(target: str) -> None:
    assert target.startswith("http") or (PROJECT / target).exists()


@pytest.mark.parametrize("place", re.findall(r"`((?:lab|sql|pages|fixtures|tests|benchmarks)/[\w./]*)`", README))
def test_named_places_exist(place: str) -> None:
    assert (PROJECT / place).exists()
