"""An outage and a load: a forecast by the queue's own figures, and beside it a run with the real handlers."""

from typing import Any

import streamlit as st

from lab.rehearsal.outage.figures import REFUSAL, RENDER, SEND, STATEMENT, TIMEOUT, read_figures
from lab.rehearsal.outage.forecast import Blast, forecast
from lab.rehearsal.outage.loads import KIND_BY_ID, Load
from lab.rehearsal.outage.outage_run import TITLES, Line
from lab.text.durations import say_duration
from lab.text.errors import LabError
from lab.ui.kit.caches import Theme, read_theme
from lab.ui.kit.markdown import plain
from lab.ui.kit.tables import DataFrame, draw_table, make_frame
from lab.ui.rehearsal.fields import GONE, MEMORY, MINUTES, ORDERS, WORKERS
from lab.ui.rehearsal.player import rehearse_outage_cached

COLOURS: dict[Theme, tuple[str, str]] = {"light": ("#3B4CCA", "#C4302B"), "dark": ("#8C9BFF", "#FF7B72")}
HEIGHT = 220


def draw_outage() -> None:
    """Draw the choice of an outage and a load, its forecast, and the rehearsed run."""
    load = _draw_load()
    try:
        blast = forecast_cached(load.kind.id, load.minutes, load.orders_an_hour, load.workers) if load else None
    except LabError as reason:
        st.error(plain(str(reason)), icon=":material/error:")
        return
    if load and blast:
        _draw_blast(load, blast)
        _draw_rehearsed(load)
        _draw_sources()


def _draw_load() -> Load | None:
    first, *others = st.columns([3, 1, 1, 1])
    first.selectbox("What is gone", list(GONE), format_func=GONE.__getitem__, key=MEMORY.key("gone"))
    for column, title, name, options in zip(
        others,
        ("Minutes", "Orders an hour", "Workers"),
        ("minutes", "orders", "workers"),
        (MINUTES, ORDERS, WORKERS),
        strict=True,
    ):
        column.selectbox(title, options, key=MEMORY.key(name))
    try:
        return Load(
            kind=KIND_BY_ID[str(MEMORY["gone"])], minutes=int(MEMORY["minutes"]),
            orders_an_hour=int(MEMORY["orders"]), workers=int(MEMORY["workers"]),
        )  # fmt: skip
    except LabError as reason:
        st.error(plain(str(reason)), icon=":material/error:")
        return None


@st.cache_resource(show_spinner="Forecasting", max_entries=256)
def forecast_cached(kind: str, minutes: int, orders: int, workers: int) -> Blast:
    """Forecast a load once."""
    return forecast(Load(kind=KIND_BY_ID[kind], minutes=minutes, orders_an_hour=orders, workers=workers))


def write_answer(load: Load, blast: Blast) -> str:
    """Say in sentences what an outage does."""
    waits = f"{len(blast.waits):,} of {blast.orders:,} buyers wait for a minute or more."
    lines = [waits if blast.waits else f"None of {blast.orders:,} buyers waits for a minute or more."]
    if blast.waits:
        lines.append(
            f"Half of them wait {say_duration(blast.median)} or less, the last one {say_duration(blast.worst)}."
        )
    if blast.person:
        jobs = ", ".join(f"{number:,} of `{job}`" for job, number in sorted(blast.person.items()))
        needs = "buyer needs" if blast.buyers_with_person == 1 else "buyers need"
        lines.append(f"{blast.buyers_with_person:,} {needs} a person: {jobs}.")
    else:
        lines.append("Nothing is lost, and nothing needs a person.")
    lines.append(f"The backlog is gone {say_duration(blast.backlog_seconds)} after the outage.")
    return " ".join(lines)


def _draw_blast(load: Load, blast: Blast) -> None:
    state = "missing" if blast.person else "ready"
    with st.container(border=True, key=f"verdict_{state}_outage", gap="small"):
        st.markdown(f"## {load.kind.title} for {load.minutes} minutes\n{write_answer(load, blast)}")
    grid = st.grid(3, min_column_width=170, border=True)
    for title, value in (
        ("Buyers who wait", f"{len(blast.waits):,}"),
        ("Median wait", say_duration(blast.median)),
        ("95 of 100 wait at most", say_duration(blast.p95)),
        ("Longest wait", say_duration(blast.worst)),
        ("Jobs with a person", f"{sum(blast.person.values()):,}"),
        ("Backlog gone after", say_duration(blast.backlog_seconds)),
    ):
        grid.cell().metric(title, value)
    told = f"Buyers who wait, by time. {write_answer(load, blast)}"
    st.vega_lite_chart(spec=draw_curve(load, blast, read_theme()), alt=told, key=MEMORY.key("curve"))
    st.caption("Buyers who have paid and have not got everything yet, or wait for a person. The outage is shaded.")


