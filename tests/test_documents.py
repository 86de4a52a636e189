"""README and docs/: their commands exist and parse, the tour works, and their links lead somewhere."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.checks.stripe.check import INSPECTIONS
from lab.cli.commands import make_parser
from lab.rules import RULES
from lab.text.product_files import PROJECT

README = (PROJECT / "README.md").read_text()
FILES = (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
PAGES = {path.relative_to(PROJECT): path.read_text() for path in FILES}
EVERYTHING = "\n".join(PAGES.values())
TOUR = README.split("## A tour of five minutes")[1].split("\n## ")[0]


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


def list_lines() -> Iterator[tuple[str, str]]:
    """Yield the page and the arguments of each line that runs the product: in a shell, a workflow or a sentence."""
    for path, text in PAGES.items():
        for found in re.findall(r"`python -m lab (?!COMMAND)([^`]+)`", " ".join(text.split())):
            yield str(path), re.split(r" [|>&;]|\)", found)[0].strip()
        for block in re.findall(r"```(?:sh|yaml)\n(.*?)```", text, flags=re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                for found in re.findall(r"python -m lab (.+)", line.split(" #")[0]):
                    yield str(path), re.split(r" [|>&;]|\)", found)[0].strip()


@pytest.mark.parametrize(("page", "arguments"), [*list_lines()])
def test_every_command_line_parses(page: str, arguments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option exists; files of URLs are made, because the parser reads them."""
    (tmp_path / "url").write_text("postgresql://localhost/shop")
    words = [
        word if word == "-" else re.sub(r"^~?/.*url$", str(tmp_path / "url"), word) for word in shlex.split(arguments)
    ]
    monkeypatch.setattr("sys.stdin", (tmp_path / "url").open())
    assert make_parser().parse_args(words).run.__name__ == words[0], page


def test_the_tour_breaks_finds_repairs_and_proves(tmp_path: Path) -> None:
    """Each line of the tour as it stands, but for the shop, which is served until somebody ends it."""
    lines = [line for line in re.findall(r"^[^#`\n].*$", TOUR, flags=re.MULTILINE) if "-m lab" in line]
    assert lines.pop().endswith("demo --shop")
    settings = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    settings |= {"PERSISTENCE_LAB_HOME": str(tmp_path / "home"), "PYTHONPATH": str(PROJECT)}
    ended = []
    lines.append("echo 'drop index public.share_cards_slug; select no' | .venv/bin/python -m lab demo --run -")
    lines.append(".venv/bin/python -m lab check")  # what was refused has changed nothing
    for line in lines:
        command = line.replace(".venv/bin/python", sys.executable)
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False
        )
        ended.append((line.split("-m lab ")[1].split()[0], done.returncode, done.stdout))
    assert [(name, code) for name, code, _ in ended] == [
        ("demo", 0),
        ("check", 0),
        ("demo", 0),
        ("check", 1),
        ("findings", 0),
        ("demo", 0),
        ("check", 0),
        ("rehearse", 0),
        ("demo", 2),
        ("check", 0),
    ]
    assert "CRITICAL Row-level security is off on oracle_scrolls" in ended[3][2]


def test_the_schedule_is_documented() -> None:
    table = re.findall(r"^\| `(\w+)` \| (\d+) (s|h) \| (.+) \|$", EVERYTHING, flags=re.MULTILINE)
    told = [(id, int(number) * {"s": 1, "h": 3600}[unit], does) for id, number, unit, does in table]
    assert told == [(task.id, task.every_seconds, task.does) for task in RULES.schedule]


PERMISSIONS = sorted({name for q in INSPECTIONS for name in re.findall(r"([A-Z][\w ]+): Read", q.permission)})


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_every_permission_of_the_restricted_key_is_documented(permission: str) -> None:
    said = EVERYTHING.split("with the permission *Read* on ")[1].split(";")[0]
    assert permission in " ".join(said.split())


LINKS = [(path, target) for path, text in PAGES.items() for target in re.findall(r"\]\(([^)]+)\)", text)]


@pytest.mark.parametrize(("page", "target"), LINKS, ids=str)
def test_links_lead_somewhere(page: Path, target: str) -> None:
    """To a file, and in a page to one of its headings."""
    if target.startswith("http"):
        return
    name, _, heading = target.partition("#")
    found = (PROJECT / page.parent / name).resolve() if name else PROJECT / page
    assert found.exists()
    assert not heading or heading in list_anchors(found.read_text())


def list_anchors(text: str) -> set[str]:
    """Return the names by which GitHub links to the headings of a page."""
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(
    "place", sorted(set(re.findall(r"`((?:lab|sql|pages|docs|fixtures|tests|benchmarks)/[\w./]*)`", EVERYTHING)))
)
def test_named_places_exist(place: str) -> None:
    assert (PROJECT / place).exists()
