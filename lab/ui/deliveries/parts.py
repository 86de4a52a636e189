"""The deliveries page's parts: the answer, the queue, what waits with its acts, and the newest attempts."""

import time
from datetime import UTC, datetime
from itertools import groupby

import streamlit as st

from lab.readiness.permission import Permission
from lab.readiness.reports.deliveries import DELIVERY_FORMS, FoundDeliveries
from lab.rules import RULES
from lab.rules.deliveries import dead_letter, stop
from lab.rules.model import Waiting
from lab.rules.tables.sending import ALL_CHANNELS
from lab.services.delivery.operate import carry_out
from lab.services.delivery.overview import Deliveries, WaitingDelivery, read_deliveries
from lab.services.delivery.summary import TITLES, answer, describe_state
from lab.ui.deliveries import frames
from lab.ui.kit.acts import Acts, Subject
from lab.ui.kit.markdown import name, plain
from lab.ui.kit.parts import draw_export
from lab.ui.kit.progress import draw_strip
from lab.ui.kit.tables import draw_table
from lab.ui.kit.targets import Place, check_permission, find_place
from lab.ui.kit.url import Field
from lab.ui.navigation import DELIVERIES
from lab.ui.target_page import NOT_READ, TargetPage, read_once

MEMORY = DELIVERIES.memory
REFRESH_SECONDS = 5
PATIENCE_SECONDS = 1.0  # for a reading; after it the page shows the one before
SHOWN = 10  # of a kind that waits
ATTEMPTS = 25  # in the table
SUPPORT = {job.id: job.support for job in RULES.jobs}
PATHS = {job.id: job.support_path for job in RULES.jobs}


FIELDS = (Field(name="channel", kind="channel", options=tuple(SUPPORT), many=True),)
PAGE = TargetPage(DELIVERIES, read_once(read_deliveries), "Read deliveries", FIELDS, "Read-only.")
ACTS = Acts(MEMORY, carry_out, PAGE.start)


def draw_filters() -> None:
    """Draw the choice of channels."""
    st.pills(
        "Channels", SUPPORT, format_func=TITLES.__getitem__, selection_mode="multi", wrap=True,
        key=MEMORY.key("channel"), help="Shows the jobs of these channels alone. The answer is about all of them.",
    )  # fmt: skip


def draw_deliveries(place: Place | None, permission: Permission) -> None:
    """Draw what was read of a target, and go on reading it while the page is open."""
    if not place:
        return
    done = PAGE.runs.find_done(place.name)
    if place.url and done:
        draw_strip(place, PAGE.runs, permission)
        st.fragment(_draw_live, run_every=REFRESH_SECONDS)(str(MEMORY["target"]), permission.allowed)
    else:
        PAGE.draw_state(place, permission, known=False, hint=NOT_READ)


def _draw_live(target: str, allowed: bool) -> None:
    """Draw the newest reading, and begin the next one."""
    permission = check_permission()
    if permission.allowed is not allowed:
        st.rerun()  # a login may expire while a fragment draws itself again and again
    place, runs = find_place(target), PAGE.runs
    _refresh(place)
    done, newest = runs.find_done(place.name), runs.find(place.name)
    if not done or not done.result:
        st.rerun()
    elif newest and newest.state == "failed":
        st.warning(f"The newest reading failed. {plain(newest.reason)}", icon=":material/error:")
    if done and done.result:
        _draw_found(done.result, place, permission)


def _refresh(place: Place) -> None:
    """Read again what is older than the pause between two readings, and wait a moment for it."""
    done, newest = PAGE.runs.find_done(place.name), PAGE.runs.find(place.name)
    age = (datetime.now(UTC) - done.result.read_at).total_seconds() if done and done.result else REFRESH_SECONDS
    if place.url and age >= REFRESH_SECONDS - 1 and not (newest and newest.running):
        newest = PAGE.read(place, check_permission())
    end = time.monotonic() + PATIENCE_SECONDS
    while newest and newest.running and time.monotonic() < end:
        time.sleep(0.02)


def _draw_found(found: Deliveries, place: Place, permission: Permission) -> None:
    _draw_answer(found, place)
    ACTS.draw_said()
    for part, reason in found.unread.items():
        st.warning(f"{part.capitalize()} could not be read. {plain(reason)}", icon=":material/help:")
    found = frames.keep_channels(found, MEMORY.get("channel", ()))
    draw_table(MEMORY, "Jobs that are not finished", frames.frame_queue(found), empty="Every job is finished.")
    st.caption("A pending job is due when the time of its next attempt has come.")
    for kind, items in groupby(found.waiting, key=lambda item: item.waiting):
        _draw_kind(kind, tuple(items), found, place, permission)
    _draw_stop(place, permission)
    _draw_attempts(found)


