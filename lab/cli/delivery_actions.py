"""What `lab deliveries` does: show the queue and what waits, and carry out an act."""

import argparse
import os

from lab.cli.acts import read_act_form, say_effect, say_outcome
from lab.cli.files import TEXT, hand_out
from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, tell
from lab.database.connect import connect, open_target, resolve_url
from lab.readiness.reports.deliveries import DELIVERY_FORMS, FoundDeliveries
from lab.rules.model import OperatorAct
from lab.services.delivery.metrics import write_metrics
from lab.services.delivery.operate import carry_out, check_given
from lab.services.delivery.overview import read_deliveries
from lab.services.delivery.summary import answer


def show(options: argparse.Namespace) -> int:
    """Print the overview; returns 1 while something waits, or could not be read.

    Raises:
        NotDone: Something was given that belongs to an act, or two forms were asked for.
    """
    if options.id or options.apply or options.reason:
        raise NotDone("deliveries", "an id, --reason and --apply belong to an act", "Name the act first, such as retry")
    if options.metrics and (options.format != TEXT or options.write):
        raise NotDone("deliveries", f"--{_name_form(options)} and --metrics are two forms", "Choose one of them")
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    found = read_deliveries(target.url)
    if options.metrics:
        say(write_metrics(found).rstrip("\n"))
    else:
        hand_out(FoundDeliveries(target.name, found), DELIVERY_FORMS, options)
    return HOLDS if answer(found)[1] and not found.waiting else FINDINGS


def carry(options: argparse.Namespace, act: OperatorAct) -> int:
    """Carry out an act, or say what it would do.

    Raises:
        NotDone: No id was given, or a reason where none belongs.
        LabError: The id or the reason cannot be one, there is no such job, or its consents are missing.
        psycopg.Error: The database refused it, or cannot be reached.
    """
    name = f"deliveries {options.what}"
    if len(options.id) != 1:
        found = "needs one id" if options.id else "needs the id of what it is for"
        raise NotDone(name, found, "`python -m lab deliveries` shows the ids")
    (id,) = options.id
    if options.metrics or (options.reason and not act.reasons):
        raise NotDone(name, "--metrics and --reason do not belong to it", "Leave them out")
    check_given(act, id, options.reason)
    as_json = read_act_form(options)
    if not options.apply:
        return say_effect(act, id)
    target = open_target(resolve_url(options.database_url, os.environ), tell)
    with connect(target.url) as connection:
        changed = carry_out(connection, act, id, options.reason)
    return say_outcome(act, id, changed=changed, as_json=as_json)


def _name_form(options: argparse.Namespace) -> str:
    return "write" if options.write else "json" if options.format == "json" else "format"
