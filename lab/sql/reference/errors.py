"""Which errors a function raises: read from its body, from what it calls, and from the triggers of the tables."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from lab.rules import RULES
from lab.rules.derived import all_triggers
from lab.rules.model import Function, Table, Trigger
from lab.sql.functions import function_body

_RAISE = re.compile(
    r"raise exception\s+'(?P<message>(?:[^']|'')+)'(?P<values>,[^;]*?)?\s+using\s+errcode = '(?P<code>\w{5})'"
    r"(?:,\s*hint = (?P<hint>(?:'(?:[^']|'')*'|[^';])+))?;"
)
_CALL = re.compile(r"\b(?:wall|public)\.(\w+)\(")
_WRITE = re.compile(r"\b(insert into|update)\s+public\.(\w+)((?:(?!;).)*)", re.DOTALL)

# Triggers that refuse statements which no function makes: they are there against statements of other programs.
_AGAINST_STATEMENTS = {
    "refuse_rewrite",
    "refuse_removal",
    "refuse_value",
    "refuse_future",
    "refuse_change",
    "refuse_illegal_move",
    "guard_erasure",
    "guard_consent_state",
    "guard_audit_action",
    "guard_gift",
    "refunds_add_up",
    "set_withdrawal_window",
}
# What these do is never refused: they skip rows that they cannot change, erase what they may, or look up a rule.
_NEVER_REFUSED = {
    *("settle_consents", "settle_consent", "apply_consent", "settle_job"),
    *("erase_rows", "begin_erasure"),
    *("job_purposes", "job_waits", "job_settings", "consent_scope", "job_consents_valid"),
}


@dataclass(frozen=True, order=True)
class Failure:
    """An error that a call can end with.

    Args:
        code: Its SQLSTATE.
        message: What it says; … stands for a name or a value.
        hint: The next step, as the database says it; may be empty.
    """

    code: str
    message: str
    hint: str = ""


@cache
def list_failures(function: Function) -> tuple[Failure, ...]:
    """Return the errors that a function raises, or that the tables raise to which it writes."""
    reached = reach_functions(function)
    own = [failure for one in reached for failure in read_failures(function_body(one))]
    triggers = {(table, trigger) for one in reached for table, trigger in _find_triggers(function_body(one))}
    theirs = [failure for table, trigger in triggers for failure in _read_trigger(table, trigger)]
    return tuple(dict.fromkeys([*own, *sorted(theirs)]))


def list_written(function: Function) -> tuple[str, ...]:
    """Return the names of the tables to which a function writes, directly or through others."""
    bodies = (re.sub("--.*", "", function_body(one)) for one in reach_functions(function))
    known = {table.id for table in RULES.tables}
    return tuple(dict.fromkeys(name for body in bodies for _, name, _ in _WRITE.findall(body) if name in known))


def read_failures(body: str) -> Iterator[Failure]:
    """Yield the errors that a function's body raises, in their order."""
    for found in _RAISE.finditer(body):
        message = found["message"].replace("''", "'").replace("%", "…")
        yield Failure(found["code"], message, _read_text(found["hint"] or ""))


def count_raises(body: str) -> int:
    """Return how many errors a body raises, by a coarser reading that overlooks none."""
    return len(re.findall(r"\braise exception\b", re.sub("--.*", "", body)))


def _read_text(expression: str) -> str:
    """Return the text of an SQL expression of literals; what is computed in it reads …."""
    parts = re.findall(r"'((?:[^']|'')*)'|(\w[^|]*)", expression)
    return "".join(text.replace("''", "'") if not computed else "…" for text, computed in parts).strip()


def reach_functions(function: Function) -> list[Function]:
    """Return a function and every function that it calls, directly or through others; no trigger."""
    known = {one.id: one for one in RULES.functions if one.returns != "trigger"}
    reached, waiting = [], [function]
    while waiting:
        one = waiting.pop()
        if one in reached:
            continue
        reached.append(one)
        names = dict.fromkeys(_CALL.findall(re.sub("--.*", "", function_body(one))))
        waiting += [known[name] for name in reversed(names) if name in known and name not in _NEVER_REFUSED]
    return reached


def _find_triggers(body: str) -> Iterator[tuple[Table, Trigger]]:
    """Yield the triggers that fire when a body's statements write, each with its table."""
    tables = {table.id: table for table in RULES.tables}
    for verb, name, rest in _WRITE.findall(re.sub("--.*", "", body)):
        if table := tables.get(name):
            events = {verb.split()[0]} | ({"update"} if "do update" in rest else set())
            yield from ((table, one) for one in all_triggers(table) if _fires(one, events, rest))


def _fires(trigger: Trigger, events: Iterable[str], statement: str) -> bool:
    if trigger.function.id in _AGAINST_STATEMENTS:
        return False
    if "insert" in events and "insert" in trigger.events:
        return True
    sets = not trigger.columns or any(re.search(rf"\b{column} =", statement) for column in trigger.columns)
    return "update" in events and "update" in trigger.events and sets


def _read_trigger(table: Table, trigger: Trigger) -> Iterator[Failure]:
    for failure in read_failures(function_body(trigger.function)):
        message = failure.message
        if message.startswith("…"):  # the name of the table comes first
            message = table.id + message[1:]
        if trigger.arguments and "needs the consent …" in message:
            message = message.replace("needs the consent …", f"needs the consent {trigger.arguments[0]}")
        yield Failure(failure.code, message, failure.hint)
