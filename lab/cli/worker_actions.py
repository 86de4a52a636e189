"""What `lab worker` does: run the scheduled tasks and the deliveries, and tell how each ended."""

import argparse
import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, say_json, tell
from lab.database.connect import open_target, resolve_url
from lab.rules import RULES
from lab.rules.env import stripe_secret_key
from lab.rules.model import ScheduledTask
from lab.services.billing.stripe_client import key_mode
from lab.services.billing.stripe_key import open_client
from lab.services.delivery.drain import Delivery, deliver_once, run_deliveries
from lab.services.delivery.handle import Handled
from lab.services.delivery.settings import find_missing, read_settings
from lab.services.documents import Renderer
from lab.services.files import Store, StoreFault, open_store
from lab.services.worker import Ran, Site, Stop, Worker, name_worker, run_once, run_worker, stopping_on_signals
from lab.text.product_files import home_folder

Tasks = tuple[ScheduledTask, ...]


def act(options: argparse.Namespace) -> int:
    """Run what is due once, or until a signal.

    Raises:
        StripeUnavailable: The key or the address of Stripe cannot be used.
        DatabaseUnavailable: With --once, the database cannot be reached.
        WorkerUnusable: A worker cannot run in this database.
        NotDone: A variable that deliveries need is missing.
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
        lines = _Lines(as_json=options.json)
        with _open_delivery(options, site, stop, lines) as delivery:
            if options.once:
                return _act_once(site, able, wanted, stop, delivery, lines)
            return _go_on(site, able, stop, delivery, lines)


@dataclass(frozen=True, kw_only=True)
class _Lines:
    """Tells how each attempt of a delivery ended, as it ends or at the end.

    Args:
        as_json: True for JSON.
        handled: What ended, in order.
    """

    as_json: bool
    handled: list[Handled] = field(default_factory=list)

    def keep(self, done: Handled) -> None:
        """Keep it for the end."""
        self.handled.append(done)

    def tell(self, done: Handled) -> None:
        """Tell it now."""
        if self.as_json:
            say_json(_write_job(done), None)
        else:
            say(_describe_job(done))


@contextlib.contextmanager
def _open_delivery(options: argparse.Namespace, site: Site, stop: Stop, lines: _Lines) -> Iterator[Delivery | None]:
    """Open what deliveries work with; None without an environment.

    Raises:
        NotDone: A variable is missing.
    """
    if options.environment is None:
        if options.files is not None:
            raise NotDone("--files", "Nothing is delivered without an environment", "Add --environment")
        yield None
        return
    if missing := find_missing(os.environ):
        raise NotDone("Deliveries", f"{', '.join(missing)} is not set", "Set it, or leave --environment out")
    settings = read_settings(os.environ)
    with Renderer() as renderer:
        opened = settings.open_site(
            site.url,
            worker=site.worker,
            environment=options.environment,
            store=_open_store(options.files or home_folder() / "files"),
            renderer=renderer,
        )
        report = lines.keep if options.once else lines.tell
        yield Delivery(site=opened, stop=stop, report=report, tell=tell)


def _open_store(folder: Path) -> Store:
    """Open the store of files, and refuse one that strangers can read.

    Raises:
        StoreUnknown: FILE_STORE_URL has another form.
        NotDone: Strangers can read it.
    """
    store = open_store(os.environ, folder)
    try:
        store.check()
    except StoreFault as fault:
        if fault.code == "store.public":
            found = "Others can read what is kept there (store.public)"
            raise NotDone("The store of files", found, "Make its bucket or folder private") from None
        tell(f"warning: The store of files does not work yet ({fault.code}). Jobs with a file are tried again later.")
    return store


def _act_once(site: Site, able: Tasks, wanted: Tasks, stop: Stop, delivery: Delivery | None, lines: _Lines) -> int:
    ran = run_once(site, able, stop, tell)
    if delivery:
        deliver_once(delivery)
    if lines.as_json:
        left = [task.id for task in wanted if task not in able]
        jobs = {"jobs": [_write_job(one) for one in lines.handled]} if delivery else {}
        say_json({"worker": site.worker, "runs": [_write(one) for one in ran], "not_run": left} | jobs, None)
    else:
        for line in (*map(_describe, ran), *map(_describe_job, lines.handled)):
            say(line)
        if not ran and not lines.handled:
            say("Nothing was due.")
    failed = any(one.outcome == "failed" for one in ran) or any(
        one.code or one.state in ("dead", "fenced") for one in lines.handled
    )
    return FINDINGS if len(able) < len(wanted) or failed else HOLDS


def _go_on(site: Site, able: Tasks, stop: Stop, delivery: Delivery | None, lines: _Lines) -> int:
    """Run until a signal; a run that had nothing to do gets no line."""

    def report(ran: Ran) -> None:
        if lines.as_json:
            say_json(_write(ran), None)
        elif ran.summary or ran.outcome != "done":
            say(_describe(ran))

    others = (partial(run_deliveries, delivery),) if delivery else ()
    names = (*(task.id for task in able), *(["deliveries"] if delivery else []))
    tell(f"{site.worker} runs {', '.join(names) or 'nothing'}")
    run_worker(Worker(site=site, stop=stop, report=report, tell=tell), able, *others)
    tell(f"{site.worker} has stopped")
    return HOLDS if names else FINDINGS


def _write(ran: Ran) -> Mapping[str, object]:
    return {"task": ran.task.id, "outcome": ran.outcome, "error_class": ran.error_class, "summary": ran.summary}


def _describe(ran: Ran) -> str:
    error = f" ({ran.error_class})" if ran.error_class else ""
    return f"{ran.task.id}: {ran.outcome}{error}{f', {ran.summary}' if ran.summary else ''}"


def _write_job(done: Handled) -> Mapping[str, object]:
    job = done.job
    return {"job": job.id, "channel": job.channel, "leg": job.leg, "state": done.state, "error_class": done.code}


def _describe_job(done: Handled) -> str:
    return f"job {done.job.id} ({done.job.channel}): {done.state}{f' ({done.code})' if done.code else ''}"
