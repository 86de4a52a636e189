"""The readiness page's parts: inputs, progress, verdict, findings, downloads."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from lab.checks.finding import Finding
from lab.readiness.acceptances import Accepted
from lab.readiness.families import FAMILIES, OF_SITE
from lab.readiness.formats import FORMATS
from lab.readiness.history import KEEP_RUNS, HistoryUnavailable, KeptRun, find_history
from lab.readiness.permission import Permission
from lab.readiness.report import FamilyState, Report
from lab.readiness.scripts import repair_file
from lab.readiness.targets import EMBEDDED
from lab.rules import RULES
from lab.text.escape import show_block
from lab.ui.kit.background import Board, Run
from lab.ui.kit.markdown import ALL, name, plain
from lab.ui.kit.parts import draw_opener, offer_download
from lab.ui.kit.targets import Place, ask_permission, draw_closed, find_picked, find_place, name_target
from lab.ui.kit.unchecked import frame_unknown
from lab.ui.kit.url import SWITCH, Field
from lab.ui.kit.verdicts import LAYER_TITLES
from lab.ui.navigation import READINESS
from lab.ui.readiness.findings import (
    SEVERITY_WORDS,
    VERDICT_FACES,
    Card,
    Filter,
    compare_picked,
    count_findings,
    find_finding,
    frame_families,
    gather_cards,
    name_families,
    pick_accepted,
    pick_findings,
    write_absence,
    write_acceptance,
    write_change,
    write_counterexample,
    write_detail,
    write_last,
    write_later,
    write_remark,
    write_verdict,
)
from lab.ui.readiness.history import read_open_runs
from lab.ui.readiness.run import ACCEPTANCES, make_inspection

PROBES = "probes"
EXTRA = tuple(family.id for family in FAMILIES if not family.always and family.id != PROBES)
FAMILY_IDS = (ALL, *(family.id for family in FAMILIES))
CHAPTERS = (ALL, *(str(chapter.number) for chapter in RULES.chapters))
TABLES = (ALL, *(table.id for table in RULES.tables))
VIEWS = ("Findings", "History")
MEMORY = READINESS.memory
LAYERS = tuple(layer.id for layer in RULES.layers)
SHOWN = 20
LOOKED_AT = 20  # past checks, for one that is newer than what is shown
"""Cards on one sheet; more of them would be slow to draw and long to read."""
FOCUS = "<script>document.querySelector('.st-key-{key} button')?.focus()</script>"
_FILES = (
    ("JSON", "json", "readiness.json", "application/json"),
    ("Markdown", "markdown", "readiness.md", "text/markdown"),
    ("SARIF", "sarif", "readiness.sarif", "application/sarif+json"),
    ("JUnit", "junit", "readiness.xml", "application/xml"),
)


@st.cache_resource(show_spinner=False)
def open_board(operators: bool) -> Board[Report]:
    """Open the board of this server's checks: one for whoever may operate, and one for everybody else.

    What an operator asks of made-up data may tell of the site's environment and its Stripe account, too.
    """
    return Board()


def offer_families(permission: Permission) -> tuple[str, ...]:
    """Return the families that this visitor may ask besides: those of the site only whoever may operate."""
    return tuple(id_ for id_ in EXTRA if permission.allowed or id_ not in OF_SITE)


def make_fields(targets: Sequence[str], families: Sequence[str]) -> tuple[Field, ...]:
    """Return what of the page stands in its address.

    Args:
        targets: The names that this visitor may choose from.
        families: Those that this visitor may ask besides.
    """
    return (
        Field(name="ask", kind="family to ask", options=tuple(families), many=True),
        Field(name="target", kind="target", options=tuple(targets), default=EMBEDDED, leads=True),
        Field(name="layer", kind="layer", options=LAYERS, many=True),
        Field(name="probe", kind="probe", options=SWITCH, default="off"),
        Field(name="severity", kind="severity", options=SEVERITY_WORDS, many=True),
        Field(name="family", kind="family", options=FAMILY_IDS, default=ALL),
        Field(name="chapter", kind="chapter", options=CHAPTERS, default=ALL),
        Field(name="about", kind="table", options=TABLES, default=ALL),
        Field(name="sheet", kind="sheet"),
        Field(name="finding", kind="finding"),
        Field(name="show", kind="view", options=VIEWS, default=VIEWS[0]),
        Field(name="check", kind="check"),
        Field(name="against", kind="check"),
    )


def draw_inputs(targets: Sequence[str], permission: Permission) -> str:
    """Draw what to ask, and of which target; return the target's name."""
    target = str(
        st.selectbox("Target", targets, format_func=name_target, key=MEMORY.key("target"), on_change=close_finding)
    )
    draw_closed(MEMORY, permission)
    st.multiselect(
        "Only what these layers need", LAYERS, format_func=LAYER_TITLES.__getitem__, key=MEMORY.key("layer"),
        placeholder="All layers",
    )  # fmt: skip
    families = offer_families(permission)
    st.pills(
        "Besides the wall, ask", families, format_func=str.capitalize, selection_mode="multi", key=MEMORY.key("ask")
    )
    st.toggle(
        "Probe as each role",
        key=MEMORY.key("probe"),
        help="Tries the wall as visitor, subject, server, AI and operator, with made-up rows in one transaction that "
        "is always rolled back. It needs the tables' owner.",
    )
    st.button(
        "Run the check", icon=":material/play_arrow:", type="primary", width="stretch", on_click=start_check,
        disabled=_is_running(target, permission),
    )  # fmt: skip
    return target


