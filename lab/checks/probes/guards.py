"""Trials that follow from the tables' rules: states and moves, fixed columns, append-only rows, unique indexes."""

from collections.abc import Iterator, Sequence

from lab.checks.probes.attempts import LOGIN, Attempt, Outcome, Step
from lab.checks.probes.probe import Judge, Probe, expect_refusal
from lab.checks.probes.report import Verdict
from lab.checks.probes.sample_people import REAL, People
from lab.checks.probes.sample_rows import copy_row, freshen
from lab.rules import RULES
from lab.rules.derived import all_triggers, quote
from lab.rules.functions.triggers import refuse_change, refuse_illegal_move, refuse_removal, refuse_rewrite
from lab.rules.model import GeneralPromise, Table
from lab.rules.promises import counts_once, kept_for_good, states_move_legally

# Values sent by a client are replaced.
_SET_BY_THE_DATABASE = ("ledger_seals_position", "delivery_records_pkey", "delivery_records_key")


def probe_guards(people: People) -> Iterator[Probe]:
    """Yield the trials of every table that has made-up rows of person a."""
    for table in RULES.tables:
        if people.made(table, "a") and table.qualified not in REAL:
            yield from _states(table, people)
            yield from _kept(table, people)
            yield from _counted_once(table, people)


def _probe(
    promise: GeneralPromise, table: Table, command: str, sql: str, judge: Judge, rule: str, why: str = ""
) -> Probe:
    return Probe(
        id=promise.id,
        title=promise.title,
        identity=LOGIN,
        subject=table.qualified,
        command=command,
        attempts=(Attempt((Step(LOGIN, sql),)),),
        expected="refused",
        judge=judge,
        rule=rule,
        why=why or promise.why,
        severity=promise.severity,
    )


def _states(table: Table, people: People) -> Iterator[Probe]:
    """Yield every illegal first state, and every illegal move from the state that a row is in."""
    refused = expect_refusal("23514", frozenset({refuse_illegal_move.id}))
    for column in table.columns:
        moves = ", ".join(f"({quote(origin)}, {quote(to)})" for origin, to in column.moves)
        for state in column.allowed if moves else ():
            move = (
                f"update {table.qualified} set {column.name} = {quote(state)} where {people.where(table, 'a')}"
                f" and {column.name} <> {quote(state)} and ({column.name}, {quote(state)}) not in ({moves})"
            )
            rule = f"{table.id}_{column.name}_moves"
            yield _probe(states_move_legally, table, f"to {state}", move, _or_nothing(refused), rule)
            if column.starts and state not in column.starts:
                begin = copy_row(table, people, {column.name: quote(state)})
                rule = f"{table.id}_{column.name}_starts"
                yield _probe(states_move_legally, table, f"begins {state}", begin, refused, rule)


def _or_nothing(judge: Judge) -> Judge:
    """Judge only if there was a row to try it on."""

    def judged(outcomes: Sequence[Outcome]) -> Verdict:
        if not outcomes[0].state and not outcomes[0].rows:
            return Verdict("holds", "no such move to try")
        return judge(outcomes)

    return judged


def _kept(table: Table, people: People) -> Iterator[Probe]:
    """Yield a change of a row's identity, and a delete from an append-only table."""
    fixed = [trigger for trigger in all_triggers(table) if trigger.function is refuse_rewrite]
    keep = [trigger for trigger in table.triggers if trigger.function is refuse_change and trigger.level == "row"]
    where = people.where(table, "a")
    later = f"update {table.qualified} set created_at = created_at + interval '1 day' where {where}"
    guards = frozenset(t.function.id for t in all_triggers(table) if t.timing == "before" and "update" in t.events)
    if fixed or keep:
        rule = ([*(one for one in keep if not one.when), *fixed] or keep)[0].name
        yield _probe(kept_for_good, table, "update", later, expect_refusal("42501", guards), rule)
    for trigger in (t for t in all_triggers(table) if t.function is refuse_removal and t.level == "row"):
        remove = f"delete from {table.qualified} where {where}"
        by = {t.function.id for t in all_triggers(table) if t.timing == "before" and "delete" in t.events}
        judge = expect_refusal("42501", frozenset(by))
        yield _probe(kept_for_good, table, "delete", remove, judge, trigger.name, trigger.why)
    for trigger in keep:
        free = next(c.name for c in table.columns if not (c.fixed or c.identity or c.name in table.primary_key))
        kept = f"{where} and ({trigger.when.replace('old.', '')})" if trigger.when else where
        same = f"update {table.qualified} set {free} = {free} where {kept}"
        judge = expect_refusal("42501", frozenset({refuse_change.id}))
        judge = _or_nothing(judge) if trigger.when else judge
        yield _probe(kept_for_good, table, "rewrite", same, judge, trigger.name, trigger.why)


def _counted_once(table: Table, people: People) -> Iterator[Probe]:
    """Yield a second row for each unique index; it differs in the columns of every other one."""
    named = [name for name in table.primary_key if not (table.column(name).identity or table.column(name).default)]
    keys = [(f"{table.id}_pkey", table.primary_key)] if named else []
    unique = [*keys, *((index.name, index.columns) for index in table.indexes if index.unique)]
    unique = [(name, columns) for name, columns in unique if name not in _SET_BY_THE_DATABASE]
    for name, columns in unique:
        others = {column for other, group in unique if other != name for column in group if column not in columns}
        others = {column for column in (*others, *table.primary_key) if column not in columns}
        changes = {column: freshen(table.column(column)) for column in sorted(others)}
        if name == "share_cards_slug":  # closed cards are not unique otherwise, so only the slug can refuse it
            changes = {"id": changes["id"], "revoked_at": "now()"}
        if (
            name == "oracle_artifacts_file"
        ):  # a file of another reading is refused for that reason; a gift may have lost its reading
            changes = {"id": changes["id"], "kind": "'gift'", "scroll_id": "null"}
        serves = next((index.serves for index in table.indexes if index.name == name), "Each row has its own key.")
        yield _probe(
            counts_once, table, f"twice in {name}",
            copy_row(table, people, changes, fresh=False), expect_refusal("23505", frozenset({name})), name, serves,
        )  # fmt: skip
