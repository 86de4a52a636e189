"""A kind of thing is added to the check in one file."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.text.product_files import PROJECT

COLLATION = '''
"""How collations are compared: the rules know of none."""

from lab.checks.schema.kind import Aspect, Kind
from lab.rules.model import Severity

KIND = Kind(
    name="collation",
    plural="collations",
    title="A collation stands beside the wall's tables",
    means="Texts may be compared in another way.",
    example="create collation public.extra (provider = libc, locale = 'C');",
    accept="When another application needs it.",
    family="strangers",
    query="""
        select 'collation' as kind, format('%I.%I', n.nspname, c.collname) as key, c.collprovider as provider
          from pg_collation c join pg_namespace n on n.oid = c.collnamespace
         where n.nspname = 'public'
    """,
    stage=85,
    missing=None,
    extra=Aspect(
        severity=Severity.MEDIUM,
        why="Texts sort and match by it where somebody names it.",
        repair=lambda change: f"drop collation {change.name};",
        touches_undeclared=lambda change: False,
    ),
    say=lambda facts: f"of the provider {facts['provider']}",
)
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the product with one more file in it."""
    for name in ("lab", "sql"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    (tmp_path / "lab/checks/schema/kinds/collation.py").write_text(COLLATION)
    return tmp_path


def test_one_file_adds_a_kind(copy: Path, server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    """It is read, graded, worded, shown to code scanning and repaired."""
    place = database(server)
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        admin.execute('create collation public.stray from "C"')
    made = look(copy, place.url)
    (finding,) = json.loads((made / "report.json").read_text())["findings"]
    assert (finding["key"], finding["seen"]) == ("collation:public.stray:extra", "of the provider c")
    assert (finding["family"], finding["severity"]) == ("strangers", "medium")
    sarif = json.loads((made / "report.sarif").read_text())
    (rule,) = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "A collation stands beside the wall's tables."
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        admin.execute((made / "repair.sql").read_bytes())
    assert json.loads((look(copy, place.url) / "report.json").read_text())["verdict"] == "ready"


def look(copy: Path, url: str) -> Path:
    """Check a database with the copy; return the folder of what it wrote."""
    made = copy / "made"
    made.mkdir(exist_ok=True)
    written = [f"--write=json={made / 'report.json'}", f"--write=sarif={made / 'report.sarif'}"]
    command = [
        sys.executable,
        "-m",
        "lab",
        "check",
        "--database-url",
        url,
        *written,
        "--repair",
        str(made / "repair.sql"),
    ]
    environ = os.environ | {"PERSISTENCE_LAB_HOME": str(copy / "home")}
    told = subprocess.run(command, cwd=copy, env=environ, capture_output=True, text=True, check=False)
    assert told.returncode in (0, 1), told.stderr
    return made
