"""Laws of what may be seen: secret and public words apart, no free text where others read."""

import re
from collections.abc import Iterator

from lab.rules.derived import DIGESTS, guarded_texts, words_expression
from lab.rules.laws.law import columns_of
from lab.rules.model import Command, PrivacyClass
from lab.rules.registry import Rules

FREE_TYPES = ("text", "text[]", "varchar", "character varying", "json", "jsonb", "xml", "citext", "name")


def public_fields_stand_apart(rules: Rules) -> Iterator[str]:
    """No table holds secret and public fields side by side."""
    for table in rules.tables:
        classes = {column.privacy for column in table.columns}
        if {PrivacyClass.SECRET, PrivacyClass.PUBLIC} <= classes:
            yield f"{table.qualified}: holds secret and public fields; move the public ones to a table of their own"


def texts_are_closed(rules: Rules) -> Iterator[str]:
    """Whatever operators, logs and strangers may see holds no free text: a list, a reference, a form or a check."""
    for table, column in columns_of(rules):
        where = f"{table.qualified}.{column.name}"
        checks = {check.name: check.expression for check in table.checks}
        if column.closed_by and not re.search(rf"\b{column.name}\b", checks.get(column.closed_by, "")):
            yield f"{where}: is closed by {column.closed_by}, but no check of that name asks about it"
        private = column.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
        closed = column.allowed or column.references or column.form or column.closed_by or table.by_migration
        if column.type.split("(")[0] in FREE_TYPES and not private and not closed:
            yield f"{where}: takes free text; give it allowed, a reference, a form or closed_by"


def migrations_alone_add_words(rules: Rules) -> Iterator[str]:
    """A table whose rows only migrations add is granted to nobody but for reading."""
    for table in rules.tables:
        for grant in table.grants if table.by_migration else ():
            if grant.commands != (Command.SELECT,):
                yield f"{table.qualified}: only migrations add to it, but {grant.role.id} may do more than read"


def quoted_rows_hold_no_text(rules: Rules) -> Iterator[str]:
    """A row that may be quoted when it is refused holds nothing private, and no role but the owner writes it."""
    for table in rules.tables:
        private = any(c.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL) for c in table.columns)
        written = any(grant.commands != (Command.SELECT,) for grant in table.grants)
        if table.quotes_no_text and (private or written):
            yield f"{table.qualified}: says quotes_no_text, but has private columns or is granted for writing"


def private_words_are_indexed(rules: Rules) -> Iterator[str]:
    """Every secret text that belongs to a person has the index by which an AI's answer is searched for it."""
    for table, column in guarded_texts(rules.tables):
        expressions = {index.expression for index in table.indexes}
        if column.type not in DIGESTS:
            yield f"{table.qualified}.{column.name}: is secret, and no AI's answer is searched for words of its type"
        elif words_expression(column, every=False) not in expressions:
            yield f"{table.qualified}.{column.name}: is secret and not searched for; add words_index()"
