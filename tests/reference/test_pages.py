"""The reference's files are what the rules make, and the command prints a part of them or refuses."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.rules import RULES
from lab.sql.reference.calls import write_javascript, write_sql
from lab.sql.reference.examples import TOPICS
from lab.sql.reference.pages import cell, write_pages
from lab.sql.reference.selects import list_owned, select_javascript, select_sql
from lab.text.product_files import PROJECT
from tests.reference.test_examples import EXAMPLES

FOLDER = PROJECT / "docs" / "reference"
Run = Callable[..., tuple[int, str, str]]
PAGES = write_pages(TOPICS)


def test_the_files_are_what_the_rules_make() -> None:
    """After a change: `python -m lab reference --out docs/reference`."""
    written = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert sorted(written) == sorted(PAGES)
    assert [name for name, text in PAGES.items() if written[name] != text] == []


def test_the_command_writes_the_files_and_removes_old_ones(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text(PAGES["consents.md"])
    (tmp_path / "own.md").write_text("a page of another folder")
    assert run("reference", "--out", tmp_path)[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {*PAGES, "own.md"}


def test_the_command_prints_one_function(run: Run) -> None:
    code, out, _ = run("reference", "give_consent")
    assert code == 0
    assert out.startswith("## give_consent\n")
    assert "withdraw_consent(" not in out
    assert "\n## " not in out


@pytest.mark.parametrize("name", ["wall.lock_person", "Functions", "give_consen", ""])
def test_the_command_refuses_what_is_no_function_of_a_site(run: Run, name: str) -> None:
    code, out, error = run("reference", name or "''")
    assert (code, out) == (2, "")
    assert "it is no function that a site calls. List them with `python -m lab reference`" in error


def test_a_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, error = run("reference", "--out", tmp_path / "file" / "below")
    assert code == 2
    assert "cannot be written" in error


def test_every_block_on_the_pages_is_an_example_that_is_run() -> None:
    text = "\n".join(text for name, text in PAGES.items() if name.endswith(".md"))
    found = {kind: re.findall(rf"```{kind}\n(.*?)```", text, flags=re.DOTALL) for kind in ("sql", "ts")}
    sql = [*(f"{write_sql(example)}\n" for example in EXAMPLES), *(f"{select_sql(table)}\n" for table in list_owned())]
    assert [block for block in found["sql"] if block not in sql] == [
        block for block in found["sql"] if "-- the call" in block
    ]
    javascript = [*map(write_javascript, EXAMPLES), *map(select_javascript, list_owned())]
    assert [block for block in found["ts"] if block.split("\n// ")[0].strip() not in javascript] == []


def test_every_function_that_a_role_may_call_is_named() -> None:
    listed = PAGES["README.md"]
    callable_ = [function for function in RULES.functions if function.execute]
    missing = [one.id for one in callable_ if f"`{one.id}`" not in listed and f"`{cell(one.signature)}`" not in listed]
    assert missing == []


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
def test_links_lead_to_a_page_and_its_heading(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[name]):
        page, _, heading = target.partition("#")
        assert (page or name) in PAGES, target
        assert not heading or f"\n## {heading}\n" in PAGES[page or name], target


def test_tables_of_a_page_have_as_many_cells_as_their_heads() -> None:
    for name, text in PAGES.items():
        for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
            cells = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(cells) == 1, (name, block.splitlines()[0])
