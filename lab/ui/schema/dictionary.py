"""The schema as a dictionary: search, rows, CSV and Markdown. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from lab.rules import RULES
from lab.rules.model import Column, EraseAction, Grant, Index, PrivacyClass, Table, Trigger
from lab.ui.kit.tables import Frame, chip, code, say

CLASS_FACES = {
    PrivacyClass.SECRET: ("red", "visibility_off"),
    PrivacyClass.PERSONAL: ("orange", "person"),
    PrivacyClass.FINANCIAL: ("blue", "payments"),
    PrivacyClass.OPERATIONAL: ("gray", "settings"),
    PrivacyClass.PUBLIC: ("green", "public"),
}
ERASE_WORDS = {
    EraseAction.DELETE_ROW: "row is deleted",
    EraseAction.SET_NULL: "emptied",
    EraseAction.KEEP: "kept",
}


def find_table(id: str) -> Table:
    """Return one of the rules' tables by its id."""
    return RULES.table(id)


def search_tables(words: str) -> tuple[Table, ...]:
    """Find the tables whose name, description or columns hold every word."""
    return tuple(table for table in RULES.tables if all(word in _text(table) for word in words.lower().split()))


def find_columns(table: Table, words: str) -> tuple[Column, ...]:
    """Find the columns that a search speaks of; none when it speaks of the table itself."""
    wanted = words.lower().split()
    return tuple(c for c in table.columns if wanted and any(word in _column_text(c) for word in wanted))


def _text(table: Table) -> str:
    own = f"{table.qualified} {table.title} {table.description}".lower()
    return " ".join([own, *(_column_text(column) for column in table.columns)])


def _column_text(column: Column) -> str:
    return f"{column.name} {column.why} {column.privacy.value}".lower()


def class_chip(privacy: PrivacyClass) -> str:
    """Set a privacy class as a chip."""
    colour, icon = CLASS_FACES[privacy]
    return chip(privacy.value, colour, icon)


def list_classes(table: Table) -> str:
    """List the privacy classes that a table holds as chips, the most private first."""
    held = {column.privacy for column in table.columns}
    return " ".join(class_chip(privacy) for privacy in PrivacyClass if privacy in held)


def frame_found(tables: Sequence[Table], words: str) -> Frame:
    """Shape the columns that a search speaks of, by table."""
    rows = tuple(
        (code(table.id), code(c.name), class_chip(c.privacy), say(c.why))
        for table in tables
        for c in find_columns(table, words)
    )
    return Frame(("Table", "Column", "Privacy class", "Why"), rows, "No column speaks of this.")


def frame_columns(table: Table) -> Frame:
    """Shape a table's columns: type, class, what erasure does, and why."""
    rows = tuple(
        (
            code(c.name) + (" " + chip("key", "violet", "key") if c.name in table.primary_key else ""),
            code(c.type) + ("" if c.nullable else " not null"),
            class_chip(c.privacy),
            ERASE_WORDS[c.erase],
            say(c.why) + _points(c),
        )
        for c in table.columns
    )
    return Frame(("Column", "Type", "Privacy class", "When its subject is erased", "Why"), rows, "No column.")


def _points(column: Column) -> str:
    return f" Points at {code(column.references.table.qualified)}." if column.references else ""


def frame_indexes(table: Table) -> Frame:
    """Shape a table's indexes with the query each serves."""
    rows = tuple((code(index.name), _index_columns(index), say(index.serves)) for index in table.indexes)
    return Frame(("Index", "Columns", "The query it serves"), rows, "Only its primary key.")


def _index_columns(index: Index) -> str:
    unique = chip("unique", "violet", "fingerprint") + " " if index.unique else ""
    return (
        unique
        + " ".join(code(name) for name in index.columns or (index.expression or "",))
        + (f" where {code(index.where)}" if index.where else "")
    )


def frame_access(table: Table) -> Frame:
    """Shape who may touch a table: policies first, then grants."""
    policies = [
        (chip("policy", "blue", "shield"), code(p.role.id), p.command.value, say(p.why)) for p in table.policies
    ]
    grants = [(chip("grant", "gray", "key"), code(g.role.id), _commands(g), say(g.why)) for g in table.grants]
    return Frame(("Kind", "Role", "May", "Why"), tuple(policies + grants), "Nobody but its owner: no policy, no grant.")


def _commands(grant: Grant) -> str:
    commands = ", ".join(command.value for command in grant.commands)
    return f"{commands} of {' '.join(code(name) for name in grant.columns)}" if grant.columns else commands


def _say_when(trigger: Trigger) -> str:
    return f"{trigger.moment}{', at commit' * trigger.deferred}"


def frame_triggers(table: Table) -> Frame:
    """Shape a table's triggers and named checks: the rules that hold against every role."""
    triggers = [(code(t.name), _say_when(t), say(t.why)) for t in table.triggers]
    checks = [(code(f"{table.id}_{c.name}"), "check", say(c.why)) for c in table.checks]
    return Frame(("Rule", "When", "Why"), tuple(triggers + checks), "No trigger and no check.")


HEADERS = ("table", "column", "type", "nullable", "privacy", "when_erased", "references", "why")


def write_csv() -> str:
    """Write the data dictionary as CSV, one line for each column of each table."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADERS)
    writer.writerows(_csv_rows())
    return out.getvalue()


def _csv_rows() -> Iterable[tuple[str, ...]]:
    for table in RULES.tables:
        for c in table.columns:
            points = c.references.table.qualified if c.references else ""
            nullable = "yes" if c.nullable else "no"
            yield table.qualified, c.name, c.type, nullable, c.privacy.value, c.erase.value, points, c.why


def write_markdown() -> str:
    """Write the data dictionary as Markdown, a section for each table."""
    return "# Data dictionary\n\n" + "\n\n".join(_section(table) for table in RULES.tables) + "\n"


def _section(table: Table) -> str:
    head = f"## `{table.qualified}`\n\n{table.description}\n\nWithout it: {table.loss}\n"
    rows = "\n".join(
        f"| `{c.name}` | `{c.type}` | {c.privacy.value} | {ERASE_WORDS[c.erase]} | {c.why} |" for c in table.columns
    )
    return (
        f"{head}\n| Column | Type | Privacy class | When its subject is erased | Why |\n|---|---|---|---|---|\n{rows}"
    )


def list_tables(tables: Sequence[Table]) -> str:
    """List tables with what they keep and which tables they point at."""
    return "\n".join(f"- {code(table.id)}: {table.description}{_pointed(table)}" for table in tables)


def _pointed(table: Table) -> str:
    names = dict.fromkeys(c.references.table.qualified for c in table.columns if c.references)
    return f" Points at {', '.join(code(name) for name in names)}." if names else ""
