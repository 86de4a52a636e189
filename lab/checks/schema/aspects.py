"""Aspects, grades and stages of repairs that several kinds of things share."""

import re
from collections.abc import Callable

from lab.checks.schema.difference import Forms
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.repairs import objects, relations, undo
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM, grade_access, grade_gate, is_platform, worst
from lab.checks.schema.titles import say_owner
from lab.rules.model import Severity
from lab.sql.tokens import same_text

COMMENT = Aspect(severity=INFO, why="The comment differs from the rules.", repair=objects.set_comment)


FOLLOWS = Aspect(severity=lambda change: None, why="It follows from another difference.")


STANDS_ON_IT = (
    "The repair drops it first, because Postgres cannot replace it in place. Postgres refuses that while an undeclared "
    "object depends on it: decide what happens to that object."
)


OWNER_STAGE = 1.7  # after the use of schemas is granted, and before the owner's repairs, grants and revokes


def stage_owner(stage: float | Callable[[Change], float]) -> Callable[[Change], float]:
    """Return the stage of a kind's repairs; that of the owner comes first, because the others run as the owner."""

    def place(change: Change) -> float:
        if change.aspect == "owner":
            return OWNER_STAGE
        return stage(change) if callable(stage) else stage

    return place


def find_forms(use: str, fact: str) -> Callable[[Change], Forms | None]:
    """Return a function that finds the two forms of an expression, when there are two."""

    def find(change: Change) -> Forms | None:
        expected, seen = change.wanted.get(fact), change.found.get(fact)
        if not expected or not seen:
            return None
        roles = tuple(change.found.get("roles") or ()) if use == "policy" else ()
        given = {"use": use, "relation": change.relation, "expected": expected, "seen": seen, "roles": roles}
        return Forms.model_validate(given)

    return find


API = (*objects.API, *objects.OWN)


OWNER = Aspect(
    severity=HIGH,
    title=say_owner,
    why="By the rules {owner} owns it. Another owner can change it, and code that runs as its owner gets that owner's rights.",
    repair=objects.set_owner,
)


def grade_undeclared(change: Change) -> Severity:
    """Grade an undeclared object in a declared schema, by the roles that can use it."""
    held = change.target.of("privilege").values()
    uses = [p for p in held if p["object"] == change.name and p["grantee"] in API]
    return worst(INFO, *(grade_access(change.name, p["grantee"], p["privilege"]) for p in uses))


def _grade_options(change: Change) -> Severity:
    """Grade changed options. A view's decide whose rights it reads with; a table's are tuning, unless one is lost."""
    if change.kind == "view":
        return HIGH
    wanted, found = (dict(map(_split_option, side.get("options", []))) for side in (change.wanted, change.found))
    return LOW if wanted.keys() - found.keys() or any(map(_stops_vacuum, found.items())) else INFO


