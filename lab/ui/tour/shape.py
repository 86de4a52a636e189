"""The tour in words: what is written, who may read it, and what everybody got. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lab.access.matrix import IDENTITIES, find_cell, name_identity
from lab.checks.probes.trial import Refused
from lab.checks.tour.play import PlayedStep, Tour, Tried
from lab.checks.tour.step import Show, TourStep, Try
from lab.rules.model import Table
from lab.ui.kit.badges import badge, badges
from lab.ui.kit.markdown import name, plain
from lab.ui.kit.titles import write_name

NOTHING = ":gray[empty]"
HEX = "\\x"  # before bytes, as Postgres writes them
UNBROKEN = "\u00a0"  # a space at which no line ends
LONGEST = 30  # characters of a word; a longer one is an id
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def write_value(value: Any) -> str:
    """Write a value of a column for people, as Markdown; of an id or a seal only the beginning."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{plain(str(key))}: {plain(str(one))}" for key, one in value.items()) or NOTHING
    text = str(value)
    if _TIME.match(text):
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"
    if _UUID.fullmatch(text) or text.startswith(HEX) or max(map(len, text.split() or [""])) > LONGEST:
        return name(f"{text.removeprefix(HEX)[:10]}…")
    return plain(text)


def list_values(show: Show, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the columns of a table that shows rows: a line for each field of one row or two, or for each of more."""
    names = [column.name for column in show.table.columns if column.name in rows[0]]
    if len(rows) > 2:
        return {f"`{name}`": [write_value(row[name]) for row in rows] for name in names}
    return {
        "Field": [f"`{name}`" for name in names],
        **{f"Row {place}": [write_value(row[name]) for name in names] for place, row in enumerate(rows, 1)},
        "Class": [badge(show.table.column(name).privacy.value) for name in names],
    }


def list_tries(tries: Sequence[Tried | Try]) -> dict[str, list[str]]:
    """Return the columns of the table that says who tried what, and what they got."""
    declared = [one.tried if isinstance(one, Tried) else one for one in tries]
    return {
        "Who": [re.sub(r" (?=\w$)", UNBROKEN, name_identity(one.who)) for one in declared],
        "tries to": [one.does for one in declared],
        "and gets": [write_outcome(one) for one in tries],
        "Result": [badge(judge_try(one)) for one in tries],
    }


def judge_try(one: Tried | Try) -> str:
    """Return the state of a try as the word of its badge."""
    if isinstance(one, Try):
        return "not run"
    return {"holds": "as expected", "differs": "broken"}.get(one.verdict.state, "unknown")


def write_outcome(one: Tried | Try) -> str:
    """Write what somebody got; what they should get, when it was not tried or differs."""
    if isinstance(one, Try):
        return write_expected(one.expected)
    if one.verdict.state == "holds":
        return write_expected(one.tried.expected)
    return f"{plain(one.verdict.seen)}  \n:gray[By the rules: {write_expected(one.tried.expected)}]"


def write_expected(expected: Refused | int | list[Any]) -> str:
    """Write what the rules let somebody get."""
    if isinstance(expected, Refused):
        return f"a refusal by `{expected.by}`" if expected.by else "a refusal: no right to it"
    if isinstance(expected, list):
        return f"the answer “{write_value(expected[0])}”"
    return {0: "no row", 1: "the row"}[expected]


def write_readers(table: Table) -> str:
    """Write who may read a table by the rules."""
    told = [f"{one.title}: {find_cell(one.id, table.qualified, 'select').word}" for one in IDENTITIES]
    return f"**Who may read it by the rules.** {' · '.join(told)}"


def write_table_name(show: Show, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write a table's title with its id, and the classes of the fields that do not stand beside them."""
    names = rows[0] if len(rows) > 2 else ()
    classes = dict.fromkeys(show.table.column(name).privacy.value for name in names)
    return f"{write_name(f'**{show.table.title}**', show.table.id)} {badges(classes)}"


def write_summary(tour: Tour) -> str:
    """Say how many steps hold, and when they were played."""
    held = sum(step.state == "holds" for step in tour.steps)
    states = {step.state for step in tour.steps}
    word = "broken" if "broken" in states else "holds" if states == {"holds"} else "unknown"
    return (
        f"{badge(word)} {held} of {len(tour.steps)} steps hold. :small[:gray[Played on the embedded database at "
        f"{tour.played_at:%H:%M:%S} UTC, in one transaction that was rolled back.]]"
    )


def label_step(place: int, step: TourStep, played: PlayedStep | None) -> str:
    """Write the label of a step: its number and title, with a mark when it does not hold."""
    mark = "" if played is None or played.state == "holds" else " :red[:material/error:]"
    return f"{place} {step.title}{mark}"
