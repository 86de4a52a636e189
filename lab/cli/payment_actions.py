"""What `lab payments` does: show what waits and the newest rows, and carry out an act."""

import argparse
import os

from lab.cli.acts import read_act_form, say_effect, say_outcome
from lab.cli.files import hand_out
from lab.cli.outcome import FINDINGS, HOLDS, NotDone, tell
from lab.database.connect import connect, open_target, resolve_url
from lab.readiness.reports.payments import PAYMENT_FORMS, FoundPayments
from lab.rules.env import stripe_secret_key
from lab.rules.model import OperatorAct
from lab.services.billing.operate import carry_out, settle_again
from lab.services.billing.overview import read_payments


def show(options: argparse.Namespace) -> int:
    """Print what waits, or the rows of one kind; returns 1 while something waits.

    Raises:
        NotDone: An id was given, or the part could not be read.
    """
    if options.id or options.apply:
        raise NotDone(options.what, "an id and --apply belong to an act", "Name the act first, such as replay")
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    found = read_payments(target.url, most=options.most)
    if reason := found.unread.get(options.what):
        raise NotDone(options.what, f"could not be read. {reason}")
    hand_out(FoundPayments(target.name, found, options.what), PAYMENT_FORMS, options)
    return FINDINGS if options.what == "waiting" and found.waiting else HOLDS


def carry(options: argparse.Namespace, act: OperatorAct) -> int:
    """Carry out an act, or say what it would do.

    Raises:
        NotDone: No id was given, it is none, or Stripe cannot be asked.
        psycopg.Error: The database refused it, or cannot be reached.
    """
    if not options.id:
        raise NotDone(f"payments {act.id}", "needs the id of what it is for", "`python -m lab payments` shows the ids")
    as_json = read_act_form(options)
    if not options.apply:
        return say_effect(act, options.id)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    changed = _settle(options, target.url) if act.function is None else _decide(act, options.id, target.url)
    return say_outcome(act, options.id, changed=changed, as_json=as_json)


def _decide(act: OperatorAct, id: str, url: str) -> bool:
    with connect(url) as connection:
        return carry_out(connection, act, id)


def _settle(options: argparse.Namespace, url: str) -> bool:
    from lab.services.billing.stripe_key import explaining_stripe, open_client  # acts in the database need no client

    client = open_client(os.environ.get(stripe_secret_key.id, "").strip(), options.api_base)
    with explaining_stripe(), connect(url) as connection:
        return settle_again(client, connection, options.id)
