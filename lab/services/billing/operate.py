"""The acts of operators: decide a review, replay an event, settle a payment by what Stripe says now."""

import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from lab.rules.forms import STRIPE_EVENT, STRIPE_SESSION
from lab.rules.model import OperatorAct
from lab.rules.roles import oracle_operator
from lab.rules.waiting import settle
from lab.services.acting import acting_as, acting_as_server
from lab.text.errors import LabError
from lab.text.escape import show_line

if TYPE_CHECKING:
    import stripe


_FORMS = {"uuid": r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", "event": STRIPE_EVENT, "session": STRIPE_SESSION}


class UnknownSubject(LabError):
    """An act was given something that is no id of what it is for."""


def check_subject(act: OperatorAct, id: str) -> None:
    """Refuse an id that cannot be one of what the act is for.

    Raises:
        UnknownSubject: It has another form; the next step names the form.
    """
    kind = "session" if act.function is None else "uuid" if act.decision else "event"
    if not re.fullmatch(_FORMS[kind], id):
        form = {"uuid": "a review", "event": "an event, evt_…", "session": "a checkout session, cs_…"}[kind]
        raise UnknownSubject(f"payments {act.id}", f"{show_line(id, 80)} is no id of {form}", _NEXT)


_NEXT = "`python -m lab payments` shows the ids"


def carry_out(connection: psycopg.Connection[Any], act: OperatorAct, id: str) -> bool:
    """Carry out an act in the database, with the rights of an operator; a second call changes nothing.

    Args:
        connection: A connection without an open transaction, whose login may act as an operator.
        act: One with a function.
        id: What it is done to.

    Returns:
        Whether something was changed.

    Raises:
        UnknownSubject: The id cannot be one.
        psycopg.Error: The database refused it, or cannot be reached. Nothing was changed.
    """
    check_subject(act, id)
    if act.function is None:
        raise UnknownSubject(act.id, "is not an act of the database alone")
    given = [id, *([act.decision] if act.decision else [])]
    with acting_as(connection, oracle_operator.id):
        call = f"select {act.function.qualified}({', '.join(['%s'] * len(given))})"
        row = connection.execute(call.encode(), given).fetchone()
        return bool(row and row[0])


def settle_again(client: "stripe.StripeClient", connection: psycopg.Connection[Any], session_id: str) -> bool:
    """Ask Stripe for a checkout session, settle its purchase by the answer, and write that into the audit trail.

    Args:
        client: The official client, with a key of the session's mode.
        connection: A connection without an open transaction, whose login may act as the site's server.
        session_id: Stripe's id of the session.

    Returns:
        Whether the purchase is in another state than before.

    Raises:
        UnknownSubject: The id is none of a checkout session.
        stripe.StripeError: Stripe cannot be asked, or has no such session in this mode.
        psycopg.Error: The database cannot be reached, or does not take what Stripe says. Nothing was changed.
    """
    check_subject(settle, session_id)
    from lab.services.billing.fulfil import fulfil  # acts in the database do not wait for Stripe's client

    before = _read_state(connection, session_id)
    outcome = fulfil(client, connection, session_id)
    with acting_as_server(connection):
        note = "select public.record_audit_event('operator', 'payment.retried', 'purchases', %s, 'done', %s)"
        connection.execute(note, [session_id, Jsonb({"outcome": outcome})])
    return _read_state(connection, session_id) != before


def _read_state(connection: psycopg.Connection[Any], session_id: str) -> tuple[Any, ...] | None:
    state = (
        "select p.status, p.unlocked_at is null, p.amount_refunded_minor"
        " from public.purchases p where p.checkout_session_id = %s"
    )
    with acting_as_server(connection):
        return connection.execute(state, [session_id]).fetchone()
