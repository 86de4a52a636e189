"""The rehearsal page's parts: what goes wrong, the verdict, what is left, and the timeline in which to crash."""

import secrets

import streamlit as st

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.faults import KINDS, Fault
from lab.rehearsal.outages import BY_ID, OUTAGES
from lab.rehearsal.record import describe_record
from lab.rehearsal.schedules import Schedule, WrongSchedule, read_schedule
from lab.rehearsal.show import Shown, list_points
from lab.services.delivery.site import read_rules_version
from lab.text.errors import LabError
from lab.text.product_files import home_folder
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import plain
from lab.ui.kit.tables import draw_table, make_frame
from lab.ui.kit.url import Field
from lab.ui.navigation import REHEARSAL
from lab.ui.rehearsal.player import open_player, show_cached

MEMORY = REHEARSAL.memory
DRAWN, NO_BUG = "drawn", "none"
TITLES = {**{one.id: one.title for one in OUTAGES}, DRAWN: "A drawn mixture of failures"}
FAULTS = {kind.id: kind.title for kind in KINDS}
PLANTED = {NO_BUG: "No bug", **{bug.id: bug.title for bug in BUGS}}
FIELDS = (
    Field(name="outage", kind="failure", options=tuple(TITLES), default=OUTAGES[0].id, leads=True),
    Field(name="seed", kind="seed"),
    Field(name="fault", kind="fault", options=tuple(FAULTS), default=KINDS[0].id),
    Field(name="at", kind="point"),
    Field(name="bug", kind="bug", options=tuple(PLANTED), default=NO_BUG),
)


def draw_inputs() -> None:
    """Draw what goes wrong, a further fault, and a bug to plant."""
    first, second = st.columns([3, 1], vertical_alignment="bottom")
    first.selectbox("What goes wrong", list(TITLES), format_func=TITLES.__getitem__, key=MEMORY.key("outage"))
    second.button("Surprise me", icon=":material/casino:", on_click=surprise, width="stretch")
    left, right = st.columns(2)
    left.selectbox(
        "Fault at a clicked point", list(FAULTS), format_func=FAULTS.__getitem__, key=MEMORY.key("fault"),
        help="Click “Here” in the timeline below to let it happen at that point.",
    )  # fmt: skip
    right.selectbox(
        "Bug in a copy of the product", list(PLANTED), format_func=PLANTED.__getitem__, key=MEMORY.key("bug"),
        help="Plants a mistake in a copy of the product. The rehearsal must find it.",
    )  # fmt: skip


def surprise() -> None:
    """Draw another mixture; for callbacks."""
    MEMORY.forgive_address()
    MEMORY["outage"], MEMORY["seed"], MEMORY["at"] = DRAWN, str(secrets.randbelow(10_000)), ""


def strike(point: str) -> None:
    """Let the chosen fault happen at a point; for callbacks."""
    MEMORY.forgive_address()
    MEMORY["at"] = point


def find_schedule() -> Schedule:
    """Return what the page's choices say.

    Raises:
        WrongSchedule: The point or the seed in the address cannot be read.
        EmbeddedUnavailable: No server can be started here.
    """
    schedule = _find_first()
    if not MEMORY["at"]:
        return schedule
    further = read_schedule(f"{schedule.ability} {Fault(point=MEMORY['at'], kind=MEMORY['fault'])}").faults
    return Schedule(ability=schedule.ability, faults=(*schedule.faults, *further))


def _find_first() -> Schedule:
    if MEMORY["outage"] != DRAWN:
        return BY_ID[MEMORY["outage"]].schedule
    seed = str(MEMORY["seed"] or "0")
    if not (seed.isascii() and seed.isdigit() and len(seed) <= 12):
        raise WrongSchedule("a seed is a number of at most 12 digits")
    return open_player().draw(int(seed))


def draw_record() -> None:
    """Say what the last rehearsal of everything came to, and how old it is."""
    state, sentence = describe_record(home_folder(), read_rules_version())
    st.markdown(f"{badge(state)} {sentence}")


def draw_rehearsal() -> None:
    """Play what was chosen, and draw what it came to."""
    try:
        with st.spinner("Playing the purchase"):
            schedule = find_schedule()
            shown = show_cached(str(schedule), MEMORY["bug"])
    except (WrongSchedule, LabError) as reason:
        st.error(f"This cannot be played: {plain(str(reason))}", icon=":material/error:")
        return
    _draw_verdict(schedule, shown)
    _draw_left(shown)
    _draw_timeline(shown)


def _draw_verdict(schedule: Schedule, shown: Shown) -> None:
    played = shown.played
    happened = [f"{FAULTS[moment.fault]} (`{moment.what}`)" for moment in played.met if moment.fault]
    with st.container(border=True, key=MEMORY.key("verdict_ready" if not played.broken else "verdict_not")):
        st.markdown(f"## {badge('broken' if played.broken else 'holds')} {_sentence(shown)}")
        st.markdown("\n".join(f"- {line}" for line in happened) or "No fault happened.")
        for broken in played.broken:
            st.markdown(f":red[Broken:] {plain(broken.title)} (`{broken.id}`)")
        st.caption(
            f'`python -m lab rehearse --play "{schedule}"` tells the same story. One transaction on a temporary '
            "database: it sees no race and no lock wait."
        )
    _draw_hunt()


def _sentence(shown: Shown) -> str:
    if shown.played.broken:
        return "Something is wrong in the end"
    return "The purchase survives" if shown.played.met else "The purchase is delivered"


def _draw_hunt() -> None:
    """Offer to find the planted bug without knowing what it breaks."""
    bug = next((one for one in BUGS if one.id == MEMORY["bug"]), None)
    if bug is None or not st.button("Find this bug", icon=":material/search:", key=MEMORY.key("hunt")):
        return
    with st.spinner("Playing failures until something breaks"):
        found = open_player().hunt(bug)
    if found.played is None:
        st.warning(f"Not found in {found.plays} plays. `python -m lab rehearse --bugs` plays more.")
        return
    broken = "; ".join(plain(one.title) for one in found.played.broken)
    st.success(f"Found in play {found.plays}, reduced to `{found.played.schedule}`. It breaks: {broken}")


def _draw_left(shown: Shown) -> None:
    """Draw the database, the mailbox and the audit trail side by side."""
    jobs, mail, audit = st.columns([2, 1, 1])
    with jobs:
        columns = ("Channel", "Leg", "State", "Attempts", "Error class")
        draw_table(MEMORY, "Jobs", make_frame(columns, shown.jobs), empty="No job was made.")
        for state, unlocked, reviews in shown.purchase:
            st.markdown(f"Purchase: **{state}**, {'unlocked' if unlocked else 'locked'}; reviews: {reviews}")
    with mail:
        letters = [[subject] for subject in shown.letters]
        draw_table(MEMORY, "Mailbox", make_frame(("Subject",), letters), empty="No message arrived.")
    with audit:
        lines = [[f"{who}: {what}"] for who, what, _ in shown.audit]
        draw_table(MEMORY, "Audit trail", make_frame(("Line",), lines), empty="No line was written.")


def _draw_timeline(shown: Shown) -> None:
    points = list_points(shown.played)
    rows = [[str(place), *name.split("/")[:2], f"{name.split('/')[3]} ({name.split('/')[2]})", FAULTS.get(fault, "")]
            for place, (name, _, fault) in enumerate(points, 1)]  # fmt: skip
    frame = make_frame(("Step", "Call", "Doer", "Moment", "Fault"), rows)
    draw_table(MEMORY, "Timeline", frame, empty="", open_row=lambda row: strike(points[row][0]), verb="Here")
