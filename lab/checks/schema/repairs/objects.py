"""Repairs of tables, columns, constraints, indexes, triggers, policies, functions and strangers.

What a statement says comes from the rules: from the SQL they generate, or from what Postgres made of it.
"""

from typing import Any

from lab.checks.schema.compare import Change
from lab.checks.schema.repairs.grants import give, take
from lab.checks.schema.repairs.statements import find_statements
from lab.checks.schema.wording import FORMS
from lab.rules import RULES
from lab.rules.derived import quote
from lab.sql.tokens import split_name, write_name

API = ("public", "anon", "authenticated", "service_role")
OWN = tuple(role.id for role in RULES.roles if role.owned)


def last(name: str) -> str:
    """Return the last part of a qualified name, quoted as it came."""
    return split_name(name)[1]


def make(change: Change) -> str | None:
    """Make a declared thing anew, as the generated SQL makes it, for its owner: whoever runs this, it is not theirs."""
    made = find_statements(change.kind, change.name)
    return f"{made}\n{give_to_owner(change)}" if made and "owner" in change.wanted else made


def make_index(change: Change) -> str | None:
    """Make an index that is missing; one that somebody built beforehand, without keeping writers waiting, stays."""
    return find_statements("new index", change.name)


def table_form(change: Change) -> str:
    """Return what ALTER calls a relation."""
    return {"v": "view", "m": "materialized view", "S": "sequence"}.get(str(change.facts.get("form")), "table")


def set_comment(change: Change) -> str:
    """Write into the catalogue what the rules say of a thing."""
    form = table_form(change) if change.kind in ("table", "view", "sequence") else change.kind
    inside = change.kind in ("constraint", "policy", "trigger")
    place = f"{last(change.name)} on {change.facts['relation']}" if inside else change.name
    text = quote(change.wanted["comment"]) if "comment" in change.wanted else "null"
    return f"comment on {form} {place} is {text};"


def give_to_owner(change: Change) -> str:
    """Give a relation, function or schema to its owner; nothing happens when it is theirs."""
    form = change.kind if change.kind in ("function", "schema") else FORMS.get(change.wanted["form"], "sequence")
    return f"alter {form} {change.name} owner to {change.wanted['owner']};"


def set_owner(change: Change) -> str:
    """Give a thing back to its owner, and to the one before what the rules grant them: Postgres passed that on, too."""
    wanted, found = (
        [p for p in side.of("privilege").values() if _is_on(p, change)] for side in (change.rules, change.target)
    )
    before, after = change.found["owner"], change.wanted["owner"]
    columns = [take(p) for p in found if p["grantee"] == before and p["place"] == "column"]
    passed_on = {p["privilege"] for p in found if p["grantee"] == before and p["place"] != "column"}
    own = [p for p in wanted if p["grantee"] == after and p["privilege"] not in passed_on]
    theirs = [p for p in wanted if p["grantee"] == before]
    lines = [*columns, give_to_owner(change), *map(give, (*own, *theirs))]
    return "\n".join(_lend(before, lines) if _must_lend(change) else lines)


def _must_lend(change: Change) -> bool:
    """Tell whether a role of ours owns it: who made the role may act as it, but from 16 on must say so first."""
    before, after = change.found["owner"], change.wanted["owner"]
    acts_already = change.target.major < 16 and f"{before}|{after}" in change.target.of("membership")
    return before in OWN and not acts_already


def _lend(role: str, lines: list[str]) -> list[str]:
    """Let whoever runs the lines act as a role meanwhile."""
    return [f"grant {role} to current_user;", *lines, f"revoke {role} from current_user;"]


def _is_on(privilege: dict[str, Any], change: Change) -> bool:
    place = change.kind if change.kind in ("function", "schema", "sequence") else "table"
    column = privilege["place"] == "column" and split_name(privilege["object"])[0] == change.name
    return (privilege["place"], privilege["object"]) == (place, change.name) or (place == "table" and column)


