"""The code keeps its own house rules: style, types, sizes, and which way its arrows point."""

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lab.text.product_files import PROJECT

LAB = PROJECT / "lab"
MODULES = sorted(LAB.rglob("*.py"))

# Which folders of `lab/` a folder imports from, itself apart. Arrows run down: rules and text are at the bottom.
TABLE = """
rules:              text
text:
checks:             rules
plan:               rules
database/embedded:  text
checks/environment: checks rules text
services/billing:   database rules services sql text
checks/stripe:      checks rules services/billing text
pictures:           plan rules text
sql/reference:      access rules sql text
sql:                plan rules text
database:           database/embedded text
access:             rules sql
services/anchor:    database database/embedded rules sql text
services:           database rules text
services/mail:      rules text
services/delivery:  database rules services services/documents services/files services/mail services/worker text
services/files:     rules text
services/mailbox:   services
services/documents: rules text
services/local_stripe: services text
services/worker:    database rules services services/billing text
services/demo_shop: database rules services services/billing services/delivery services/documents services/files
                    services/local_stripe services/mail services/mailbox services/worker text
migrations:         database sql text
checks/schema:      checks database rules sql text
checks/data:        checks database rules sql text
checks/operations:  checks database migrations rules text
migrations/diff:    checks checks/schema database database/embedded migrations rules sql text
checks/probes:      access checks checks/schema database rules text
rehearsal:          checks checks/data database database/embedded migrations plan rules services services/billing
                    services/delivery services/demo_shop services/documents services/files services/local_stripe
                    services/mail services/worker sql text
checks/tour:        checks/probes database rules text
readiness:          checks checks/data checks/environment checks/operations checks/probes checks/schema checks/stripe
                    database plan rehearsal rules services/anchor sql text
readiness/doctor:   checks/environment database database/embedded pictures readiness rules services/anchor
                    services/documents text
ui/kit:             checks database migrations pictures plan readiness readiness/reports rules sql text
readiness/formats:  checks checks/schema readiness rules services/documents text
readiness/reports:  checks checks/probes pictures plan readiness readiness/formats rules services/billing
                    services/delivery services/documents sql text
ui:                 readiness text ui/kit
ui/payments:        readiness readiness/reports rules services/billing ui ui/kit
ui/deliveries:      readiness readiness/reports rules services/delivery ui ui/kit
cli:                checks checks/environment checks/schema database database/embedded migrations migrations/diff plan
                    readiness readiness/doctor readiness/formats readiness/reports rehearsal rules services/anchor
                    services/billing services/delivery services/demo_shop services/documents services/files
                    services/worker sql sql/reference text ui
ui/rehearsal:       checks readiness rehearsal rules text ui ui/kit
ui/tour:            access checks/probes checks/tour readiness rules text ui ui/kit
ui/schema:          pictures readiness/reports rules sql ui ui/kit
ui/readiness:       checks checks/schema readiness readiness/formats rules services/anchor text ui ui/kit
ui/access:          checks checks/probes checks/schema readiness readiness/reports ui ui/kit
ui/scenario:        pictures plan readiness readiness/reports rules services/documents services/mail text ui ui/kit
ui/chapters:        checks readiness readiness/reports rehearsal rules services/anchor text ui ui/kit
"""
MAY_IMPORT = {name: below.split() for name, below in re.findall(r"^(\S+):((?:.|\n +)*)$", TABLE, re.MULTILINE)}
ENTRANCE = ("cli", "plan", "rules", "text")  # of `lab` itself: its names and `python -m lab`
PURE = {"rules", "text", "plan", "sql", "access", "pictures", "reference"}


