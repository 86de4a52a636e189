"""The readiness page's inputs: the target, what to check, the filters, and the address that holds them."""

import os
from collections.abc import Callable, Sequence

import streamlit as st

from lab.readiness.families import FAMILIES, OF_SITE
from lab.readiness.history import find_history
from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.readiness.targets import EMBEDDED
from lab.rules import RULES
from lab.ui.kit import reports
from lab.ui.kit.background import Run
from lab.ui.kit.markdown import ALL
from lab.ui.kit.progress import draw_run_button
from lab.ui.kit.reports import open_board, open_report_runs
from lab.ui.kit.targets import Place, check_permission, draw_target, find_picked
from lab.ui.kit.titles import LAYER_TITLES
from lab.ui.kit.url import SWITCH, Field
from lab.ui.navigation import READINESS
from lab.ui.readiness.findings import SEVERITY_WORDS, Filter, name_family
from lab.ui.readiness.run import make_inspection

PROBES = "probes"
EXTRA = tuple(family.id for family in FAMILIES if not family.always and family.id != PROBES)
CHAPTER_TITLES = {str(chapter.number): f"{chapter.number}. {chapter.promise}" for chapter in RULES.chapters}
VIEWS = ("Findings", "History")
MEMORY = READINESS.memory


def offer_families(permission: Permission) -> tuple[str, ...]:
    """Return the optional families that this visitor may run: those of the site are for operators."""
    return tuple(id_ for id_ in EXTRA if permission.allowed or id_ not in OF_SITE)


def make_fields(targets: Sequence[str], families: Sequence[str]) -> tuple[Field, ...]:
    """Return the choices that the page's address holds.

    Args:
        targets: The names that this visitor may choose from.
        families: The optional ones that this visitor may run.
    """
    every = (ALL, *(family.id for family in FAMILIES))
    tables = (ALL, *(table.id for table in RULES.tables))
    return (
        Field(name="ask", kind="family to run", options=tuple(families), many=True),
        Field(name="target", kind="target", options=tuple(targets), default=EMBEDDED, leads=True),
        Field(name="layer", kind="layer", options=tuple(LAYER_TITLES), many=True),
        Field(name="probe", kind="probe", options=SWITCH, default="off"),
        Field(name="severity", kind="severity", options=SEVERITY_WORDS, many=True),
        Field(name="family", kind="family", options=every, default=ALL),
        Field(name="chapter", kind="chapter", options=(ALL, *CHAPTER_TITLES), default=ALL),
        Field(name="about", kind="table", options=tables, default=ALL),
        Field(name="finding", kind="finding"),
        Field(name="show", kind="view", options=VIEWS, default=VIEWS[0]),
        Field(name="check", kind="check"),
        Field(name="against", kind="check"),
    )


def draw_inputs(targets: tuple[str, ...], permission: Permission) -> str:
    """Draw what to check, and on which target; return the target's name."""
    target = draw_target(MEMORY, targets, permission, on_change=close_finding)
    st.multiselect(
        "Only these layers", tuple(LAYER_TITLES), format_func=LAYER_TITLES.__getitem__, key=MEMORY.key("layer"),
        placeholder="All layers", help="Checks only what the chosen layers need.",
    )  # fmt: skip
    families = offer_families(permission)
    st.pills("Also check", families, format_func=str.capitalize, selection_mode="multi", key=MEMORY.key("ask"))
    st.toggle(
        "Probe as each role", key=MEMORY.key("probe"),
        help="Acts as visitor, subject, server, AI and operator with made-up rows, in one transaction that is always "
        "rolled back. It requires the role that owns the tables.",
    )  # fmt: skip
    draw_run_button("Run the check", start_check, target, permission, open_report_runs(permission.allowed))
    return target


def draw_filters(fields: Sequence[Field]) -> Filter:
    """Draw the filters of the findings and return what they hold."""
    severities = st.pills(
        "Severity", SEVERITY_WORDS, format_func=str.capitalize, selection_mode="multi", key=MEMORY.key("severity"),
        on_change=close_finding,
    )  # fmt: skip
    options = {field.name: field.options for field in fields}

    def choose(label: str, key: str, all_of_them: str, name: Callable[[str], str] = str) -> str:
        choice = st.selectbox(
            label, options[key], format_func=lambda id: all_of_them if id == ALL else name(id), key=MEMORY.key(key),
            on_change=close_finding,
        )  # fmt: skip
        return str(choice)

    return Filter(
        severities=tuple(severities),
        family=choose("Family", "family", "All families", name_family),
        chapter=choose("Chapter", "chapter", "All chapters", CHAPTER_TITLES.__getitem__),
        table=choose("Table", "about", "All tables"),
    )


def start_check() -> None:
    """Start what is picked, if this visitor may; for callbacks, which run before the inputs are drawn."""
    permission = check_permission()
    if place := find_picked(MEMORY, permission):
        close_finding()
        MEMORY.forgive_address()
        open_report_runs(permission.allowed).start(make_check(place, permission))


def check_again() -> None:
    """Start the same check again, and leave the finding open, so that it shows whether it is resolved."""
    permission = check_permission()
    if place := find_picked(MEMORY, permission):
        open_report_runs(permission.allowed).start(make_check(place, permission))


def make_check(place: Place, permission: Permission) -> Run[Report]:
    """Return a check of what is picked that can be started, within what this visitor may run.

    The environment of the site and the file of acceptances, which names live targets, are for operators alone.
    """
    offered = (*offer_families(permission), PROBES)
    return make_inspection(
        place.name,
        place.url,
        also=[id_ for id_ in list_picked() if id_ in offered],
        layers=MEMORY["layer"],
        environ=os.environ if permission.allowed else {},
        acceptances=reports.ACCEPTANCES if permission.allowed else None,
        history=find_history(os.environ),
        board=open_board(),
    )


def list_picked() -> list[str]:
    """Return the optional families that are picked."""
    return [*MEMORY["ask"], *([PROBES] if MEMORY["probe"] else [])]


def close_finding() -> None:
    """Show all findings; for callbacks."""
    MEMORY["finding"] = ""