def _split_option(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name, value


_MOST_DEAD = {"scale_factor": 1.0, "threshold": 1_000_000.0}  # rows; above this, vacuum almost never runs


def _stops_vacuum(option: tuple[str, str]) -> bool:
    """Tell whether an option stops vacuum of a table; dead rows then stay, and every query gets slower."""
    name, value = option
    if name == "autovacuum_enabled":
        return value.lower() in ("false", "off", "no", "0", "f", "n")
    most = next((most for word, most in _MOST_DEAD.items() if name == f"autovacuum_vacuum_{word}"), None)
    return most is not None and float(value) > most


ASIDE = "The object in its place is closed and kept, with _aside added to its name: decide what happens to it."


_ROWS = "Decide what happens to the rows, then create it by hand."


def _grade_extra(change: Change) -> Severity | None:
    """Grade an undeclared relation; one that a repair sets aside is reported with that repair."""
    other = "view" if change.kind == "table" else "table"
    if change.name in change.rules.of(other) and (other == "view" or relations.find_renamed(change)):
        return None
    return grade_undeclared(change)


RELATION = {
    "comment": COMMENT,
    "owner": OWNER,
    "form": Aspect(
        severity=HIGH,
        why="The rules make another kind of relation here.",
        repair=lambda change: relations.make_view(change) if change.kind == "view" else None,
        decide=lambda change: ASIDE if change.kind == "view" else _ROWS,
        undo=relations.put_back,
        touches_undeclared=relations.sets_aside,
    ),
    "persistence": Aspect(
        severity=HIGH,
        why="An unlogged table is empty after a crash, and replicas and log backups do not have it.",
        repair=lambda change: f"alter table {change.name} set logged;",
    ),
    "replica_identity": Aspect(
        severity=INFO,
        why="Logical replication sends more, or less, of a changed row than its key.",
    ),
    "options": Aspect(
        severity=_grade_options,
        why="Its options differ from the rules. A view's options decide whose rights it reads with.",
        repair=objects.set_options,
    ),
    "children": Aspect(
        severity=MEDIUM,
        why="A table that inherits from this one adds rows that its constraints and triggers do not check.",
        repair=objects.part_children,
        undo=lambda change: objects.part_children(change).replace(" no inherit ", " inherit "),
        touches_undeclared=lambda change: True,
    ),
    "parents": Aspect(
        severity=MEDIUM,
        why="Rows of this table can be read through its parent with the parent's grants.",
        repair=lambda change: "\n".join(
            f"alter table {change.name} no inherit {parent};" for parent in change.found.get("parents", [])
        ),
    ),
    "definition": Aspect(
        severity=lambda change: grade_gate(change.name),
        why="The view's query differs from the rules, so it can show other rows or columns.",
        repair=relations.make_view,
        undo=relations.put_back,
        touches_undeclared=relations.sets_aside,
        decide=STANDS_ON_IT,
        forms=find_forms("view", "definition"),
    ),
    "sequence": Aspect(
        severity=LOW, why="It numbers rows in another way than the rules say.", repair=objects.set_sequence
    ),
}


EXTRA = Aspect(
    severity=_grade_extra,
    why="It is undeclared, so no rule says who may read it.",
    repair=objects.close_relation,
    undo=undo.grant_again,
    decide="Declare it in the rules, or remove it if nobody needs it.",
)


def grade_home_owner(change: Change) -> Severity:
    """Grade the owner of the database or of a schema; on the platform, `public` and the database have several."""
    owner, usual = change.found["owner"], ("postgres", "pg_database_owner")
    home = change.name == "public" or change.kind == "database"
    return INFO if home and (owner in usual or is_platform(owner)) and not shuts_out_owner(change) else HIGH


def shuts_out_owner(change: Change) -> bool:
    """Tell whether the tables' owner cannot create objects in their schema, such as after a reset."""
    makes = "schema|public|postgres|CREATE" in change.target.of("privilege")
    usual = change.found["owner"] in ("postgres", "pg_database_owner")
    return change.kind == "schema" and change.name == "public" and not usual and not makes


KEY_STAGE = 9  # after its columns, and before a table that references it


_COLUMNS = re.compile(r" USING \w+ \((.*?)\)(?: INCLUDE | NULLS NOT DISTINCT|$)")


def _key_columns(index: Facts) -> list[str]:
    """Return the columns of an index; none for an index on an expression."""
    found = _COLUMNS.search(index["definition"])
    return found[1].split(", ") if found and "(" not in found[1] else []


def follows_from_a_key(change: Change, index: Facts) -> bool:
    """Tell whether a declared key on some of an index's columns makes its values unique anyway."""
    columns = set(_key_columns(index)) if index else set()
    keys = [i for i in change.rules.of("index").values() if i["relation"] == change.relation and i["unique"]]
    return any(
        set(_key_columns(key)) <= columns
        and _key_columns(key) != []
        and key.get("predicate") in (None, index.get("predicate"))
        and (key["nulls_not_distinct"] or not index["nulls_not_distinct"])
        for key in keys
    )


def grade_body(change: Change) -> Severity:
    """Grade a changed body; a change of spacing or comments is information."""
    return INFO if same_text(change.wanted.get("body", ""), change.found.get("body", "")) else HIGH


def grade_gate_of(change: Change) -> Severity:
    """Grade a difference of the row-level security of a relation."""
    return grade_gate(change.relation)


# Functions of the platform's event triggers, and rls_auto_enable, which it offers to new projects. Some are owned by
# `postgres`, which may change them.
# Source: github.com/supabase/postgres, nix/tests/expected/evtrigs.out; Supabase's guide to event triggers.
PLATFORM_WATCHES = frozenset(
    {
        "extensions.grant_pg_cron_access",
        "extensions.grant_pg_graphql_access",
        "extensions.grant_pg_net_access",
        "extensions.pgrst_ddl_watch",
        "extensions.pgrst_drop_watch",
        "extensions.set_graphql_placeholder",
        "public.rls_auto_enable",
    }
)


MOST_CLOSED = 100  # relations; sql/catalogue/undeclared_relations.sql counts one more and stops


def make_closed_kind(*, name: str, words: str, title: str, means: str, example: str, accept: str, query: str) -> Kind:
    """Return the kind that counts closed undeclared objects; they may be many, and another application's."""
    return Kind(
        name=name,
        plural=f"closed undeclared {words}",
        title=title,
        means=means,
        example=example,
        accept=accept,
        family="strangers",
        query=query,
        stage=90,
        missing=None,
        extra=Aspect(
            severity=INFO,
            title=lambda change: f"Undeclared {words} are closed",
            why=f"These {words} are undeclared. No role of the Data API can reach them; a grant could open one.",
            decide="Declare in the rules what belongs to the site. Leave the rest, or move it to its own schema.",
        ),
        say=_say_closed,
    )


def _say_closed(facts: Facts) -> str:
    """Say how many undeclared objects are closed, and name the first ones."""
    number, names = facts["of"], facts["names"]
    counted = f"more than {MOST_CLOSED}" if number > MOST_CLOSED else str(number)
    rest = ", …" if number > len(names) else ""
    return f"{counted}, closed to the API roles: {', '.join(names)}{rest}"
