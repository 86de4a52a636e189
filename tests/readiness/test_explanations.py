"""Every kind of finding is explained; the pages are those that the declarations make, and the examples are true."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.every_kind import KINDS
from lab.checks.schema.examples import find_examples
from lab.database.embedded.server import EmbeddedPostgres
from lab.readiness.explanation_pages import write_pages
from lab.readiness.explanations import FOLDER, explain, find_docs, find_page, list_explanations
from lab.readiness.formats import json_report, sarif_report, text_report
from lab.rules import RULES
from lab.rules.criteria import CRITERIA
from lab.text.product_files import PROJECT
from tests.readiness.reports import finding, report

Databases = Callable[..., Database]
Run = Callable[..., tuple[int, str, str]]
NAMES = [*(kind.name for kind in KINDS), *(one.id for one in (*CRITERIA, *RULES.invariants)), "wording", "probe"]


@pytest.fixture(scope="module")
def caused(server: EmbeddedPostgres, shared_database: Databases) -> dict[str, Finding]:
    return find_examples(shared_database(server).admin_url)


@pytest.mark.parametrize("kind", NAMES)
def test_every_kind_is_explained(kind: str) -> None:
    """Whoever adds a kind without these words gets its name here."""
    found = explain(kind)
    assert found, kind
    missing = [part for part in ("title", "means", "repair", "accept") if not getattr(found, part).strip()]
    assert not missing, f"{kind} has no text for: {', '.join(missing)}"
    assert found.example or found.query, f"{kind} has no example"


def test_each_example_causes_a_finding_of_its_kind(caused: dict[str, Finding]) -> None:
    assert [kind.name for kind in KINDS if kind.name not in caused] == []


def test_the_pages_are_what_the_declarations_make(caused: dict[str, Finding]) -> None:
    """After a change: `python -m lab findings --out docs/findings`."""
    written = {path.name: path.read_text() for path in (PROJECT / FOLDER).iterdir()}
    made = write_pages(caused)
    assert sorted(written) == sorted(made)
    assert [name for name, text in made.items() if written[name] != text] == []


def test_every_page_is_linked_and_no_key_lacks_one() -> None:
    listed = (PROJECT / FOLDER / "README.md").read_text()
    assert all(f"]({one.id}.md)" in listed for one in list_explanations().values())
    assert all((PROJECT / find_page(kind)).is_file() for kind in (*NAMES, "of an older version"))


def test_text_json_and_sarif_lead_to_the_page() -> None:
    found = finding("policy:public.oracle_scrolls.owner_reads:using")
    made, page = report(found), "docs/findings/policy.md"
    assert f"help      {page}" in text_report(made)
    assert json.loads(json_report(made))["findings"][0]["help"] == page
    log = json.loads(sarif_report(made, docs="https://git.example/lab/blob/main"))
    (rule,) = log["runs"][0]["tool"]["driver"]["rules"]
    assert rule["helpUri"] == f"https://git.example/lab/blob/main/{page}"
    assert "## When to accept it" in rule["help"]["markdown"]


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, ""),
        ({"LAB_DOCS_URL": "https://docs.example/lab/"}, "https://docs.example/lab"),
        ({"LAB_DOCS_URL": "javascript:alert(1)"}, ""),
        (
            {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "a/b", "GITHUB_SHA": "c0"},
            "https://git.example/a/b/blob/c0",
        ),
        ({"GITHUB_SERVER_URL": "https://git.example"}, ""),
    ],
)
def test_the_address_of_the_pages(environ: dict[str, str], address: str) -> None:
    assert find_docs(environ) == address


def test_the_command_explains_a_kind_and_a_key(run: Run) -> None:
    code, out, _ = run("findings", "policy:public.oracle_scrolls.open:extra")
    assert (code, out.splitlines()[0]) == (0, "# A policy is not as the rules make it")
    assert run("findings")[1].count("\n") >= len(set(NAMES))


def test_an_unknown_kind_is_refused(run: Run) -> None:
    code, out, err = run("findings", "polcy")
    assert (code, out) == (2, "")
    assert err == "error: polcy: it is not a kind of finding. List them with `python -m lab findings`.\n"


def test_a_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert run("findings", "--out", blocked)[0] == 2