def set_options(change: Change) -> str:
    """Set storage or view options back."""
    wanted, found = change.wanted.get("options", []), change.found.get("options", [])
    names = ", ".join(line.split("=")[0] for line in found if line not in wanted)
    alter = f"alter {table_form(change)} {change.name}"
    lines = [f"{alter} reset ({names});"] if names else []
    return "\n".join([*lines, *([f"{alter} set ({', '.join(wanted)});"] if wanted else [])])


def set_row_security(change: Change) -> str:
    """Enable and force row-level security."""
    word = "force" if change.aspect == "forced" else "enable"
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


def _identity(code: str) -> str:
    return f"generated {'always' if code == 'a' else 'by default'} as identity"


def set_column(change: Change) -> str:
    """Set one property of a column back: its default or its identity."""
    start, wanted = f"alter table {change.facts['relation']} alter column {last(change.name)}", change.wanted
    if change.aspect == "default":
        return f"{start} set default {wanted['default']};" if "default" in wanted else f"{start} drop default;"
    if "identity" not in wanted:
        return f"{start} drop identity if exists;"
    if "identity" in change.found:
        return f"{start} set {_identity(wanted['identity']).removesuffix(' as identity')};"
    return f"{start} add {_identity(wanted['identity'])};\n{_close_sequence(change)}"


def _close_sequence(change: Change) -> str:
    """Close the sequence that Postgres makes for a column's identity, and that the platform's defaults open."""
    return f"revoke all on sequence {change.facts['relation']}_{last(change.name)}_seq from {', '.join(API)};"


def require_column(change: Change) -> str | None:
    """Let a column that came back empty be empty no more, once something stands in every row."""
    facts = change.wanted
    return set_need(change) if facts.get("not_null") and not _is_filled(facts) else None


def _is_filled(facts: dict[str, Any]) -> bool:
    """Tell whether a column of rows that are there gets a value by itself."""
    return bool(facts.keys() & {"default", "identity"})


def set_need(change: Change) -> str:
    """Say again whether a column may be empty."""
    word = "set" if change.wanted["not_null"] else "drop"
    return f"alter table {change.facts['relation']} alter column {last(change.name)} {word} not null;"


def prove_column(change: Change) -> str:
    """Look at the rows for empty values where a column was required without that."""
    return f"alter table {change.facts['relation']} validate constraint {change.found['unproven']};"


def allow_null(change: Change) -> str:
    """Let a column be empty."""
    return f"alter table {change.facts['relation']} alter column {last(change.name)} drop not null;"


def prove_constraint(change: Change) -> str | None:
    """Check the rows that are there against a constraint; a key has looked at them already."""
    if change.wanted["type"] not in _PROVEN_LATER:
        return None
    return f"alter table {change.facts['relation']} validate constraint {last(change.name)};"


def drop_thing(change: Change) -> str:
    """Drop what holds no data: a view, an index or a function, unless something stands on it."""
    return f"drop {change.kind} if exists {change.name};"


def drop_constraint(change: Change) -> str:
    """Drop a constraint that nobody declared."""
    return f"alter table {change.facts['relation']} drop constraint {last(change.name)};"


def rebuild_index(change: Change) -> str:
    """Build an index again from the table's rows."""
    return f"reindex index {change.name};"


_STATES = {"A": "enable always", "O": "enable", "R": "enable replica", "D": "disable"}


def make_trigger(change: Change) -> str | None:
    """Make a declared trigger anew; Postgres replaces no constraint trigger, so that one goes first."""
    made = make(change)
    if made and change.found.get("definition", "").startswith("CREATE CONSTRAINT") and not made.startswith("drop"):
        return f"{drop_trigger(change)}\n{made}"
    return made


def set_trigger_state(change: Change) -> str:
    """Enable a trigger as its rule says."""
    return f"alter table {change.facts['relation']} {_STATES[change.wanted['enabled']]} trigger {last(change.name)};"


