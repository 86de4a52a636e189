"""Laws of privacy: secret and public fields are apart, and others read no free text."""

import re
from collections.abc import Iterator

from lab.rules.derived import DIGESTS, digest_expression, secret_texts
from lab.rules.functions.triggers import refuse_change
from lab.rules.laws.law import columns_of
from lab.rules.model import Column, Command, PrivacyClass, Table
from lab.rules.registry import Rules

FREE_TYPES = ("text", "text[]", "varchar", "character varying", "json", "jsonb", "xml", "citext", "name")


def public_fields_are_apart(rules: Rules) -> Iterator[str]:
    """No table has both secret and public columns."""
    for table in rules.tables:
        classes = {column.privacy for column in table.columns}
        if {PrivacyClass.SECRET, PrivacyClass.PUBLIC} <= classes:
            yield f"{table.qualified}: has secret and public columns; move the public ones to a table of their own"


def texts_are_restricted(rules: Rules) -> Iterator[str]:
    """A column that is neither secret nor personal holds no free text: a list, reference, form or check restricts it.

    A column that a trigger always sets, in a table whose rows never change, is restricted by that trigger. One that is
    generated holds what its expression makes of listed values.
    """
    for table, column in columns_of(rules):
        where = f"{table.qualified}.{column.name}"
        checks = {check.name: check.expression for check in table.checks}
        if column.closed_by and not re.search(rf"\b{column.name}\b", checks.get(column.closed_by, "")):
            yield f"{where}: names the check {column.closed_by} in closed_by, but no check of that name restricts it"
        if column.set_by and column.set_by not in _setting_triggers(table):
            yield f"{where}: names {column.set_by} in set_by, but no trigger of that name sets new rows that never change"
        if column.compared_by and column.compared_by not in _comparing_triggers(table):
            yield f"{where}: names {column.compared_by} in compared_by, but no trigger of that name runs before every write"
        private = column.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
        generated = _is_made_of_lists(table, column)
        restricted = (column.allowed, column.references, column.form, column.closed_by, column.set_by, generated)
        closed = table.by_migration or any(restricted)
        if column.type.split("(")[0] in FREE_TYPES and not private and not closed:
            yield f"{where}: can hold free text; give it allowed, a reference, a form, closed_by or set_by"


def _is_made_of_lists(table: Table, column: Column) -> bool:
    """Tell whether a generated column is made of nothing but columns with listed values."""
    sources = [one for one in table.columns if re.search(rf"\b{one.name}\b", column.generated or "")]
    return bool(sources) and all(one.allowed for one in sources)


def _setting_triggers(table: Table) -> tuple[str, ...]:
    """Return the triggers that may set columns of each new row; none in a table whose rows may change."""
    if not any(t.function is refuse_change and t.events == "update" and not t.when for t in table.triggers):
        return ()
    return tuple(t.name for t in table.triggers if t.timing == "before" and t.events == "insert" and not t.when)


def _comparing_triggers(table: Table) -> tuple[str, ...]:
    """Return the names of the triggers that run before every write."""
    events = ("insert or update", "insert or update or delete")
    return tuple(
        t.name for t in table.triggers if t.timing == "before" and t.events in events and not (t.columns or t.when)
    )


def migration_tables_are_read_only(rules: Rules) -> Iterator[str]:
    """A table that only migrations write has no grant but for reading."""
    for table in rules.tables:
        for grant in table.grants if table.by_migration else ():
            if grant.commands != (Command.SELECT,):
                yield f"{table.qualified}: only migrations write it, but {grant.role.id} may do more than read"


def quoted_rows_are_not_private(rules: Rules) -> Iterator[str]:
    """A table whose refused rows may be shown has no private column, and only its owner writes it."""
    for table in rules.tables:
        private = any(c.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL) for c in table.columns)
        written = any(grant.commands != (Command.SELECT,) for grant in table.grants)
        if table.quotes_no_text and (private or written):
            yield f"{table.qualified}: has quotes_no_text, but also private columns or a grant for writing"


def secret_texts_are_indexed(rules: Rules) -> Iterator[str]:
    """Every secret text of a person has an index, so that an AI's answer can be searched for it."""
    for table, column in secret_texts(rules.tables):
        expressions = {index.expression for index in table.indexes}
        if column.type not in DIGESTS:
            yield f"{table.qualified}.{column.name}: is secret, but AI answers cannot be searched for its type; use one of DIGESTS"
        elif digest_expression(column, every=False) not in expressions:
            yield f"{table.qualified}.{column.name}: is secret, but AI answers are not searched for it; add words_index()"