def draw_filters() -> Filter:
    """Draw the filters of the findings and return what they hold."""
    severities = st.pills(
        "Severity", SEVERITY_WORDS, format_func=str.capitalize, selection_mode="multi", key=MEMORY.key("severity"),
        on_change=show_what_fits,
    )  # fmt: skip
    family = _draw_choice("Family", FAMILY_IDS, "family", lambda id: "All families" if id == ALL else id)
    chapter = _draw_choice("Chapter", CHAPTERS, "chapter", _name_chapter)
    table = _draw_choice("Table", TABLES, "about", lambda id: "All tables" if id == ALL else id)
    return Filter(severities=tuple(severities), family=family, chapter=chapter, table=table)


def _draw_choice(label: str, options: Sequence[str], key: str, name_option: Callable[[str], str]) -> str:
    return str(st.selectbox(label, options, format_func=name_option, key=MEMORY.key(key), on_change=show_what_fits))


def _name_chapter(number: str) -> str:
    promise = next((c.promise for c in RULES.chapters if str(c.number) == number), "")
    return f"{number}. {promise}" if promise else "All chapters"


def _is_running(target: str, permission: Permission) -> bool:
    run = open_board(permission.allowed).find(find_place(target).name)
    return run is not None and run.running


def start_check() -> None:
    """Start what is picked, if this visitor may; for callbacks, which run before the inputs are drawn."""
    permission = ask_permission()
    if place := find_picked(MEMORY, permission):
        close_finding()
        MEMORY.forgive_address()
        open_board(permission.allowed).start(make_check(place, permission))


def make_check(place: Place, permission: Permission) -> Run[Report]:
    """Return a check of what is picked that can be started, within what this visitor may ask.

    The environment of the site and the file of acceptances, which tells of live targets, are for operators alone.
    """
    offered = (*offer_families(permission), PROBES)
    return make_inspection(
        place.name,
        place.url,
        also=[id_ for id_ in _list_picked() if id_ in offered],
        layers=MEMORY["layer"],
        environ=os.environ if permission.allowed else {},
        acceptances=ACCEPTANCES if permission.allowed else None,
        history=find_history(os.environ),
    )


def _list_picked() -> list[str]:
    """Return the families that are picked to be asked besides."""
    return [*MEMORY["ask"], *([PROBES] if MEMORY["probe"] else [])]


def invite(target: str, permission: Permission) -> str:
    """Say what is known of a target that nobody has asked since the app was started, and what to do."""
    return f"{write_last(_read_kept(target, permission), str(MEMORY['finding']))} Run the check: it only reads."


def _read_kept(target: str, permission: Permission, limit: int = KEEP_RUNS) -> tuple[KeptRun, ...]:
    """Return the newest past checks of a target; none when there is no history, which itself says why."""
    try:
        return read_open_runs(find_history(os.environ), target, permission, limit)
    except HistoryUnavailable:
        return ()


def draw_verdict_card(report: Report, permission: Permission) -> None:
    """Draw the verdict with its reason, and whether it is still the newest."""
    word = VERDICT_FACES[report.verdict].word.split()[0]
    with st.container(border=True, key=f"verdict_{word}_report", gap="small"):
        st.markdown(write_verdict(report))
    if told := write_later(report, _read_kept(report.target, permission, LOOKED_AT)):
        st.warning(told, icon=":material/update:")
    if set(MEMORY["layer"]) != set(report.layers):
        st.caption("Other layers are picked now than were checked. Run the check to see what they need.")
    if told := compare_picked(report, _list_picked(), (*EXTRA, PROBES)):
        st.caption(told)


def draw_counts(report: Report) -> None:
    """Draw the four counts."""
    row = st.container(horizontal=True, key="counts")
    for label, count, help in count_findings(report):
        row.metric(label, count, help=help, border=True)


def draw_files(report: Report) -> None:
    """Offer the report in every form that somebody else's program reads."""
    with st.container(horizontal=True, gap="small"):
        for label, form, file, mime in _FILES:
            offer_download(MEMORY, label, partial(FORMATS[form], report), file, mime)
        offer_download(MEMORY, "Repair script", lambda: repair_file(report), "repairs.sql", "application/sql")


