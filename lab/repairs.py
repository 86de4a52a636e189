"""The SQL that restores a rule. It never drops data: a stranger is closed, a lost column comes back empty.

What a statement says comes from the rules: from the SQL they generate, or from what Postgres made of it.
"""

from collections.abc import Iterable

from lab.compare import Change
from lab.exposure import find_table
from lab.findings import Finding
from lab.rules import RULES
from lab.rules.derived import quote
from lab.rules.model import Severity
from lab.sql.access import operator_view, role_statements, schema_statements, view_statements
from lab.sql.functions import create_function, function_statements
from lab.sql.selection import table_sql

API = "public, anon, authenticated, service_role"


def repair_script(findings: Iterable[Finding]) -> str:
    """Return one script of all repairs, in an order that works, each statement once."""
    ordered = sorted((f for f in findings if f.repair), key=lambda f: (f.stage, f.key))
    parts = dict.fromkeys(f"-- {f.subject}: {f.seen.splitlines()[0][:80] if f.seen else ''}\n{f.repair}" for f in ordered)
    return "\n\n".join(parts) + "\n" if parts else ""


def last(name: str) -> str:
    """Return the last part of a qualified name, quoted as it came."""
    return name.rpartition(".")[2]


def table_form(change: Change) -> str:
    """Return what ALTER calls a relation."""
    return {"v": "view", "m": "materialized view", "S": "sequence"}.get(str(change.facts.get("form")), "table")


def make_table(change: Change) -> str | None:
    """Make a table that is gone, empty, with everything that belongs to it."""
    table = find_table(change.name)
    return table_sql(table) if table else None


def make_view(change: Change) -> str | None:
    """Make a view anew, with its comment and its one grant; a view holds no data."""
    schema, name = change.name.split(".")
    views = [view for view in RULES.views if view.qualified == change.name]
    if schema == "operations":
        views += [operator_view(table) for table in RULES.tables if table.id == name]
    return "\n".join([f"drop view if exists {change.name};", *view_statements(views[0])]) if views else None


def set_owner(change: Change) -> str:
    """Give a relation, function or schema back to its owner."""
    form = change.kind if change.kind in ("function", "schema") else table_form(change)
    return f"alter {form} {change.name} owner to {change.wanted['owner']};"


def set_options(change: Change) -> str:
    """Set storage or view options back."""
    wanted, found = change.wanted.get("options", []), change.found.get("options", [])
    names = ", ".join(line.split("=")[0] for line in found if line not in wanted)
    alter = f"alter {table_form(change)} {change.name}"
    lines = [f"{alter} reset ({names});"] if names else []
    return "\n".join([*lines, *([f"{alter} set ({', '.join(wanted)});"] if wanted else [])])


def set_rls(change: Change) -> str:
    """Enable and force row-level security."""
    word = "force" if change.aspect == "rls_forced" else "enable"
    return f"alter table {change.name} {word} row level security;"


def part_children(change: Change) -> str:
    """Part a table from children that nobody declared; both keep their rows."""
    strangers = [c for c in change.found.get("children", []) if c not in change.wanted.get("children", [])]
    return "\n".join(f"alter table {child} no inherit {change.name};" for child in strangers)


def set_sequence(change: Change) -> str:
    """Set a sequence's numbers back."""
    s = change.wanted["sequence"]
    cycle = "cycle" if s["cycle"] else "no cycle"
    return (
        f"alter sequence {change.name} as {s['type']} increment {s['increment']} minvalue {s['min']} "
        f"maxvalue {s['max']} start {s['start']} {cycle};"
    )


def add_column(change: Change) -> str:
    """Add a column again; what it held is gone, so it comes back with its default or empty."""
    facts, name = change.wanted, last(change.name)
    default = f" default {facts['default']}" if "default" in facts else ""
    identity = f" {_identity(facts['identity'])}" if "identity" in facts else ""
    need = " not null" if facts.get("not_null") else ""
    comment = f"\ncomment on column {change.name} is {quote(facts['comment'])};" if "comment" in facts else ""
    return f"alter table {facts['relation']} add column {name} {facts['type']}{identity}{default}{need};{comment}"


def _identity(code: str) -> str:
    return f"generated {'always' if code == 'a' else 'by default'} as identity"


def set_column(change: Change) -> str:
    """Set one property of a column back: its default, whether it may be null, its identity."""
    start, wanted = f"alter table {change.facts['relation']} alter column {last(change.name)}", change.wanted
    if change.aspect == "default":
        return f"{start} set default {wanted['default']};" if "default" in wanted else f"{start} drop default;"
    if change.aspect == "not_null":
        return f"{start} {'set' if wanted['not_null'] else 'drop'} not null;"
    if change.aspect == "unproven":
        return f"alter table {change.facts['relation']} validate constraint {change.found['unproven']};"
    if "identity" not in wanted:
        return f"{start} drop identity if exists;"
    if "identity" in change.found:
        return f"{start} set {_identity(wanted['identity']).removesuffix(' as identity')};"
    sequence = f"{change.facts['relation']}_{last(change.name)}_seq"
    return f"{start} add {_identity(wanted['identity'])};\nrevoke all on sequence {sequence} from {API};"