def _draw_answer(found: Deliveries, place: Place) -> None:
    """Answer first whether everything is delivered, with what that depends on."""
    said, well = answer(found)
    sign, colour, state = ("check_circle", "green", "ready") if well else ("error", "red", "not")
    if found.unread:
        sign, colour = "help", "gray"
    with st.container(border=True, key=f"verdict_{state}_deliveries", gap="small"):
        st.markdown(f"## :{colour}[:material/{sign}: {said}]\n{' '.join(map(plain, describe_state(found)))}")
    with st.container(horizontal=True, vertical_alignment="center"):
        told = f"{plain(place.name)}, read at {found.read_at:%H:%M:%S} UTC, again every {REFRESH_SECONDS} s"
        st.caption(told, width="stretch")
        draw_export(MEMORY, "deliveries", DELIVERY_FORMS, FoundDeliveries(place.name, found))


def _draw_kind(
    kind: Waiting, items: tuple[WaitingDelivery, ...], found: Deliveries, place: Place, permission: Permission
) -> None:
    """Draw everything of a kind that waits: why and the next step once, and the acts for each."""
    total = found.totals[kind.id]
    with st.container(border=True, key=MEMORY.key(f"waits {kind.id}"), gap="small"):
        st.markdown(
            f"**{kind.title}**{f' · {total:,}' if total > 1 else ''}  \n{kind.why}  \n**Next:** {kind.next_step}"
        )
        if kind.command:
            st.code(kind.command, language=None)
        for item in items[:SHOWN]:
            st.markdown(_write_item(item))
            ACTS.draw(_make_subject(kind, item), place, permission)
        if total > SHOWN:
            st.caption(f"The oldest {SHOWN} of {total:,}. `python -m lab deliveries` shows more.")


def _make_subject(kind: Waiting, item: WaitingDelivery) -> Subject:
    """Return what the acts are offered for; the name of an environment that was never opened is typed."""
    asks = None if item.id else ("Environment", "production")
    return Subject(name=f"{kind.id} {item.id}", acts=kind.acts, id_for=lambda _: item.id or "", asks=asks)


def _write_item(item: WaitingDelivery) -> str:
    """Write what one thing is about, and what support does for a job of its channel; nothing names a person."""
    parts = [f"**{_name_subject(item)}**"] if item.id else []
    parts += [f"{item.leg} leg"] if item.leg else []
    parts += [f"{item.jobs:,} job{'s' * (item.jobs != 1)}"] if item.jobs else []
    parts += [f"since {item.since:%Y-%m-%d %H:%M}"] if item.since else []
    parts += [f"{item.attempts} attempts"] if item.attempts and item.attempts > 1 else []
    parts += [name(item.detail)] if item.detail else []
    return f"{' · '.join(parts)}{_write_support(item)}"


def _write_support(item: WaitingDelivery) -> str:
    if not item.leg or not item.channel:
        return ""
    told = f"{SUPPORT[item.channel]} " if item.waiting is dead_letter else ""
    return f"  \n:small[{told}Support: {name(PATHS[item.channel])}]"


def _name_subject(item: WaitingDelivery) -> str:
    if item.leg:
        return f"Job {plain(str(item.id))} · {TITLES[str(item.channel)]}"
    return plain(TITLES.get(str(item.id), str(item.id)))


def _draw_stop(place: Place, permission: Permission) -> None:
    """Offer to stop a channel, or all of them."""
    if not permission.allowed:
        return
    with st.expander("Stop deliveries", icon=":material/pause_circle:"):
        channel = st.selectbox("Channel", TITLES, format_func=TITLES.__getitem__, key=MEMORY.key("stop"), width=320)
        subject = Subject(name=f"stop {channel}", acts=(stop,), id_for=lambda _: channel or ALL_CHANNELS)
        ACTS.draw(subject, place, permission)


def _draw_attempts(found: Deliveries) -> None:
    errors, count = frames.frame_errors(found), len(found.attempts)
    if not errors.empty:
        draw_table(MEMORY, "Error classes", errors, empty="")
        st.caption(f"Of the newest {count:,} attempts.")
    draw_table(
        MEMORY, "Newest attempts", frames.frame_attempts(found).head(ATTEMPTS), empty="No attempt has ended yet."
    )
    if count > ATTEMPTS:
        told = ", ".join(f"{number} {outcome.replace('_', ' ')}" for outcome, number in found.count_outcomes().items())
        st.caption(f"The newest {ATTEMPTS} of {count} that were read. Of these {count}: {told}.")