@pytest.mark.parametrize(
    "arguments",
    [["ruff", "check"], ["ruff", "format", "--check"], ["mypy", "-n", "2"]],
    ids=["style", "format", "types"],
)
def test_tools_find_nothing(arguments: list[str]) -> None:
    told = subprocess.run([sys.executable, "-m", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_no_type_of_ours_comes_from_what_mypy_skips() -> None:
    """Whatever is imported from there would be of any type."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["mypy"]
    skips = (entry["module"] for entry in settings["overrides"] if entry.get("follow_imports") == "skip")
    skipped = (re.escape(name.removesuffix(".*")) for names in skips for name in names)
    imports = re.compile(rf"^ *(?:from|import) (?:{'|'.join(skipped)})\b", re.MULTILINE)
    places = [PROJECT / name for name in settings["files"]]
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
    assert [file.name for file in files if imports.search(file.read_text())] == []


def imports_of(path: Path) -> set[str]:
    """Return what a file imports, dotted: modules, and names in them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def folder_of(place: tuple[str, ...]) -> str:
    """Return the folder in the table that a file or a module is in; "" for what is right in `lab/`."""
    ends = range(len(place), 0, -1)
    return next((name for name in ("/".join(place[:end]) for end in ends) if name in MAY_IMPORT), "")


def folders_of(path: Path) -> set[str]:
    """Return the folders of `lab/` that a file imports from."""
    imported = (name.split(".") for name in imports_of(path))
    return {folder_of(tuple(parts[1:])) for parts in imported if parts[0] == "lab"}


def test_every_folder_is_in_the_table() -> None:
    """A new folder is declared with what it may import."""
    folders = {path.relative_to(LAB).parts[0] for path in MODULES if path.parent != LAB}
    assert folders <= {name.split("/")[0] for name in MAY_IMPORT}
    assert all((LAB / name).is_dir() for name in MAY_IMPORT)


@pytest.mark.parametrize("name", [*MAY_IMPORT, ""], ids=lambda name: name or "lab")
def test_a_folder_imports_what_its_line_in_the_table_names(name: str) -> None:
    files = [path for path in MODULES if folder_of(path.relative_to(LAB).parts[:-1]) == name]
    imported = set().union(*map(folders_of, files)) - {name}
    assert imported == set(MAY_IMPORT.get(name, ENTRANCE))


def find_logic(tree: ast.Module) -> list[str]:
    """Return the lines of an `__init__.py` that do more than document, import and list what was imported."""
    return [ast.unparse(node).splitlines()[0] for node in tree.body if not is_listing(node)]


def is_listing(node: ast.stmt) -> bool:
    """Tell whether a statement is a docstring, an import, imports for types alone, or a tuple or list of names."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING" and all(map(is_import, (*node.body, *node.orelse)))
    if isinstance(node, ast.Assign | ast.AnnAssign):
        allowed = ast.Tuple | ast.List | ast.Starred | ast.Name | ast.Constant | ast.expr_context
        return node.value is not None and all(isinstance(part, allowed) for part in ast.walk(node.value))
    return is_import(node) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def is_import(node: ast.stmt) -> bool:
    """Tell whether a statement imports."""
    return isinstance(node, ast.Import | ast.ImportFrom)


INITS = sorted(LAB.rglob("__init__.py"))


@pytest.mark.parametrize("path", INITS, ids=lambda path: path.parent.relative_to(PROJECT).as_posix())
def test_an_init_lists_and_holds_no_logic(path: Path) -> None:
    assert find_logic(ast.parse(path.read_text())) == []


LOGIC = ["def make(): ...", "class Kind: ...", "RULES = check(TABLES)", "for x in y: pass", "if True: import os"]
LOGIC += ["try:\n    import fcntl\nexcept ImportError:\n    pass", "load()", "FORMS = {name: form for name in ()}"]


@pytest.mark.parametrize("text", LOGIC)
def test_logic_in_an_init_is_seen(text: str) -> None:
    assert find_logic(ast.parse(f"import os\n{text}"))


def test_arrows_in_the_table_run_one_way() -> None:
    order = graphlib.TopologicalSorter({name: set(below) for name, below in MAY_IMPORT.items()})
    assert list(order.static_order())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(LAB).as_posix())
def test_only_the_pages_know_streamlit_and_only_databases_psycopg(path: Path) -> None:
    folder = folder_of(path.relative_to(LAB).parts[:-1])
    imported = {name.split(".")[0] for name in imports_of(path)}
    assert folder.split("/")[0] == "ui" or "streamlit" not in imported
    assert folder not in PURE or not imported & {"psycopg", "sqlalchemy", "stripe", "httpx"}


BESIDE = {"lab": (), "pages": ("lab",), "fixtures": ("lab",), "benchmarks": ("lab", "fixtures")}


@pytest.mark.parametrize("place", BESIDE)
def test_nothing_but_a_test_imports_tests(place: str) -> None:
    """What tests and benchmarks share is in fixtures; the product knows none of the three."""
    imported = set().union(*(imports_of(path) for path in (PROJECT / place).rglob("*.py")))
    ours = {name.split(".")[0] for name in imported} & {"lab", "pages", "fixtures", "benchmarks", "tests"}
    assert ours - {place} == set(BESIDE[place])


def test_only_one_module_opens_connections() -> None:
    opening = {path.name for path in MODULES if "psycopg.connect(" in path.read_text()}
    opening |= {path.name for path in MODULES if "Connection.connect(" in path.read_text()}
    assert opening == {"connect.py"}


@pytest.mark.parametrize("path", sorted((PROJECT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_pages_hold_no_sql_and_no_rules(path: Path) -> None:
    assert "psycopg" not in path.read_text()
    assert not re.search(r"\bselect\b.*\bfrom\b", path.read_text(), re.IGNORECASE)
    assert not {name for name in imports_of(path) if name.startswith(("lab.rules", "lab.sql"))}


def test_words_and_drawn_marks_stand_where_emoji_would() -> None:
    """Each system draws an emoji in its own way, or as an empty box."""
    emoji = re.compile("[\u2600-\u27bf\u2b50-\u2b55\U0001f000-\U0001faff]")
    sources = [
        *MODULES,
        *(PROJECT / "pages").glob("*.py"),
        PROJECT / "app.py",
        PROJECT / "README.md",
        *(PROJECT / "docs").glob("*.md"),
    ]
    assert [path.name for path in sources if emoji.search(path.read_text())] == []
