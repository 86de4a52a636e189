"""The tour page's parts: the steps, one of them as it was played, and the way to the next."""

from collections.abc import Mapping
from functools import partial

import psycopg
import streamlit as st

from lab.checks.tour.play import PlayedStep, Tour, play_tour, read_sql
from lab.checks.tour.step import TourStep
from lab.checks.tour.steps import STEPS
from lab.readiness.targets import EMBEDDED
from lab.text.errors import LabError
from lab.ui.kit.alone import draw_alone
from lab.ui.kit.background import Runs, explain_failure
from lab.ui.kit.markdown import plain
from lab.ui.kit.progress import draw_run
from lab.ui.kit.targets import find_place, holds_made_up_data
from lab.ui.kit.url import Field
from lab.ui.navigation import SECTIONS, TOUR
from lab.ui.tour import shape

MEMORY = TOUR.memory
IDS = tuple(step.id for step in STEPS)
FIELDS = (Field(name="step", kind="step", options=IDS, default=IDS[0], leads=True),)
KEPT_SECONDS = 30
ELSEWHERE = (
    "The tour writes made-up rows, so it is played only on the embedded database. Start the app without DATABASE_URL "
    "to see what everybody gets. Below is what the rules say."
)
PAGES = {entry.address: entry for entries in SECTIONS.values() for entry in entries}


@st.cache_resource(show_spinner=False, ttl=KEPT_SECONDS, max_entries=4, refresh_mode="background")
def read_tour(url: str) -> Tour:
    """Return how the tour was played last; one that is older than a moment is also played anew in the background."""
    return play_tour(url)


def draw_tour() -> None:
    """Draw the steps, and the one that is chosen."""
    tour = _play()
    played = {one.step.id: one for one in tour.steps} if tour else {}
    draw_alone(MEMORY, FIELDS, partial(_draw_steps, played))


def _draw_steps(played: Mapping[str, PlayedStep]) -> None:
    labels = {one.id: shape.label_step(place, one, played.get(one.id)) for place, one in enumerate(STEPS, 1)}
    picked = st.segmented_control(
        "Step", IDS, format_func=labels.__getitem__, key=MEMORY.key("step"), required=True,
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    place = IDS.index(picked or IDS[0])
    _draw_head(place)
    _draw_step(STEPS[place], played.get(STEPS[place].id))


def _play() -> Tour | None:
    """Play the tour where that changes nothing, and draw how many steps hold; None when it cannot be played."""
    if not holds_made_up_data():
        st.info(ELSEWHERE, icon=":material/info:")
        return None
    place = find_place(EMBEDDED)
    if not draw_run(place, Runs[None](), known=True, invitation="") or not place.url:
        return None
    try:
        tour = read_tour(place.url)
    except (LabError, psycopg.Error) as error:
        st.error(f"The tour could not be played. {plain(explain_failure(error, EMBEDDED))}", icon=":material/error:")
        return None
    if tour.refusal:
        st.warning(f"The tour could not be played. {plain(tour.refusal)}", icon=":material/help:")
        return None
    with st.container(horizontal=True, vertical_alignment="center", key="tour_summary"):
        st.markdown(shape.write_summary(tour), width="stretch")
        st.button("Start again", key=MEMORY.key("again"), icon=":material/replay:", type="tertiary", on_click=_restart)
    return tour


def _draw_head(place: int) -> None:
    """Draw the title of a step, and the buttons to the steps beside it."""
    step, last = STEPS[place], len(STEPS) - 1
    with st.container(horizontal=True, vertical_alignment="center", key="tour_head"):
        st.markdown(f"## {place + 1}. {step.title}", width="stretch")
        st.button("Back", key=MEMORY.key("back"), disabled=place == 0, on_click=_go, args=(max(0, place - 1),))
        st.button(
            "Next", key=MEMORY.key("next"), type="primary", disabled=place == last, on_click=_go,
            args=(min(last, place + 1),),
        )  # fmt: skip


def _go(place: int) -> None:
    MEMORY["step"] = IDS[place]


def _restart() -> None:
    """Go to the first step, and play the tour anew."""
    read_tour.clear()
    _go(0)


def _draw_step(step: TourStep, played: PlayedStep | None) -> None:
    st.markdown(f"{step.story}  \n**The promise.** {step.promise.title} {step.promise.why}")
    if played and played.refusal:
        st.warning(played.refusal, icon=":material/help:")
    with st.container(key="tour_tables"):
        left, right = st.columns(2, gap="medium")
    with left:
        _draw_rows(step, played)
    with right:
        st.markdown("### Who tries what")
        tries = shape.list_tries(played.tries if played else step.tries)
        st.table(tries, hide_index=True, border="horizontal", alt="Who tries what")
        _draw_links(step)
    with st.expander("The SQL of this step", icon=":material/code:"):
        st.code(read_sql(step), language="sql", wrap_lines=True)


def _draw_rows(step: TourStep, played: PlayedStep | None) -> None:
    st.markdown("### What is written")
    shown = dict(played.rows) if played else {}
    for show in step.shows:
        rows = shown.get(show, ())
        st.markdown(shape.write_table_name(show, rows))
        if rows:
            values = shape.list_values(show, rows)
            st.table(values, hide_index=True, hide_header=len(rows) <= 2, border="horizontal", alt=show.table.title)
        st.caption(shape.write_readers(show.table))


def _draw_links(step: TourStep) -> None:
    st.markdown("### Read on")
    for link in step.links:
        entry = PAGES[link.page]
        st.page_link(entry.file, label=f"{entry.title}: {link.label}", icon=entry.icon, query_params=dict(link.query))
