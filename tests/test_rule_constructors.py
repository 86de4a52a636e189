"""Constructors of rules: a slip is an error of the type checker, and their options are the fields of the models."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

from lab import RULES
from lab.rules.model import Column, Trigger
from lab.rules.options import ColumnOptions, NullableOptions, ReferenceOptions, SharedColumns
from lab.text.product_files import PROJECT

HEAD = """
from lab.rules.functions.triggers import close_cards
from lab.rules.tables.readings import oracle_scrolls
from lab.rules.constructors import ROW, after, at_commit, before, operational, ref, secret, shared, stamp, subject
from lab.rules.function_constructors import inner_function
"""
RIGHT = (
    'secret("answer", "text", "The answer.", erase=ROW, nullable=True)',
    'stamp("sent_at", "When it was sent.", erase=ROW, past=True)',
    'ref("scroll_id", oracle_scrolls, "Its reading.", erase=ROW, nullable=True, on_delete="set null")',
    'before("keeps", "insert or update", close_cards, "Keeps it.", of=("status",), when="true")',
    'shared("true", "It stays.", contact="null")',
    'inner_function("ask", "boolean", "Asks.", volatility="volatile")',
)
# What is written, and the word that the type checker names.
SLIPS = {
    'secret("answer", "text", "The answer.", erase=ROW, nulable=True)': "nulable",
    'operational("state", "text", "Its state.", erase=ROW, alowed=("open",))': "alowed",
    'operational("state", "text", "Its state.", erase=ROW, allowed="open")': "allowed",
    'operational("state", "text", "Its state.", erase="row")': "erase",
    'stamp("sent_at", "When it was sent.", erase=ROW, passt=True)': "passt",
    'subject("The person.", erase=ROW, filed_later=True)': "filed_later",
    'ref("scroll_id", oracle_scrolls, "Its reading.", erase=ROW, nulable=True)': "nulable",
    'ref("scroll_id", oracle_scrolls, "Its reading.", erase=ROW, on_delete="casacde")': "casacde",
    'shared("true", "It stays.", contcat="null")': "contcat",
    'before("keeps", "insrt", close_cards, "Keeps it.")': "insrt",
    'after("keeps", "update of status", close_cards, "Keeps it.")': "update of status",
    'at_commit("keeps", events="insrt", function=close_cards, why="Keeps it.")': "insrt",
    'before("keeps", "insert", close_cards, "Keeps it.", wen="true")': "wen",
    'inner_function("ask", "boolean", "Asks.", volatility="volatil")': "volatil",
}


def test_a_slip_is_an_error_of_the_type_checker(tmp_path: Path) -> None:
    lines = [*HEAD.strip().splitlines(), *RIGHT, *SLIPS]
    written = tmp_path / "slips.py"
    written.write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", "--config-file=pyproject.toml", str(written)]
    told = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False).stdout
    errors: dict[str, str] = {}
    for number, said in re.findall(r"^.*slips\.py:(\d+): error: (.*)$", told, re.MULTILINE):
        errors[lines[int(number) - 1]] = said
    assert errors.keys() == SLIPS.keys(), told
    assert all(named in errors[slip] for slip, named in SLIPS.items()), told


def test_options_of_columns_are_the_fields_of_a_column() -> None:
    said = {"name", "type", "privacy", "erase", "why"}  # by every constructor itself
    fields = get_type_hints(Column)
    assert get_type_hints(ColumnOptions) == {name: fields[name] for name in Column.model_fields.keys() - said}
    assert ColumnOptions.__optional_keys__ - ReferenceOptions.__optional_keys__ == {"references"}
    assert ReferenceOptions.__optional_keys__ - NullableOptions.__optional_keys__ == {"nullable"}


def test_columns_of_shared_rows_are_those_that_the_rules_change() -> None:
    shared = [column.shared for table in RULES.tables for column in table.columns if column.shared]
    assert SharedColumns.__optional_keys__ == {name for rule in shared for name, _ in rule.sets}


def test_only_an_update_names_columns() -> None:
    trigger = next(trigger for table in RULES.tables for trigger in table.triggers if trigger.columns)
    assert trigger.moment.endswith(f" of {', '.join(trigger.columns)}")
    for events in ("insert", "delete", "insert or update or delete"):
        with pytest.raises(ValueError, match="only an update names columns"):
            Trigger.model_validate({**dict(trigger), "events": events, "deferred": False})
