"""Reports undeclared functions in the expressions of declared tables, such as indexes, checks and policies."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs.undo import print_definition
from lab.checks.schema.severity import HIGH

_KINDS = {"index": "index", "constraint": "constraint", "policy": "policy", "trigger": "trigger", "rule": "rule"}


def _is_declared(change: Change) -> bool:
    """Tell whether the rules declare the object with the expression; another finding then repairs it."""
    facts = change.facts
    kind = _KINDS.get(facts["form"], "column")
    schema = facts["relation"].partition(".")[0]
    name = f"{schema}.{facts['name']}" if kind == "index" else f"{facts['relation']}.{facts['name']}"
    return facts["form"] != "statistics" and name in change.rules.of(kind)


def _drop_carrier(change: Change) -> str | None:
    """Drop the object with the expression; it holds no rows."""
    facts = change.facts
    relation, name, schema = facts["relation"], facts["name"], facts["relation"].partition(".")[0]
    if _is_declared(change) or name == '"_RETURN"':  # the rule that defines a view
        return None
    return {
        "index": f"drop index if exists {schema}.{name};",
        "constraint": f"alter table {relation} drop constraint if exists {name};",
        "statistics": f"drop statistics if exists {facts.get('statistics')};",
        "policy": f"drop policy if exists {name} on {relation};",
        "trigger": f"drop trigger if exists {name} on {relation};",
        "rule": f"drop rule if exists {name} on {relation};",
    }.get(facts["form"])


def _say_code(facts: Facts) -> str:
    return f"{facts['form']} {facts['name']} runs {', '.join(facts['callers'])}"


KIND = Kind(
    name="riding_code",
    plural="functions in expressions",
    label="code in",
    title="An undeclared function runs in an expression of a declared table",
    means=(
        "An expression of a declared table, such as an index, calls an undeclared function. The function "
        "runs with every write and sees private values, without a call and without a grant."
    ),
    example=(
        "create schema shop;\n"
        "create function shop.measure(text) returns int language plpgsql immutable as $$ begin return 1; end "
        "$$;\n"
        "create index measured on public.oracle_scrolls (shop.measure(question));"
    ),
    accept="When you have read the function, and only trusted people can replace it.",
    query=read_query("riding_code"),
    say=_say_code,
    family="strangers",
    stage=44,
    missing=None,
    extra=Aspect(
        severity=HIGH,
        title=lambda change: (
            f"An undeclared function runs in {change.facts['form']} {change.facts['name']} of "
            f"{change.facts['relation'].removeprefix('public.')}"
        ),
        why=(
            "The function runs when rows are read or written, or statistics are gathered, with the rights of that role. "
            "It can read, copy or refuse the values."
        ),
        repair=_drop_carrier,
        undo=lambda change: print_definition(
            change.facts["form"], change.facts["relation"], change.facts["name"], change.facts.get("statistics")
        ),
        decide="Declare the function and the object that uses it, or drop that object.",
    ),
    subject=lambda change: f"{change.facts['relation']}.{change.facts['name']}",
)