def draw_curve(load: Load, blast: Blast, theme: Theme) -> dict[str, Any]:
    """Return how many buyers wait, by the minutes since the outage began, in the language of Vega-Lite."""
    import pyarrow

    curve, shade = COLOURS[theme]
    minutes, waiting = [at / 60 for at, _ in blast.waiting], [count for _, count in blast.waiting]
    across = {"field": "minutes", "type": "quantitative", "title": "Minutes since the outage began"}
    buyers = {"field": "buyers", "type": "quantitative", "title": "Buyers who wait"}
    area = {"type": "area", "color": curve, "opacity": 0.35, "line": {"color": curve}, "interpolate": "step-after"}
    return {
        "height": HEIGHT,
        "datasets": {
            "waiting": pyarrow.table({"minutes": minutes, "buyers": waiting}),
            "gone": pyarrow.table({"minutes": [0], "until": [load.minutes]}),
        },
        "layer": [
            {
                "data": {"name": "gone"},
                "mark": {"type": "rect", "color": shade, "opacity": 0.12},
                "encoding": {"x": across, "x2": {"field": "until"}},
            },
            {"data": {"name": "waiting"}, "mark": area, "encoding": {"x": across, "y": buyers}},
        ],
    }


def _draw_rehearsed(load: Load) -> None:
    """Draw the comparison with the real handlers, once somebody wants it."""
    st.markdown("### Beside the forecast: the real queue and handlers")
    name = f"{load.kind.id} {load.minutes} {load.workers}"
    if st.button("Rehearse this outage", icon=":material/play_arrow:", key=MEMORY.key("rehearse outage")):
        MEMORY["rehearsed outage"] = name
    if MEMORY.get("rehearsed outage") != name:
        st.markdown("Plays the same outage with about twelve orders in virtual time; it takes a few seconds.")
        return
    try:
        with st.spinner("Playing the outage", show_time=True):
            seen, lines = rehearse_outage_cached(load.kind.id, load.minutes, load.workers)
    except LabError as reason:
        st.error(f"The outage cannot be rehearsed: {plain(str(reason))}", icon=":material/error:")
        return
    draw_table(MEMORY, f"{seen.orders} orders, forecast and rehearsed", frame_lines(lines), empty="")
    outside = [TITLES[line.figure].lower() for line in lines if not line.within]
    told = f"Outside the range of the forecasts: {', '.join(outside)}." if outside else "Every figure is in the range."
    st.markdown(f"{told} The range is that of 100 forecasts of the same orders, each with other pauses.")


def frame_lines(lines: tuple[Line, ...]) -> DataFrame:
    """Shape the comparison."""
    told = [(TITLES[line.figure], line.say()) for line in lines]
    rows = [(title, one.forecast, one.range, one.rehearsed, one.difference, one.verdict) for title, one in told]
    return make_frame(("Figure", "Forecast", "Range", "Rehearsed", "Difference", "Verdict"), rows)


def _draw_sources() -> None:
    """Say which figures the forecast rests on, each with its source."""
    figures, rules = read_figures(), "the queue's functions and rules"
    budgets = ", ".join(f"{job} {most}" for job, most in figures.budgets.items())
    rows = [
        ("Pause after a failure", f"random, up to {figures.base_seconds} s doubled with each attempt, "
                                  f"at most {say_duration(figures.cap_seconds)}", rules),
        ("Attempts", budgets, rules),
        ("Lease", f"{figures.lease_seconds} s", rules),
        ("Jobs in a claim", str(figures.batch), rules),
        ("Recovery of leases", f"every {figures.recovery_seconds} s", rules),
        *((title, f"{one.seconds:g} s", one.source) for title, one in (
            ("Send a message", SEND), ("A refusal", REFUSAL), ("No answer", TIMEOUT), ("Make a PDF", RENDER),
            ("A commit", STATEMENT))),
    ]  # fmt: skip
    with st.expander("Figures and sources", icon=":material/source_notes:"):
        draw_table(MEMORY, "Figures", make_frame(("Figure", "Value", "Source"), rows), empty="")
