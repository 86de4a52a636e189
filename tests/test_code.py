"""The code keeps its own house rules: style, types, sizes, and which way its arrows point."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab.text.product_files import PROJECT

LAB = PROJECT / "lab"
MODULES = sorted(LAB.rglob("*.py"))


@pytest.mark.parametrize(
    "arguments", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]], ids=["style", "format", "types"]
)
def test_tools_find_nothing(arguments: list[str]) -> None:
    told = subprocess.run([sys.executable, "-m", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def imports_of(path: Path) -> set[str]:
    """Return the modules that a file imports, dotted."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(LAB).as_posix())
def test_arrows_run_one_way(path: Path) -> None:
    """Rules know nothing of plans, plans nothing of databases, and only the UI folder knows Streamlit."""
    place = path.relative_to(LAB).parts
    imported = imports_of(path)
    if place[0] != "ui":
        assert not {name for name in imported if name.split(".")[0] == "streamlit" or name.startswith("lab.ui")}
    if place[0] == "rules":
        assert {name for name in imported if name.startswith("lab")} <= {
            name for name in imported if name.startswith("lab.rules")
        }
    if place[0] in {"plan.py", "scenario.py", "sql", "report.py"}:
        assert not {name for name in imported if name.split(".")[0] in {"psycopg", "sqlalchemy"}}
        assert "lab.database.connect" not in imported


def test_only_one_module_opens_connections() -> None:
    opening = {path.name for path in MODULES if "psycopg.connect(" in path.read_text()}
    opening |= {path.name for path in MODULES if "Connection.connect(" in path.read_text()}
    assert opening == {"database.py"}


@pytest.mark.parametrize("path", sorted((PROJECT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_pages_hold_no_sql_and_no_rules(path: Path) -> None:
    text = path.read_text().lower()
    assert "select " not in text.replace("select a", "")
    assert "lab.rules" not in {name for name in imports_of(path) if name != "lab.rules"}
    assert "psycopg" not in text


def test_words_and_drawn_marks_stand_where_emoji_would() -> None:
    """Each system draws an emoji in its own way, or as an empty box."""
    emoji = re.compile("[\u2600-\u27bf\u2b50-\u2b55\U0001f000-\U0001faff]")
    sources = [*MODULES, *(PROJECT / "pages").glob("*.py"), PROJECT / "app.py", PROJECT / "README.md"]
    assert [path.name for path in sources if emoji.search(path.read_text())] == []