def draw_findings(report: Report, picked: Filter) -> None:
    """Draw the findings that a filter lets through, what could not be checked, what is accepted, and the families."""
    asked = next((f.state is not FamilyState.NOT_ASKED for f in report.families if f.id == picked.family), True)
    found, families = pick_findings(report, picked), name_families(report)
    if report.findings or not asked:  # or else the verdict has said it
        st.subheader(f"{len(found)} of {len(report.findings)} findings", anchor=False)
    if not asked:
        st.markdown(f"This check did not ask {name(picked.family)}, so nothing is known of it.")
    elif report.findings and not found and not pick_accepted(report, picked):
        st.markdown("No finding fits the filters.")
    _draw_cards(tuple(f for card in gather_cards(found, families) for f in card.findings), families)
    st.markdown(f"### Not checked\n\n{frame_unknown(report.unknown).markdown()}")
    if accepted := pick_accepted(report, picked):
        st.markdown("### Accepted")
        for entry in accepted:
            _draw_accepted(entry, families)
    st.markdown(f"### Families\n\n{frame_families(report).markdown()}")


def _draw_cards(found: tuple[Finding, ...], families: Mapping[str, str]) -> None:
    """Draw one sheet of the findings, and the way to the others."""
    sheet, sheets = _find_sheet(len(found))
    if sheets > 1:
        st.caption(f"Sheet {sheet} of {sheets}, the worst first; the way to the others stands below.")
    for card in gather_cards(found[(sheet - 1) * SHOWN : sheet * SHOWN], families):
        _draw_card(card)
    if sheets > 1:
        number = f"sheet {sheet} of {sheets}"
        st.pagination(sheets, default=sheet, key=MEMORY.key(number), on_change=_turn_sheet, args=(number,))


def _find_sheet(count: int) -> tuple[int, int]:
    """Return which sheet of findings is shown, and how many there are."""
    sheets = max(1, -(-count // SHOWN))
    asked = str(MEMORY["sheet"])
    return min(max(int(asked) if asked.isdecimal() else 1, 1), sheets), sheets


def _turn_sheet(key: str) -> None:
    number = int(MEMORY[key])
    MEMORY["sheet"] = str(number) if number > 1 else ""


def show_what_fits() -> None:
    """Show the first findings that fit the filters, also from within one; for callbacks."""
    MEMORY["sheet"] = ""
    close_finding()


def _draw_card(card: Card) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(card.head())
        for finding in card.findings:
            with st.container(gap=None):
                draw_opener(MEMORY, plain(finding.subject), open_finding, finding.key)
                st.caption(write_change(finding))


def _draw_accepted(entry: Accepted, families: Mapping[str, str]) -> None:
    finding = entry.finding
    with st.container(border=True, gap=None):
        st.markdown(Card(families.get(finding.key, ""), (finding,)).head())
        draw_opener(MEMORY, plain(finding.subject), open_finding, finding.key)
        st.caption(write_acceptance(entry.acceptance))


def open_finding(key: str) -> None:
    """Show one finding; for callbacks."""
    MEMORY["finding"] = MEMORY["opened finding"] = key
    MEMORY["show"] = VIEWS[0]


def close_finding() -> None:
    """Show all findings; for callbacks."""
    MEMORY["finding"] = ""


def draw_finding(report: Report, key: str, permission: Permission) -> None:
    """Draw one finding in full, or say that the newest check does not have it."""
    st.button(
        "All findings",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=close_finding,
        key=MEMORY.key("all_findings"),
    )
    if MEMORY.pop("opened finding", "") == key:  # or else the keyboard would begin at the top of the page
        st.html(FOCUS.format(key=MEMORY.key("all_findings")), unsafe_allow_javascript=True)
    finding = find_finding(report, key)
    if finding is None:
        st.info(write_absence(report, _read_kept(report.target, permission), key), icon=":material/search_off:")
        return
    st.markdown(write_detail(finding, name_families(report).get(key, ""), write_remark(report, key)))
    _draw_sides(finding)
    _draw_repair(finding)


def _draw_sides(finding: Finding) -> None:
    with st.container(horizontal=True, gap="medium", key="sides"):
        for title, text in (("Expected", finding.expected), ("Seen", finding.seen)):
            with st.container():
                st.markdown(f"### {title}")
                st.code(show_block(text), language=None, wrap_lines=True)
    if example := write_counterexample(finding):
        st.markdown("### Counter-example\nA made-up row and visitor that the two treat differently.")
        st.code(example, language="json", wrap_lines=True)


def _draw_repair(finding: Finding) -> None:
    st.markdown("### Repair")
    if finding.decide:
        st.markdown(f"A person must decide first: {plain(finding.decide)}")
    if finding.repair:
        with st.container(key="repair"):
            st.code(show_block(finding.repair.sql), language="sql", wrap_lines=True)
    elif not finding.decide:
        st.markdown("There is no SQL for it: a person must look.")
