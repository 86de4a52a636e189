"""The acts on the payments page: each is confirmed first, carried out once, and answered with a sentence."""

import os
from collections.abc import Callable

import psycopg
import streamlit as st

from lab.database.connect import DatabaseUnavailable, connect
from lab.database.failures import say_refusal
from lab.readiness.permission import Permission
from lab.rules.env import stripe_secret_key
from lab.rules.model import OperatorAct
from lab.services.billing.operate import carry_out, settle_again
from lab.services.billing.overview import WaitingItem
from lab.services.billing.settings import find_key
from lab.text.errors import LabError
from lab.ui.kit.markdown import plain
from lab.ui.kit.targets import Place, check_permission
from lab.ui.navigation import PAYMENTS

MEMORY = PAYMENTS.memory
STATEMENT_SECONDS = 10.0


def draw_said() -> None:
    """Draw what the last act came to, once."""
    said, went_well = MEMORY.get("said", ("", True))
    MEMORY["said"] = ("", True)
    if said:
        (st.success if went_well else st.error)(said, icon=":material/check:" if went_well else ":material/error:")


def draw_acts(item: WaitingItem, place: Place, permission: Permission, after: Callable[[], None]) -> None:
    """Draw the acts on something that waits, or the confirmation of the one that was chosen.

    Args:
        item: What waits.
        place: Where it waits.
        permission: Who may operate; nobody else gets a button.
        after: Reads the target again.
    """
    if not permission.allowed:
        st.caption(f"Acts are closed. {plain(permission.reason)}")
        return
    asked: tuple[str, str] | None = MEMORY.get("asked")
    chosen = next((act for act in item.waiting.acts if asked == (_name(item), act.id)), None)
    if chosen:
        _draw_confirmation(item, chosen, place, after)
        return
    with st.container(horizontal=True):
        for act in item.waiting.acts:
            closed = explain_closed(act)
            st.button(
                act.title, key=MEMORY.key(f"{act.id} {_name(item)}"), on_click=_ask, args=(item, act),
                disabled=bool(closed), help=closed or act.effect,
            )  # fmt: skip
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


def _name(item: WaitingItem) -> str:
    return f"{item.waiting.id} {item.id}"


def _ask(item: WaitingItem, act: OperatorAct) -> None:
    MEMORY["asked"] = (_name(item), act.id)


def _forget() -> None:
    MEMORY["asked"] = None


def _draw_confirmation(item: WaitingItem, act: OperatorAct, place: Place, after: Callable[[], None]) -> None:
    st.markdown(f"**{act.title}?** {act.effect} The audit trail records it.")
    name = f"{act.id} {_name(item)}"
    with st.container(horizontal=True):
        st.button(
            f"Yes, {act.title[0].lower()}{act.title[1:]}", type="primary", key=MEMORY.key(f"yes {name}"),
            on_click=_confirm, args=(item, act, place, after),
        )  # fmt: skip
        st.button("Cancel", key=MEMORY.key(f"no {name}"), on_click=_forget)


def _confirm(item: WaitingItem, act: OperatorAct, place: Place, after: Callable[[], None]) -> None:
    """Carry out the act that was asked about, once, if this visitor still may; for callbacks.

    The second click of a double click finds nothing asked.
    """
    if MEMORY.get("asked") != (_name(item), act.id) or not check_permission().allowed:
        return
    _forget()
    MEMORY["said"] = perform(place.url, act, item.subject_of(act))
    after()


def perform(url: str, act: OperatorAct, id: str) -> tuple[str, bool]:
    """Carry out an act; return what it came to for people, and whether it went well. Raises nothing of the database."""
    try:
        with connect(url, statement_timeout_seconds=STATEMENT_SECONDS) as connection:
            changed = _settle(connection, id) if act.function is None else carry_out(connection, act, id)
    except DatabaseUnavailable as error:
        return f"Nothing was changed. {error.found}", False
    except LabError as error:
        return f"Nothing was changed. {plain(str(error))}", False
    except psycopg.Error as error:
        return f"Nothing was changed: {plain(say_refusal(error))}.", False
    return act.done if changed else act.repeated, True


def _settle(connection: psycopg.Connection[object], id: str) -> bool:
    from lab.services.billing.stripe_key import explaining_stripe, open_client  # no other act waits for it

    client = open_client(*find_key(os.environ))
    with explaining_stripe():
        return settle_again(client, connection, id)
