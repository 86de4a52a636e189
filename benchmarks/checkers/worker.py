"""Runs the checkers that are Python packages, in their own environment, without any module of this project.

Reads one question a line and writes one answer a line, both as JSON, until its input ends. A question is
`{"tool", "url", "sound", "folder"}`: the database to check, the sound one, and a folder that keeps the expected side
between questions. An answer is `{"said"}`, a digest of the tool's output, or `{"failed"}`, the kind of error.
"""

import contextlib
import functools
import hashlib
import io
import json
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any

SCHEMAS = "public,wall,operations,ai"


def _engine(url: str) -> Any:
    from sqlalchemy import NullPool, create_engine

    # With an empty search path, a foreign key names the schema of its target.
    path = {"options": "-c search_path=public"}
    return create_engine(url.replace("://", "+psycopg2://", 1), connect_args=path, poolclass=NullPool)


@functools.cache
def _reflect(sound: str, folder: str) -> Any:
    """Make the metadata that declares the sound database."""
    from sqlalchemy import MetaData, inspect

    kept = Path(folder) / "alembic.pickle"
    if not kept.exists():
        metadata = MetaData()
        with _engine(sound).connect() as connection:
            for schema in inspect(connection).get_schema_names():
                if schema != "information_schema":
                    metadata.reflect(connection, schema=None if schema == "public" else schema)
        kept.write_bytes(pickle.dumps(metadata))
    return pickle.loads(kept.read_bytes())


def ask_alembic(url: str, sound: str, folder: str) -> str:
    """Compare as `alembic revision --autogenerate` does, with everything switched on that can be."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {"include_schemas": True, "compare_type": True, "compare_server_default": True}
    with _engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return repr(compare_metadata(context, _reflect(sound, folder)))


def ask_migra(url: str, sound: str, folder: str) -> str:
    """Write the SQL that turns the sound database into the other."""
    from migra.command import parse_args, run

    said = io.StringIO()
    run(parse_args(["--unsafe", "--with-privileges", sound, url]), said, said)
    return said.getvalue()


def _command(name: str, *arguments: str) -> str:
    """Run a program's entry point, and return its output; findings are not an error."""
    from importlib.metadata import entry_points

    (entry,) = entry_points(group="console_scripts", name=name)
    said, sys.argv = io.StringIO(), [name, *arguments]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()) as complaint:
        try:
            entry.load()()
        except SystemExit as end:
            if end.code not in (None, 0, 1):
                raise RuntimeError(f"{name} ended with {end.code}") from None
    if not said.getvalue() and complaint.getvalue():
        raise RuntimeError(f"{name} only complained")
    return said.getvalue()


def ask_pgrls_lint(url: str, sound: str, folder: str) -> str:
    """Lint every schema of ours."""
    return _command("pgrls", "lint", "--database-url", url, "--schemas", SCHEMAS, "--format", "json")


def ask_pgrls_diff(url: str, sound: str, folder: str) -> str:
    """Compare with a snapshot of the sound database."""
    kept = Path(folder) / "pgrls.json"
    if not kept.exists():
        kept.write_text(_command("pgrls", "snapshot", "--database-url", sound, "--schemas", SCHEMAS))
    return _command("pgrls", "diff", str(kept), url, "--schemas", SCHEMAS, "--format", "json")


def ask_rlsautotest(url: str, sound: str, folder: str) -> str:
    """Try every policy of every schema, and print the matrix."""
    return _command("rlsautotest", "--all-schemas", "--report", "--no-fail", "--db-url", url)


ASK = {
    "alembic": ask_alembic,
    "migra": ask_migra,
    "pgrls lint": ask_pgrls_lint,
    "pgrls diff": ask_pgrls_diff,
    "rlsautotest": ask_rlsautotest,
}


def answer(tool: str, **question: str) -> dict[str, str]:
    """Run one tool; its answer may be an error of the tool."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            said = ASK[tool](**question)
    except Exception as error:
        return {"failed": type(error).__name__}  # its text may contain an address
    return {"said": hashlib.sha256(said.encode()).hexdigest()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), flush=True)