def remake_constraint(change: Change) -> str:
    """Make a constraint anew, which checks every row and gives a foreign key its working triggers again."""
    relation, name = change.facts["relation"], last(change.name)
    comment = change.wanted.get("comment")
    lines = [
        f"alter table {relation} drop constraint if exists {name};",
        f"alter table {relation} add constraint {name} {change.wanted['definition']};",
        *([f"comment on constraint {name} on {relation} is {quote(comment)};"] if comment else []),
    ]
    return "\n".join(lines)


def validate_constraint(change: Change) -> str:
    """Check every row against a constraint that was added without that."""
    return f"alter table {change.facts['relation']} validate constraint {last(change.name)};"


def drop_constraint(change: Change) -> str:
    """Drop a constraint that nobody declared."""
    return f"alter table {change.facts['relation']} drop constraint {last(change.name)};"


def remake_index(change: Change) -> str:
    """Make an index anew."""
    where = f" WHERE {change.wanted['predicate']}" if "predicate" in change.wanted else ""
    comment = change.wanted.get("comment")
    lines = [f"drop index if exists {change.name};", f"{change.wanted['definition']}{where};"]
    return "\n".join([*lines, *([f"comment on index {change.name} is {quote(comment)};"] if comment else [])])


def rebuild_index(change: Change) -> str:
    """Build an index again from the table's rows."""
    return f"reindex index {change.name};"


def remake_trigger(change: Change) -> str:
    """Make a trigger anew, in the state that it must have."""
    relation, name = change.facts["relation"], last(change.name)
    create = change.wanted["definition"].replace("CREATE TRIGGER", "create or replace trigger", 1)
    comment = change.wanted.get("comment")
    lines = [f"{create};", set_trigger_state(change)]
    return "\n".join([*lines, *([f"comment on trigger {name} on {relation} is {quote(comment)};"] if comment else [])])


_STATES = {"A": "enable always", "O": "enable", "R": "enable replica", "D": "disable"}


def set_trigger_state(change: Change) -> str:
    """Enable a trigger as its rule says."""
    return f"alter table {change.facts['relation']} {_STATES[change.wanted['enabled']]} trigger {last(change.name)};"


def disable_trigger(change: Change) -> str:
    """Disable a trigger that nobody declared; it can be looked at and enabled again."""
    return f"alter table {change.facts['relation']} disable trigger {last(change.name)};"


def drop_rule(change: Change) -> str:
    """Drop a rewrite rule."""
    return f"drop rule {last(change.name)} on {change.facts['relation']};"


def remake_policy(change: Change) -> str:
    """Make a policy anew."""
    facts, name = change.wanted, last(change.name)
    using = f"\n  using ({facts['using']})" if "using" in facts else ""
    check = f"\n  with check ({facts['with_check']})" if "with_check" in facts else ""
    form = "permissive" if facts["permissive"] else "restrictive"
    comment = facts.get("comment")
    lines = [
        f"drop policy if exists {name} on {facts['relation']};",
        f"create policy {name} on {facts['relation']}\n  as {form} for {facts['command']} "
        f"to {', '.join(facts['roles'])}{using}{check};",
        *([f"comment on policy {name} on {facts['relation']} is {quote(comment)};"] if comment else []),
    ]
    return "\n".join(lines)


def drop_policy(change: Change) -> str:
    """Drop a policy that nobody declared."""
    return f"drop policy {last(change.name)} on {change.facts['relation']};"


def _functions(change: Change) -> list[str]:
    """Return the statements of the declared function of that name."""
    name = change.name.split("(")[0]
    for function in RULES.functions:
        if function.qualified == name:
            return function_statements(function)
    return []


def make_function(change: Change) -> str | None:
    """Make a function that is gone, closed and then opened to whoever may call it."""
    return "\n".join(_functions(change)) or None


def remake_function(change: Change) -> str | None:
    """Write a function again: body, language, rights, search path and all other properties."""
    found = [f for f in RULES.functions if f.qualified == change.name.split("(")[0]]
    return create_function(found[0]) if found else None


def close_function(change: Change) -> str:
    """Take the right to call a function from everybody but its owner."""
    form = {"p": "procedure", "a": "routine"}.get(str(change.facts.get("form")), "function")
    return f"revoke all on {form} {change.name} from {API};"


def close_relation(change: Change) -> str:
    """Close a relation that nobody declared, and keep what it may hold."""
    lines = [f"revoke all on {change.name} from {API};"]
    if change.facts.get("form") in ("r", "p"):
        lines.append(f"alter table {change.name} enable row level security;")
    return "\n".join(lines)


def make_schema(change: Change) -> str:
    """Make a schema that is gone; what stood in it has repairs of its own."""
    ours = [s for s in schema_statements() if f"schema {change.name}" in s and "revoke create" not in s]
    return "\n".join(ours)


def set_comment(change: Change) -> str | None:
    """Comments are information; nothing is proposed."""
    return None


def make_role(change: Change) -> str | None:
    """Make a role that is gone."""
    return "\n".join(s for role in RULES.roles if role.id == change.name for s in role_statements(role)) or None


def worst(*severities: Severity) -> Severity:
    """Return the worst of several severities."""
    return min(severities, key=tuple(Severity).index)
