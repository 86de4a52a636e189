"""The acts on the payments page, and why some of them cannot be carried out here."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import streamlit as st

from lab.readiness.permission import Permission
from lab.rules.env import stripe_secret_key
from lab.rules.model import OperatorAct
from lab.services.billing.operate import carry_out, settle_again
from lab.services.billing.overview import WaitingItem
from lab.services.billing.settings import find_key
from lab.ui.kit.acts import Acts, Subject
from lab.ui.kit.targets import Place
from lab.ui.navigation import PAYMENTS


def _work(connection: psycopg.Connection[Any], act: OperatorAct, id: str, _: str | None) -> bool:
    return _settle(connection, id) if act.function is None else carry_out(connection, act, id)


def _settle(connection: psycopg.Connection[Any], id: str) -> bool:
    from lab.services.billing.stripe_key import explaining_stripe, open_client  # no other act waits for it

    client = open_client(*find_key(os.environ))
    with explaining_stripe():
        return settle_again(client, connection, id)


ACTS = Acts(PAYMENTS.memory, _work)


def draw_acts(item: WaitingItem, place: Place, permission: Permission, after: Callable[[], None]) -> None:
    """Draw the acts on something that waits, and the way to its payment at Stripe.

    Args:
        item: What waits.
        place: Where it waits.
        permission: Who may operate; nobody else gets a button.
        after: Reads the target again.
    """
    subject = Subject(
        name=f"{item.waiting.id} {item.id}",
        acts=item.waiting.acts,
        id_for=item.subject_of,
        closed=explain_closed,
    )
    ACTS.draw(subject, place, permission, after, partial(_draw_beside, item, place))


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
