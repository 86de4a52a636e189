"""The schema as a dictionary: search and tables. Pure."""

from collections.abc import Sequence

from lab.readiness.reports.schema import ERASE_WORDS, list_facts
from lab.rules import RULES
from lab.rules.model import Column, Grant, PrivacyClass, Table
from lab.ui.kit.tables import DataFrame, make_frame


def search_tables(words: str) -> tuple[Table, ...]:
    """Find the tables whose name, description or columns hold every word."""
    wanted = _fold(words).split()
    return tuple(table for table in RULES.tables if all(word in _text(table) for word in wanted))


def find_columns(table: Table, words: str) -> tuple[Column, ...]:
    """Find the columns that hold one of the words; none when only the table itself does."""
    wanted = _fold(words).split()
    return tuple(c for c in table.columns if wanted and any(word in _column_text(c) for word in wanted))


def _text(table: Table) -> str:
    own = _fold(f"{table.qualified} {table.title} {table.description}")
    return " ".join([own, *(_column_text(column) for column in table.columns)])


def _column_text(column: Column) -> str:
    return _fold(f"{column.name} {column.why} {column.privacy.value}")


def _fold(text: str) -> str:
    """Return text as a search compares it: e-mail is email, and share_cards is sharecards."""
    return text.casefold().replace("-", "").replace("_", "")


def frame_tables(tables: Sequence[Table]) -> DataFrame:
    """Shape tables with what they keep, the privacy classes of their columns, and which tables they reference."""
    rows = (
        (
            table.id,
            table.description,
            [one.value for one in PrivacyClass if any(c.privacy is one for c in table.columns)],
            ", ".join(dict.fromkeys(c.references.table.id for c in table.columns if c.references)),
        )
        for table in tables
    )
    return make_frame(("Table", "What it keeps", "Privacy classes", "References"), rows)


def frame_found(tables: Sequence[Table], words: str) -> DataFrame:
    """Shape the columns that a search finds."""
    found = [(table, column) for table in tables for column in find_columns(table, words)]
    rows = ((table.id, column.name, [column.privacy.value], column.why) for table, column in found)
    return make_frame(("Table", "Column", "Privacy class", "Why"), rows)


def frame_columns(table: Table) -> DataFrame:
    """Shape a table's columns: type, class, the effect of an erasure, and why."""
    rows = (
        (
            c.name,
            f"{c.type}{_list_limits(table, c)}",
            [c.privacy.value],
            ERASE_WORDS[c.erase],
            f"{c.why}{f' References {c.references.table.qualified}.' if c.references else ''}",
        )
        for c in table.columns
    )
    return make_frame(("Column", "Type", "Privacy class", "On erasure", "Why"), rows)


def _list_limits(table: Table, column: Column) -> str:
    return " primary key" if column.name in table.primary_key else "" if column.nullable else " not null"


def frame_indexes(table: Table) -> DataFrame:
    """Shape a table's indexes with the query that each serves."""
    rows = (
        (
            index.name,
            ["unique"] if index.unique else [],
            ", ".join(index.columns) or index.expression or "",
            index.where or "",
            index.serves,
        )
        for index in table.indexes
    )
    return make_frame(("Index", "Unique", "Columns", "Only where", "The query it serves"), rows)


def frame_access(table: Table) -> DataFrame:
    """Shape who may touch a table: policies first, then grants."""
    policies = ((["policy"], policy.role.id, policy.command.value, policy.why) for policy in table.policies)
    grants = ((["grant"], grant.role.id, _list_commands(grant), grant.why) for grant in table.grants)
    return make_frame(("Kind", "Role", "May", "Why"), [*policies, *grants])


def _list_commands(grant: Grant) -> str:
    commands = ", ".join(command.value for command in grant.commands)
    return f"{commands} of {', '.join(grant.columns)}" if grant.columns else commands


def frame_triggers(table: Table) -> DataFrame:
    """Shape a table's triggers and checks: the rules that hold against every role."""
    triggers = ((t.name, f"{t.moment}{', at commit' * t.deferred}", t.why) for t in table.triggers)
    checks = ((f"{table.id}_{check.name}", "check", check.why) for check in table.checks)
    return make_frame(("Rule", "When", "Why"), [*triggers, *checks])


def frame_dictionary() -> DataFrame:
    """Shape every column of every table, for export."""
    rows = [{"table": table.qualified, **facts} for table in RULES.tables for facts in list_facts(table)]
    told = ([("no", "yes")[cell] if isinstance(cell, bool) else cell for cell in row.values()] for row in rows)
    return make_frame(("table", "column", *list(rows[0])[2:]), told)
