"""One purchase as a story: the verdict, the picture, the step at which the reader is, and what is left."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lab.rehearsal.outage.words import NotUnderstood, hear_outage
from lab.rehearsal.promises import SEEN_BY_OPERATORS
from lab.rehearsal.record import read_recorded
from lab.rehearsal.schedules import Schedule, WrongSchedule
from lab.rehearsal.story.show import Left, Shown
from lab.rehearsal.story.story import Step
from lab.text.errors import LabError
from lab.text.product_files import home_folder
from lab.ui.kit.alone import draw_alone
from lab.ui.kit.badges import badge
from lab.ui.kit.caches import read_theme
from lab.ui.kit.markdown import plain, prose
from lab.ui.kit.tables import draw_table, make_frame
from lab.ui.kit.url import Field
from lab.ui.rehearsal.chart import CLICKED, draw_chart, find_kind, frame_steps
from lab.ui.rehearsal.choices import find_last_point, find_schedule, hear_words, strike
from lab.ui.rehearsal.fields import FAULTS, MEMORY, MINUTES, NO_BUG, OUTAGE, STEPS, WORDS, show
from lab.ui.rehearsal.player import show_cached


def draw_record() -> None:
    """Say what the last rehearsal of everything came to, and how old it is."""
    recorded = read_recorded(home_folder())
    st.markdown(
        f"{badge(recorded.state.word)} {prose(f'{recorded.seen[:1].upper()}{recorded.seen[1:]}. {recorded.why}')}"
    )


def draw_story(fields: Sequence[Field]) -> None:
    """Play what was chosen, and draw what it came to.

    Args:
        fields: What the page's address holds.
    """
    try:
        with st.spinner("Playing the purchase"):
            schedule, point = find_schedule(), find_last_point()
            shown = show_cached(str(schedule), str(MEMORY["bug"]), point)
    except (WrongSchedule, NotUnderstood, LabError) as reason:
        st.error(f"This cannot be played: {plain(str(reason))}.".replace("..", "."), icon=":material/error:")
        return
    _draw_verdict(schedule, shown)
    _offer_forecast()
    at = str(MEMORY["at"] or "")
    draw_alone(MEMORY, fields, partial(_draw_picture, shown), lambda: str(MEMORY["at"] or "") == at)
    _draw_sides(shown, point)
    _draw_words(shown)


def _draw_verdict(schedule: Schedule, shown: Shown) -> None:
    played = shown.played
    happened = [f"- {FAULTS[moment.fault]} (`{moment.what}`)" for moment in played.met if moment.fault]
    missed = len(schedule.faults) - len(happened)
    survives = "The purchase survives" if played.met else "The purchase is delivered"
    sentence = "Something is wrong in the end" if played.broken else survives
    with st.container(border=True, key=f"verdict_{'not' if played.broken else 'ready'}_rehearsal", gap="small"):
        st.markdown(f"## {badge('broken' if played.broken else 'holds')} {sentence}")
        st.markdown("\n".join(happened) or "No fault happened.")
        if missed:
            st.markdown(f"{missed} fault{'s' * (missed != 1)} did not happen: the play never came to the point.")
        for broken in played.broken:
            st.markdown(f":red[Broken:] {plain(broken.title)} (`{broken.id}`)")
        if waiting := [f"`{job[0]}.{job[1]}`" for job in shown.left.jobs if job[2] in SEEN_BY_OPERATORS]:
            st.markdown(f"Waits for a person: {', '.join(waiting)}. It is on the Deliveries page, with its next step.")
        if str(MEMORY["outage"]) == WORDS and hear_words().cut:
            st.caption("A play shows the first three attempts of each message. “An outage” forecasts all of them.")
        planted = "" if MEMORY["bug"] == NO_BUG else f" --plant {MEMORY['bug']}"
        st.caption(
            f'`python -m lab rehearse --play "{schedule}"{planted}` tells the same story. One transaction on a '
            "temporary database: it sees no race and no lock wait."
        )


def _offer_forecast() -> None:
    """Offer to forecast the outage that was said in words."""
    if str(MEMORY["outage"]) != WORDS:
        return
    try:
        kind, minutes = hear_outage(str(MEMORY["words"]))
    except NotUnderstood:
        return
    st.button(f"Forecast: {kind.title.lower()} for {minutes} minutes", icon=":material/monitoring:", type="tertiary",
              key=MEMORY.key("forecast it"), on_click=show_forecast, args=(kind.id, minutes))  # fmt: skip


def show_forecast(kind: str, minutes: int) -> None:
    """Show the forecast of an outage, of the next longer time that can be chosen; for callbacks."""
    longer = next((choice for choice in MINUTES if int(choice) >= minutes), MINUTES[-1])
    show(show=OUTAGE, gone=kind, minutes=longer)


def _draw_picture(shown: Shown) -> None:
    """Draw the picture with the step at which the reader is."""
    steps = find_steps(shown, str(MEMORY["steps"]))
    current = find_current(steps, str(MEMORY["step"] or ""))
    st.markdown("### Timeline")
    st.segmented_control("Steps", STEPS, format_func=STEPS.__getitem__, key=MEMORY.key("steps"), required=True,
                         label_visibility="collapsed")  # fmt: skip
    name = f"picture {hash((str(shown.played.schedule), str(MEMORY['steps']), str(MEMORY['bug']))):x}"
    st.vega_lite_chart(
        spec=draw_chart(frame_steps(steps), steps[current].number, read_theme()),
        key=MEMORY.key(name),
        on_select=lambda: _take_click(name, steps),
        selection_mode=CLICKED,
        alt="Timeline: who does what at each step. “The story in words” below says the same.",
    )
    st.caption("Click a point to let the chosen fault happen there. The rest of the purchase is played again from it.")
    _draw_step(steps, current)


def _take_click(name: str, steps: tuple[Step, ...]) -> None:
    """Go to the step that was clicked, and let the fault happen at its point; for callbacks."""
    picked = MEMORY[name].selection.get(CLICKED) or []
    number = picked[0].get("step") if picked else None
    step = next((step for step in steps if step.number == number), None)
    if step:
        show(step=str(step.number))
        strike(step.point, step.where)


def find_steps(shown: Shown, which: str) -> tuple[Step, ...]:
    """Return the steps that are shown: every one, or those that matter and those at which a fault can be seen."""
    return shown.steps if which == "every" else tuple(step for step in shown.steps if step.matters)


def find_current(steps: tuple[Step, ...], number: str) -> int:
    """Return the place of the step at which the reader is: the last one not after the number.

    Without a number it is the first fault, or else the beginning.
    """
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        return next((place for place, step in enumerate(steps) if step.fault), 0)
    wanted = int(number)
    return max((place for place, step in enumerate(steps) if step.number <= wanted), default=0)


def _draw_step(steps: tuple[Step, ...], current: int) -> None:
    step, last = steps[current], len(steps) - 1
    before, after = (str(steps[place].number) for place in (max(current - 1, 0), min(current + 1, last)))
    with st.container(border=True, key=MEMORY.key("step card"), gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Previous", icon=":material/chevron_left:", key=MEMORY.key("previous"), on_click=show,
                      kwargs={"step": before}, disabled=current == 0, shortcut="Left")  # fmt: skip
            st.button("Next", icon=":material/chevron_right:", key=MEMORY.key("next"), on_click=show,
                      kwargs={"step": after}, disabled=current == last, shortcut="Right")  # fmt: skip
            st.markdown(f"Step {current + 1} of {len(steps)}", width="stretch")
            if step.point:
                st.button("Crash here" if MEMORY["fault"] == "crash" else "Let the fault happen here",
                          icon=":material/bolt:", key=MEMORY.key("crash here"), on_click=strike,
                          args=(step.point, step.where))  # fmt: skip
        st.markdown(write_step(step))


def write_step(step: Step) -> str:
    """Write a step: who, what, what changed, and what the rules say."""
    lines = [f"**{step.lane}: {plain(step.title)}**"]
    lines += [f"`{step.point}`"] if step.point else []
    lines += [f"{plain(str(change))}{_MOVES[change.legal]}" for change in step.changes]
    lines += [f"Rules: {prose(said, 600)}" for said in step.said]
    return "  \n".join(lines) + ("" if step.changes or step.fault else "  \nNothing changes here.")


_MOVES = {True: " (the rules have this move)", False: " (:red[the rules do not have this move])", None: ""}


def _draw_sides(shown: Shown, point: str) -> None:
    """Draw state, mailbox and audit trail: at the clicked point and at the end, side by side."""
    if shown.struck is None:
        _draw_left(shown.left, "")
        return
    before, after = st.columns(2, border=True)
    with before:
        st.markdown(f"### At the fault\n`{point}`")
        _draw_left(shown.struck, " at the fault")
    with after:
        st.markdown("### In the end\nAfter every process has run again.")
        _draw_left(shown.left, " in the end")


def _draw_left(left: Left, when: str) -> None:
    """Draw what stands at one moment; without a word for it, in the full width."""
    state, mailbox, audit = [st.container() for _ in range(3)] if when else st.columns([2, 1, 1])
    with state:
        _draw_jobs(left, when)
    with mailbox:
        letters = make_frame(("Subject",), [[subject] for subject in left.letters])
        draw_table(MEMORY, f"Mailbox{when}", letters, empty="No message arrived.")
    with audit:
        lines = make_frame(("Line",), [[f"{who}: {what}"] for who, what, _ in left.audit])
        draw_table(MEMORY, f"Audit trail{when}", lines, empty="No line was written.")


def _draw_jobs(left: Left, when: str) -> None:
    columns = ("Job", "State", "Attempts", "Error class")
    jobs = [(f"{channel}.{leg}", [state], attempts, error) for channel, leg, state, attempts, error in left.jobs]
    draw_table(MEMORY, f"Jobs{when}", make_frame(columns, jobs), empty="No job was made yet.")
    for state, unlocked, reviews in left.purchase or (("none", False, 0),):
        st.markdown(f"Purchase: **{state}**, {'unlocked' if unlocked else 'locked'}; reviews: {reviews}")


def _draw_words(shown: Shown) -> None:
    """Draw the same story as text and as a table of every point."""
    with st.expander("The story in words", icon=":material/notes:"):
        told = (write_step(step).replace("\n", "\n   ") for step in shown.steps if step.matters)
        st.markdown("\n".join(f"{place}. {one}" for place, one in enumerate(told, 1)))
    with st.expander("Every point as a table", icon=":material/table_rows:"):
        points = [step for step in shown.steps if step.point or step.fault]
        rows = [(str(s.number), s.lane, s.title, find_kind(s), "; ".join(map(str, s.changes))) for s in points]
        frame = make_frame(("Step", "Who", "What", "Kind", "Changes"), rows)
        draw_table(
            MEMORY,
            "Every point",
            frame,
            empty="",
            verb="Here",
            open_row=lambda row: strike(points[row].point, points[row].where),
        )
