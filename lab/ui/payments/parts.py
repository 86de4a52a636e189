"""The payments page's parts: inputs, what waits with its acts, and the lists."""

import os
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg
import streamlit as st

from lab.readiness.permission import Permission
from lab.readiness.reports.payments import PAYMENT_FORMS, FoundPayments
from lab.rules import RULES
from lab.rules.env import stripe_secret_key
from lab.rules.model import OperatorAct
from lab.services.billing.operate import carry_out, settle_again
from lab.services.billing.overview import LISTS, Payments, WaitingItem, count_waiting, read_payments
from lab.services.billing.settings import find_key
from lab.ui.kit.acts import Acts, Subject
from lab.ui.kit.alone import draw_alone
from lab.ui.kit.background import Run
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import name, plain
from lab.ui.kit.parts import draw_export
from lab.ui.kit.tables import draw_table
from lab.ui.kit.targets import Place, check_permission
from lab.ui.kit.titles import LAYER_TITLES
from lab.ui.kit.url import Field
from lab.ui.navigation import PAYMENTS
from lab.ui.payments import frames
from lab.ui.target_page import NOT_READ, TargetPage, read_once

EVERY = "every layer"
MEMORY = PAYMENTS.memory


FIELDS = (
    Field(name="layer", kind="layer", options=(EVERY, *LAYER_TITLES), default=EVERY),
    Field(name="show", kind="list", options=LISTS, default=LISTS[0]),
)
PAGE = TargetPage(PAYMENTS, read_once(read_payments), "Read payments", FIELDS, "Read-only.")


def _work(connection: psycopg.Connection[Any], act: OperatorAct, id: str, _: str | None) -> bool:
    return _settle(connection, id) if act.function is None else carry_out(connection, act, id)


def _settle(connection: psycopg.Connection[Any], id: str) -> bool:
    from lab.services.billing.stripe_key import explaining_stripe, open_client  # no other act waits for it

    client = open_client(*find_key(os.environ))
    with explaining_stripe():
        return settle_again(client, connection, id)


ACTS = Acts(MEMORY, _work, PAGE.start)


def draw_filters() -> None:
    """Draw the choice of a layer."""
    st.selectbox(
        "Layer", (EVERY, *LAYER_TITLES), format_func=lambda id: LAYER_TITLES.get(id, "Every layer"),
        key=MEMORY.key("layer"), help="Filters purchases and prices.",
    )  # fmt: skip


def draw_payments(place: Place | None, permission: Permission) -> None:
    """Draw what was read of a target: what waits first, then the list that was chosen."""
    if not place:
        return
    done = PAGE.runs.find_done(place.name)
    shows = PAGE.draw_state(place, permission, known=done is not None, hint=NOT_READ)
    found = done.result if done and shows else None
    if found:
        minutes = int((datetime.now(UTC) - found.read_at).total_seconds() // 60)
        age = f"{minutes} min ago" if minutes else "now"
        st.caption(f"{plain(place.name)}, read at {found.read_at:%H:%M} UTC, {age}")
        ACTS.draw_said()
        _draw_waiting(found, place, permission)
    stands = partial(_stands, place.name, done, permission)
    draw_alone(MEMORY, PAGE.list_fields(permission), partial(_draw_lists, found), stands)


def _stands(target: str, done: Run[Payments] | None, permission: Permission) -> bool:
    """Tell whether no newer reading of a target is there, and the visitor may still see it."""
    return PAGE.runs.find_done(target) is done and check_permission() == permission


def _draw_lists(found: Payments | None) -> None:
    """Draw the choice of a list, and that list."""
    # Drawn in every state of the page, because Streamlit forgets the value of a widget that is not drawn.
    picked = st.segmented_control(
        "List", LISTS, format_func=str.capitalize, key=MEMORY.key("show"), required=True,
        label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    if found:
        _draw_list(found, picked or LISTS[0])


def _draw_waiting(found: Payments, place: Place, permission: Permission) -> None:
    if found.waiting is None:
        st.warning(f"What waits is unknown. {plain(found.unread['waiting'])}", icon=":material/help:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### {count_waiting(len(found.waiting))}", width="stretch")
        draw_export(MEMORY, "payments", PAYMENT_FORMS, FoundPayments(place.name, found))
    for item in found.waiting:
        _draw_item(item, place, permission)


def _draw_item(item: WaitingItem, place: Place, permission: Permission) -> None:
    waiting = item.waiting
    with st.container(border=True, key=MEMORY.key(f"waits {item.id} {waiting.id}"), gap="small"):
        due = f" · due {item.due_at:%Y-%m-%d %H:%M}" if item.due_at else ""
        amount = f" · {plain(item.amount)}" if item.amount else ""
        st.markdown(
            f"**{waiting.title}** {badge('live' if item.livemode else 'test')}{amount}"
            f" · since {item.since:%Y-%m-%d %H:%M}{due}"
        )
        st.markdown(f"{waiting.why}  \n**Next:** {waiting.next_step}")
        st.caption(_write_ids(item))
        of = f"{waiting.id} {item.id}"
        subject = Subject(name=of, acts=waiting.acts, id_for=item.subject_of, closed=explain_closed)
        ACTS.draw(subject, place, permission, partial(_draw_beside, item, place))


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
    draw_table(MEMORY, kind.capitalize(), frame, empty=frames.EMPTY[kind])
    if rest := frames.describe_rest(kind, found.lists[kind]):
        st.caption(rest)
    if kind == "links":
        offers = [offer for offer in RULES.offers if layer in (EVERY, offer.layer.id)]
        draw_table(MEMORY, "Offers by the rules", frames.frame_offers(offers), empty="No offer for this layer.")


def _draw_beside(item: WaitingItem, place: Place) -> None:
    if item.waiting.acts and all(map(explain_closed, item.waiting.acts)):
        st.caption(explain_closed(item.waiting.acts[0]))
    if item.payment_id and not place.made_up:
        st.link_button("Open in Stripe", write_address(item), icon=":material/open_in_new:", type="tertiary")


def explain_closed(act: OperatorAct) -> str:
    """Say why an act cannot be carried out here; empty when it can."""
    if act.function is None and not find_key(os.environ)[0]:
        return f"Stripe cannot be asked here: {stripe_secret_key.id} is missing in the app's environment."
    return ""


def write_address(item: WaitingItem) -> str:
    """Return the address of an item's payment in Stripe's dashboard.

    Source: https://docs.stripe.com/dashboard/basics (test data has addresses of its own).
    """
    return f"https://dashboard.stripe.com/{'' if item.livemode else 'test/'}payments/{item.payment_id}"