def disable_trigger(change: Change) -> str:
    """Disable a trigger that nobody declared; it can be looked at and enabled again. A view's can only be dropped."""
    if change.relation in change.target.of("view"):
        return drop_trigger(change)
    return f"alter table {change.facts['relation']} disable trigger {last(change.name)};"


def drop_trigger(change: Change) -> str:
    """Drop a trigger."""
    return f"drop trigger {last(change.name)} on {change.facts['relation']};"


def drop_rule(change: Change) -> str:
    """Drop a rewrite rule."""
    return f"drop rule {last(change.name)} on {change.facts['relation']};"


def drop_policy(change: Change) -> str:
    """Drop a policy that nobody declared."""
    return f"drop policy {last(change.name)} on {change.facts['relation']};"


def set_statistics(change: Change) -> str:
    """Keep a column's values out of the statistics, or let Postgres plan with them again."""
    target = 0 if change.wanted.get("unmeasured") else -1
    return f"alter table {change.facts['relation']} alter column {last(change.name)} set statistics {target};"


def forget_statistics(change: Change) -> str | None:
    """Remove the copies of a column's values, where Postgres lets a table's owner do so."""
    if change.target.major < 18:
        return None
    schema, table = split_name(str(change.facts["relation"]))
    place = ", ".join(quote(part.strip('"')) for part in (schema, table, last(change.name)))
    return f"select pg_catalog.pg_clear_attribute_stats({place}, false);"


def add_column(change: Change) -> str:
    """Add a column again, with its grants; what it held is gone, so it comes back with its default or empty.

    One that nothing fills may be empty at first, as it is in the rows that are there.
    """
    facts, name = change.wanted, last(change.name)
    default = f" default {facts['default']}" if "default" in facts else ""
    identity = f" {_identity(facts['identity'])}" if "identity" in facts else ""
    need = " not null" if facts.get("not_null") and _is_filled(facts) else ""
    lines = [f"alter table {facts['relation']} add column {name} {facts['type']}{identity}{default}{need};"]
    if "comment" in facts:
        lines.append(f"comment on column {change.name} is {quote(facts['comment'])};")
    if "identity" in facts:
        lines.append(_close_sequence(change))
    if "unmeasured" in facts:
        lines.append(set_statistics(change))
    held = change.rules.of("privilege").values()
    return "\n".join([*lines, *(give(p) for p in held if p["place"] == "column" and p["object"] == change.name)])


def add_constraint(change: Change) -> str:
    """Make a constraint anew for what is written from now on; a key, which is an index, for every row.

    A foreign key gets its working triggers again.
    """
    relation, name = change.facts["relation"], last(change.name)
    later = " not valid" if change.wanted["type"] in _PROVEN_LATER else ""
    return make(change) or (
        f"alter table {relation} drop constraint if exists {name};\n"
        f"alter table {relation} add constraint {name} {change.wanted['definition']}{later};"
    )


_PROVEN_LATER = ("c", "f")  # checks and foreign keys


def close_function(change: Change) -> str:
    """Take the right to call a function from everybody but its owner."""
    form = {"p": "procedure", "a": "routine"}.get(str(change.facts.get("form")), "function")
    return f"revoke all on {form} {change.name} from {', '.join((*API, *OWN))};"


def close_relation(change: Change) -> str:
    """Close a relation that nobody declared, and keep what it may hold."""
    holders = {grant.rpartition(" ")[0] for grant in change.facts.get("grants") or []}
    roles = ", ".join((*API, *OWN, *map(write_name, sorted(holders.difference(API, OWN)))))
    lines = [f"revoke all on {change.name} from {roles};"]
    if change.facts.get("form") in ("r", "p"):
        lines.append(f"alter table {change.name} enable row level security;")
    return "\n".join(lines)
