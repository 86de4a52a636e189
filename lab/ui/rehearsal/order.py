"""A real order: its shape is read from a target, and its path is rebuilt with made-up people and crashed everywhere."""

from dataclasses import replace

import streamlit as st

from lab.checks.state import State
from lab.rehearsal.orders.orders import OrderShape, OrderUnknown, read_name, read_order
from lab.rehearsal.orders.survival import Survival
from lab.ui.kit import targets
from lab.ui.kit.background import Run, Runs
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import plain
from lab.ui.kit.progress import draw_run
from lab.ui.kit.tables import draw_table, make_frame
from lab.ui.kit.targets import Place, check_permission, find_place
from lab.ui.rehearsal.fields import ASKED, MEMORY, STORY, show
from lab.ui.rehearsal.player import open_player

LONGEST = 100  # characters of an order's name
STEPS = [("read", "Read the order's shape"), ("play", "Crash everywhere on its path")]
HELP = "A purchase's id, the number of a job, or a support path such as /operate/queue?channel=pdf (its newest job)."
HINT = "Name an order and rehearse it. The target is only read: states and kinds, nothing personal."
RUNS: Runs[Survival] = Runs()  # for all sessions
_VERDICTS = {State.HOLDS: "ready", State.BROKEN: "not", State.UNKNOWN: "unknown"}


def draw_order() -> None:
    """Draw the choice of a target and an order, and what its rehearsal came to."""
    permission, refused = check_permission(), _drop_wrong_name()
    left, right = st.columns([1, 2])
    with left:
        target = targets.draw_target(MEMORY, targets.offer_targets(permission), permission)
    with right:
        st.text_input("Order", key=MEMORY.key("order"), max_chars=LONGEST, help=HELP, placeholder="Purchase or job",
                      on_change=forgive)  # fmt: skip
    if refused:
        st.error(plain(refused), icon=":material/error:")
    if not targets.shows_target(MEMORY, target, permission):
        targets.draw_withheld(MEMORY, permission)
        return
    place, named = find_place(target), str(MEMORY["order"] or "").strip()
    st.button("Rehearse this order", icon=":material/play_arrow:", type="primary", key=MEMORY.key("rehearse order"),
              on_click=start_rehearsal, disabled=not (named and place.url))  # fmt: skip
    held = replace(place, name=name_run(place, named))
    if draw_run(held, RUNS, known=False, invitation=HINT):
        run = RUNS.find(held.name)
        if run and run.state == "done" and run.result:
            _draw_found(run.result)


def _drop_wrong_name() -> str:
    """Forget what names no order, so that it stays in no link; return what is wrong with it."""
    try:
        if str(MEMORY["order"] or "").strip():
            read_name(str(MEMORY["order"]))
    except OrderUnknown as wrong:
        MEMORY["order"], MEMORY["order refused"] = "", str(wrong)
    return str(MEMORY.get("order refused", ""))


def forgive() -> None:
    """Forget what was wrong with the name before; for callbacks."""
    MEMORY.forgive_address()
    MEMORY["order refused"] = ""


def name_run(place: Place, named: str) -> str:
    """Return the name of the run of one order."""
    return f"{place.name}, order {named[:LONGEST]}" if named else place.name


def start_rehearsal() -> None:
    """Rehearse the order that is named, if this visitor may; for callbacks."""
    place, named = targets.find_picked(MEMORY, check_permission()), str(MEMORY["order"] or "").strip()
    if place and named:
        MEMORY.forgive_address()
        RUNS.start(make_run(place, named))


def make_run(place: Place, named: str) -> Run[Survival]:
    """Return the rehearsal of an order that can be started."""

    def work(run: Run[Survival]) -> Survival:
        with run.step("read"):
            shape = read_order(place.url, named)
        with run.step("play"):
            return open_player().rehearse_order(shape)

    return Run(name_run(place, named), STEPS, work)


def _draw_found(found: Survival) -> None:
    with st.container(border=True, key=f"verdict_{_VERDICTS[found.state]}_order", gap="small"):
        st.markdown(f"## {badge(found.state.word)} {plain(found.sentence, 1000)}")
        st.markdown("\n".join(f"- {plain(note)}" for note in found.recast.notes))
        for failure in found.failures:
            broken = "; ".join(plain(one.title) for one in failure.broken)
            st.markdown(f":red[Broken] after a crash at `{', '.join(failure.points) or 'no point'}`: {broken}")
        if not found.recast.reasons:
            st.caption("At each point of the path every process is killed, the others run again, and what is left is "
                       "judged by the invariants and promises. The people are made up.")  # fmt: skip
    if not found.recast.reasons:
        _draw_path(found)
    _draw_shape(found.shape)


def _draw_path(found: Survival) -> None:
    """Offer to see the path as a story."""
    faults, wish = " ".join(map(str, found.recast.faults)), found.recast.wish.id
    if wish not in ASKED:
        st.caption("The story of this path is told on the command line:")
        st.code(f'python -m lab rehearse --play "{found.schedules[0]}"', language="sh")
        return
    choices = {"show": STORY, "wish": wish, "outage": "none", "step": "", "at": faults}
    st.button("See this path as a story", icon=":material/timeline:", key=MEMORY.key("order as story"),
              on_click=show, kwargs=choices)  # fmt: skip


def _draw_shape(shape: OrderShape) -> None:
    """Draw what was read: everything that left the target."""
    consent = {True: "given", False: "withdrawn", None: "never decided"}[shape.email_consent]
    st.markdown("### What was read")
    st.markdown(f"Layer **{plain(shape.layer)}**, {shape.status}, {'unlocked' if shape.unlocked else 'locked'}, "
                f"{shape.quantity} piece{'s' * (shape.quantity != 1)}; e-mail consent {consent}."
                f"{' The gift was accepted.' * shape.accepted}")  # fmt: skip
    jobs = [
        (job.name, [job.status], job.attempts, "; ".join(f"{n}: {what.replace('_', ' ')}" for n, what, _ in job.failed))
        for job in shape.jobs
    ]
    columns = ("Job", "State", "Attempts", "Failed attempts")
    draw_table(MEMORY, "Jobs of the order", make_frame(columns, jobs), empty="It has no job.")
    events = [(kind, [status], times) for kind, status, times in shape.events]
    draw_table(MEMORY, "Its events", make_frame(("Event", "State", "Deliveries"), events), empty="It has no event.")
    if shape.after:
        later = [(kind, [status]) for kind, status in shape.after]
        draw_table(MEMORY, "After the payment", make_frame(("What", "State"), later), empty="")
