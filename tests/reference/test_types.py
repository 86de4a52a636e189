"""The TypeScript types: `tsc --strict` accepts them with every example, and refuses slips."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from fixtures.npm_programs import NoProgram, find_library, find_program
from lab.access.matrix import reach
from lab.rules.model import Command, Table
from lab.sql.reference.sample import list_statements
from lab.sql.reference.typescript import API_ROLES, is_required, is_writable, list_tables, write_type
from tests.reference.test_pages import FOLDER

OPTIONS = {"strict": True, "noEmit": True, "module": "nodenext", "target": "es2022", "skipLibCheck": True, "types": []}

# Each line is wrong by itself, and has the word that tsc's error about it holds.
SLIPS = [
    ("person.rpc('give_consnt', { purpose: 'email_delivery' })", "give_consnt"),
    ("person.rpc('request_privacy', { kind: 'exprt' })", '"exprt"'),
    ("person.rpc('request_privacy', { kin: 'export' })", "kin"),
    ("server.rpc('begin_checkout', { order_id: 'a' })", "session_id"),
    ("server.from('erasure_keys').select('*')", "erasure_keys"),
    ("person.from('consents').select('purpse').throwOnError().then(({ data }) => data[0].purpose)", "purpse"),
    ("server.from('consents').insert({ purpose: 'email_delivery' })", "never"),
    ("server.from('oracle_scrolls').insert({ subject_id: 'a' })", "question"),
    ("server.from('oracle_scrolls').update({ question: 3 })", "number"),
    (
        "server.rpc('delivery_gate', { environment: 'a' }).throwOnError().then(({ data }) => data[0].fault.length)",
        "null",
    ),
]


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the types, the examples and what they import."""
    try:
        find_program("tsc")
        library = find_library("@supabase/supabase-js")
    except NoProgram as reason:
        pytest.skip(str(reason))
    folder = tmp_path_factory.mktemp("types")
    (folder / "node_modules").symlink_to(library.parents[1])
    for name in ("database.types.ts", "examples.ts"):
        shutil.copy(FOLDER / name, folder)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS}))
    return folder


def compile_files(folder: Path) -> str:
    told = subprocess.run([find_program("tsc"), "-p", "."], cwd=folder, capture_output=True, text=True, check=False)
    return told.stdout


def test_tsc_accepts_every_example_and_refuses_each_slip(compiler: Path) -> None:
    """One run for both: every error is in the file of slips, and every line of it has one."""
    slips = [f"export const slip_{number} = {line};" for number, (line, _) in enumerate(SLIPS)]
    head = 'import { person, server } from "./examples";'
    (compiler / "slips.ts").write_text("\n".join([head, *slips]))
    told = compile_files(compiler).splitlines()
    assert [line for line in told if not line.startswith(("slips.ts(", " "))] == []
    for number, (line, word) in enumerate(SLIPS, start=2):
        begins = [place for place, text in enumerate(told) if text.startswith(f"slips.ts({number},")]
        assert begins, f"tsc accepts {line}"
        assert word in "\n".join(told[begins[0] : begins[0] + 12]), line


@pytest.mark.parametrize("table", list_tables(), ids=lambda table: table.id)
def test_required_columns_are_those_without_which_a_row_is_refused(table: Table) -> None:
    """The made-up shop gives every required column, and leaves out only others."""
    given = _list_inserted(table)
    writers = [reach(role.id, table, Command.INSERT).columns for role in API_ROLES]
    insertable = {name for names in writers for name in names}
    required = {c.name for c in table.columns if c.name in insertable and is_writable(c) and is_required(table, c)}
    assert all(required <= names for names in given), required


def _list_inserted(table: Table) -> list[set[str]]:
    begin = f"insert into {table.qualified} ("
    texts = [one.removeprefix(begin).split(")")[0] for one in list_statements() if one.startswith(begin)]
    return [set(text.split(", ")) for text in texts]


@pytest.mark.parametrize(
    ("sql", "values", "typescript"),
    [
        ("text", ("a", "b"), '"a" | "b"'),
        ("text[]", ("a", "b"), '("a" | "b")[]'),
        ("bigint[]", (), "number[]"),
        ("jsonb", (), "Json"),
        ("bytea", (), "string"),
    ],
)
def test_types_of_postgres(sql: str, values: tuple[str, ...], typescript: str) -> None:
    assert write_type(sql, values) == typescript


def test_a_type_without_a_counterpart_is_an_error() -> None:
    with pytest.raises(KeyError):
        write_type("money")
