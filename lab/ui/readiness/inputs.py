"""The readiness page's inputs: the target, what to check, the filters, and the address that holds them."""

import os
from collections.abc import Sequence

import streamlit as st

from lab.readiness.families import FAMILIES, OF_SITE
from lab.readiness.history import find_history
from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.rules import RULES
from lab.ui.kit import reports
from lab.ui.kit.background import Run, Runs
from lab.ui.kit.markdown import ALL
from lab.ui.kit.reports import open_board, open_report_runs
from lab.ui.kit.targets import Place
from lab.ui.kit.titles import LAYER_TITLES
from lab.ui.kit.url import SWITCH, Field
from lab.ui.navigation import READINESS
from lab.ui.readiness.findings import SEVERITY_WORDS, Filter, name_family
from lab.ui.readiness.run import make_inspection
from lab.ui.target_page import TargetPage

PROBES = "probes"
EXTRA = tuple(family.id for family in FAMILIES if not family.always and family.id != PROBES)
FAMILY_TITLES = {ALL: "All families", **{family.id: name_family(family.id) for family in FAMILIES}}
CHAPTER_TITLES = {ALL: "All chapters", **{str(one.number): f"{one.number}. {one.promise}" for one in RULES.chapters}}
TABLE_TITLES = {ALL: "All tables", **{table.id: table.id for table in RULES.tables}}
VIEWS = ("Findings", "History")
MEMORY = READINESS.memory
FIELDS = (
    Field(name="layer", kind="layer", options=tuple(LAYER_TITLES), many=True),
    Field(name="probe", kind="probe", options=SWITCH, default="off"),
    Field(name="severity", kind="severity", options=SEVERITY_WORDS, many=True),
    Field(name="family", kind="family", options=tuple(FAMILY_TITLES), default=ALL),
    Field(name="chapter", kind="chapter", options=tuple(CHAPTER_TITLES), default=ALL),
    Field(name="about", kind="table", options=tuple(TABLE_TITLES), default=ALL),
    Field(name="finding", kind="finding"),
    Field(name="show", kind="view", options=VIEWS, default=VIEWS[0]),
    Field(name="check", kind="check"),
    Field(name="against", kind="check"),
)


def offer_families(permission: Permission) -> tuple[str, ...]:
    """Return the optional families that this visitor may run: those of the site are for operators."""
    return tuple(id_ for id_ in EXTRA if permission.allowed or id_ not in OF_SITE)


class ReadinessPage(TargetPage[Report]):
    """The readiness page: the checks of operators, and what they may check, are theirs alone."""

    def find_runs(self, permission: Permission) -> Runs[Report]:
        """Return the checks of operators, or those of everybody else."""
        return open_report_runs(permission.allowed)

    def find_fields(self, permission: Permission) -> Sequence[Field]:
        """Return the choices that the address holds beside the target, for a visitor with this permission."""
        return (Field(name="ask", kind="family to run", options=offer_families(permission), many=True), *FIELDS)

    def start(self) -> None:
        """Start what is picked, and show all findings; for callbacks."""
        open_finding()
        super().start()

    def check_again(self) -> None:
        """Start it and leave the finding open, so that it shows whether it is resolved; for callbacks."""
        super().start()


def draw_inputs(permission: Permission) -> None:
    """Draw what to check."""
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


def draw_filters() -> None:
    """Draw the filters of the findings."""
    st.pills(
        "Severity", SEVERITY_WORDS, format_func=str.capitalize, selection_mode="multi", key=MEMORY.key("severity"),
        on_change=open_finding,
    )  # fmt: skip
    for label, name, titles in (("Family", "family", FAMILY_TITLES), ("Chapter", "chapter", CHAPTER_TITLES),
                                ("Table", "about", TABLE_TITLES)):  # fmt: skip
        st.selectbox(label, list(titles), format_func=titles.__getitem__, key=MEMORY.key(name), on_change=open_finding)


def read_filter() -> Filter:
    """Return what the filters hold."""
    severities, family, chapter, table = (MEMORY[name] for name in ("severity", "family", "chapter", "about"))
    return Filter(severities=tuple(severities), family=family, chapter=chapter, table=table)


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


def open_finding(key: str = "") -> None:
    """Open a finding, or show all of them without a key; for callbacks."""
    MEMORY["finding"] = key


PAGE = ReadinessPage(READINESS, make_check, "Run the check", FIELDS)
