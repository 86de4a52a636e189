"""What `lab worker` does: run the scheduled tasks, and tell how each run ended."""

import argparse
import os
from collections.abc import Mapping

from lab.cli.outcome import FINDINGS, HOLDS, say, say_json, tell
from lab.database.connect import open_target, resolve_url
from lab.rules import RULES
from lab.rules.env import stripe_secret_key
from lab.rules.model import ScheduledTask
from lab.services.billing.stripe_client import key_mode
from lab.services.billing.stripe_key import open_client
from lab.services.worker import Ran, Site, Stop, Worker, name_worker, run_once, run_worker, stopping_on_signals

Tasks = tuple[ScheduledTask, ...]


def act(options: argparse.Namespace) -> int:
    """Run what is due once, or until a signal.

    Raises:
        StripeUnavailable: The key or the address of Stripe cannot be used.
        DatabaseUnavailable: With --once, the database cannot be reached.
        WorkerUnusable: A worker cannot run in this database.
    """
    key = os.environ.get(stripe_secret_key.id, "").strip()
    client = open_client(key, options.api_base) if key or options.api_base else None
    with stopping_on_signals() as stop:
        target = open_target(resolve_url(options.database_url, os.environ), tell)
        site = Site(url=target.url, worker=name_worker(), client=client, livemode=key_mode(key) == "live")
        wanted = tuple(task for task in RULES.schedule if not options.only or task.id in options.only)
        able = tuple(task for task in wanted if site.can_run(task))
        for task in wanted:
            if task not in able:
                tell(f"{task.id}: not run: {stripe_secret_key.id} is missing")
        if options.once:
            return _act_once(site, able, wanted, stop, as_json=options.json)
        return _go_on(site, able, stop, as_json=options.json)


def _act_once(site: Site, able: Tasks, wanted: Tasks, stop: Stop, *, as_json: bool) -> int:
    ran = run_once(site, able, stop, tell)
    if as_json:
        left = [task.id for task in wanted if task not in able]
        say_json({"worker": site.worker, "runs": [_write(one) for one in ran], "not_run": left}, None)
    else:
        for one in ran:
            say(_describe(one))
        if not ran:
            say("Nothing was due.")
    return FINDINGS if len(able) < len(wanted) or any(one.outcome == "failed" for one in ran) else HOLDS


def _go_on(site: Site, able: Tasks, stop: Stop, *, as_json: bool) -> int:
    """Run until a signal; a run that had nothing to do gets no line."""

    def report(ran: Ran) -> None:
        if as_json:
            say_json(_write(ran), None)
        elif ran.summary or ran.outcome != "done":
            say(_describe(ran))

    tell(f"{site.worker} runs {', '.join(task.id for task in able) or 'nothing'}")
    run_worker(Worker(site=site, stop=stop, report=report, tell=tell), able)
    tell(f"{site.worker} has stopped")
    return HOLDS if able else FINDINGS


def _write(ran: Ran) -> Mapping[str, object]:
    return {"task": ran.task.id, "outcome": ran.outcome, "error_class": ran.error_class, "summary": ran.summary}


def _describe(ran: Ran) -> str:
    error = f" ({ran.error_class})" if ran.error_class else ""
    return f"{ran.task.id}: {ran.outcome}{error}{f', {ran.summary}' if ran.summary else ''}"
