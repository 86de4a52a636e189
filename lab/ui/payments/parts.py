"""The payments page's parts: inputs, what waits with its acts, and the lists."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from lab.readiness.permission import Permission
from lab.readiness.targets import EMBEDDED
from lab.rules import RULES
from lab.services.billing.overview import LISTS, Payments, WaitingItem, count_waiting, read_payments
from lab.ui.kit.alone import draw_alone
from lab.ui.kit.background import Run, Runs
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import name, plain
from lab.ui.kit.progress import draw_run, draw_run_button, start_first
from lab.ui.kit.strip import draw_strip
from lab.ui.kit.tables import draw_table
from lab.ui.kit.targets import Place, check_permission, draw_target, find_picked, offer_targets
from lab.ui.kit.url import Field
from lab.ui.navigation import PAYMENTS
from lab.ui.payments import acts, frames

EVERY = "every layer"
MEMORY = PAYMENTS.memory
HINT = "Not read on this target yet. Read it: nothing is changed."
STEPS = [("read", "Read what operators may see")]


@st.cache_resource(show_spinner=False)
def open_readings() -> Runs[Payments]:
    """Open this server's readings of payments."""
    return Runs()


def make_fields(targets: Sequence[str]) -> tuple[Field, ...]:
    """Return the choices that the page's address holds."""
    return (
        Field(name="target", kind="target", options=tuple(targets), default=EMBEDDED, leads=True),
        Field(name="layer", kind="layer", options=(EVERY, *frames.LAYERS), default=EVERY),
        Field(name="show", kind="list", options=LISTS, default=LISTS[0]),
    )


def draw_inputs(targets: tuple[str, ...], permission: Permission) -> str:
    """Draw the choice of a target and of a layer, and the button that reads; return the target's name."""
    target = draw_target(MEMORY, targets, permission)
    st.selectbox(
        "Layer", (EVERY, *frames.LAYERS), format_func=lambda id: frames.LAYERS.get(id, "Every layer"),
        key=MEMORY.key("layer"), help="Filters purchases and prices.",
    )  # fmt: skip
    draw_run_button("Read payments", start_reading, target, permission, open_readings(), "Read-only.")
    return target


def start_reading() -> None:
    """Read a target's payments, if this visitor may; for callbacks."""
    if place := find_picked(MEMORY, check_permission()):
        MEMORY.forgive_address()
        open_readings().start(make_reading(place))


def make_reading(place: Place) -> Run[Payments]:
    """Return the reading of a target that can be started."""

    def work(run: Run[Payments]) -> Payments:
        with run.step("read"):
            return read_payments(place.url)

    return Run(place.name, STEPS, work)


def draw_payments(place: Place, permission: Permission) -> None:
    """Draw what was read of a target: what waits first, then the list that was chosen."""
    runs = open_readings()
    start_first(place, runs, lambda: make_reading(place))
    done = runs.find_done(place.name)
    draw_strip(place, permission)
    shows = draw_run(place, runs, known=done is not None, invitation=HINT)
    found = done.result if done and shows else None
    if found:
        st.caption(f"{plain(place.name)}, read {_say_age(found.read_at, datetime.now(UTC))}")
        acts.ACTS.draw_said()
        _draw_waiting(found, place, permission)
    stands = partial(_stands, place.name, done, permission)
    draw_alone(MEMORY, make_fields(offer_targets(permission)), partial(_draw_lists, found), stands)


def _stands(target: str, done: Run[Payments] | None, permission: Permission) -> bool:
    """Tell whether no newer reading of a target is there, and the visitor may still see it."""
    return open_readings().find_done(target) is done and check_permission() == permission


def _draw_lists(found: Payments | None) -> None:
    """Draw the choice of a list, and that list."""
    # Drawn in every state of the page, because Streamlit forgets the value of a widget that is not drawn.
    picked = st.segmented_control(
        "List", LISTS, format_func=str.capitalize, key=MEMORY.key("show"), required=True,
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    if found:
        _draw_list(found, picked or LISTS[0])


def _say_age(moment: datetime, now: datetime) -> str:
    minutes = int((now - moment).total_seconds() // 60)
    return f"at {moment:%H:%M} UTC, {f'{minutes} min ago' if minutes else 'now'}"


def _draw_waiting(found: Payments, place: Place, permission: Permission) -> None:
    if found.waiting is None:
        st.warning(f"What waits is unknown. {plain(found.unread['waiting'])}", icon=":material/help:")
        return
    st.markdown(f"### {count_waiting(len(found.waiting))}")
    for item in found.waiting:
        _draw_item(item, place, permission)


def _draw_item(item: WaitingItem, place: Place, permission: Permission) -> None:
    waiting = item.waiting
    with st.container(border=True, key=MEMORY.key(f"waits {item.id} {waiting.id}"), gap="small"):
        due = f" · due {frames.write_time(item.due_at)}" if item.due_at else ""
        amount = f" · {plain(item.amount)}" if item.amount else ""
        st.markdown(
            f"**{waiting.title}** {badge('live' if item.livemode else 'test')}{amount}"
            f" · since {frames.write_time(item.since)}{due}"
        )
        st.markdown(f"{waiting.why}  \n**Next:** {waiting.next_step}")
        st.caption(_write_ids(item))
        acts.draw_acts(item, place, permission, start_reading)


def _write_ids(item: WaitingItem) -> str:
    """Write the ids of an item, each once; none of them names a person."""
    parts = {"": item.id, "purchase": item.purchase_id, "session": item.session_id, "code": item.detail}
    told = {word: str(value) for word, value in parts.items() if value}
    return " · ".join(f"{word} {name(value)}".strip() for word, value in told.items() if not word or value != told[""])


def _draw_list(found: Payments, kind: str) -> None:
    if kind not in found.lists:
        st.warning(f"{kind.capitalize()} are unknown. {plain(found.unread[kind])}", icon=":material/help:")
        return
    layer = str(MEMORY["layer"])
    frame = frames.frame_rows(kind, found.lists[kind], None if layer == EVERY else layer)
    draw_table(MEMORY, kind.capitalize(), frame, empty=frames.VIEWS[kind].empty)
    if rest := frames.describe_rest(kind, found.lists[kind]):
        st.caption(rest)
    if kind == "links":
        _draw_offers(layer)


def _draw_offers(layer: str) -> None:
    """Name the offers of the rules, which `lab stripe sync` connects."""
    offers = [offer for offer in RULES.offers if layer in (EVERY, offer.layer.id)]
    draw_table(MEMORY, "Offers by the rules", frames.frame_offers(offers), empty="No offer for this layer.")
