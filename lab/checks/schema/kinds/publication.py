"""How publications, which send rows to subscribers, are found."""

from lab.checks.schema.aspects import FOLLOWS
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs.undo import unless_hidden
from lab.checks.schema.severity import HIGH, INFO, MEDIUM, is_private
from lab.rules.derived import quote
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_publication(change: Change) -> Severity:
    """Grade a publication by the rows that it sends."""
    facts = change.facts
    if not facts["streams"]:
        return INFO
    whole = facts["through"] != "table"
    return HIGH if whole or is_private(facts["relation"]) else MEDIUM


def _publication_subject(change: Change) -> str:
    facts = change.facts
    return str(facts["relation"]) if facts["through"] == "table" else f"publication {facts['publication']}"


def leave_publication(change: Change) -> str:
    """Take a table out of a publication; one of all tables is set to publish nothing."""
    facts = change.found
    if facts["through"] == "table":
        return f"alter publication {write_name(facts['publication'])} drop table {facts['relation']};"
    if facts["through"] == "schema":
        return f"alter publication {write_name(facts['publication'])} drop tables in schema {facts['relation']};"
    return f"alter publication {write_name(facts['publication'])} set (publish = '');"


def join_publication(change: Change) -> str:
    """Add a relation to a publication again."""
    facts, start = change.found, f"alter publication {write_name(change.found['publication'])}"
    if facts["through"] == "schema":
        return f"{start} add tables in schema {facts['relation']};"
    if facts["through"] == "all":
        return f"{start} set (publish = {quote(facts['sends'])});"
    columns = f" ({facts['columns']})" if "columns" in facts else ""
    rows = f" where ({facts['filter']})" if "filter" in facts else ""
    query = (
        "select format('alter publication %I add table %s%s where (%s);', p.pubname, r.prrelid::regclass, "
        f"{quote(columns)}::text, pg_get_expr(r.prqual, r.prrelid)) from pg_publication_rel r join pg_publication p on p.oid = r.prpubid "
        f"where p.pubname = {quote(facts['publication'])} and r.prrelid = {quote(facts['relation'])}::regclass;"
    )
    return unless_hidden(change, f"{start} add table {facts['relation']}{columns}{rows};", query)


KIND = Kind(
    name="publication",
    plural="publications",
    title="A publication sends rows out of the database",
    means=(
        "A publication sends each change of a table to its subscribers. Row-level security does not apply to "
        "these changes, except in Supabase Realtime."
    ),
    example="create publication copies for table public.oracle_scrolls;",
    accept="For a table without personal or secret columns whose subscriber you know.",
    query=read_query("publication"),
    say=lambda facts: f"streamed by {facts['publication']}",
    anywhere=True,
    family="strangers",
    stage=70,
    missing=None,
    extra=Aspect(
        severity=_grade_publication,
        title=lambda change: (
            f"Publication {change.facts['publication']} sends {change.facts['relation']} to subscribers"
        ),
        why="The publication {publication} sends every change of {relation} to its subscribers, without row-level security.",
        repair=leave_publication,
        undo=join_publication,
    ),
    aspects={
        **dict.fromkeys(("publication", "relation", "through", "sends", "columns", "filter"), FOLLOWS),
    },
    subject=_publication_subject,
)
