"""Reads a Stripe account with the official client, and explains failures."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import stripe

from lab.checks.criterion import make_finding
from lab.checks.finding import Finding, Unknown
from lab.checks.stripe.records import PurchaseLink, PurchaseRecords
from lab.rules.criteria.stripe import key_refused
from lab.rules.model import Criterion
from lab.services.billing.stripe_client import Thing, plain
from lab.text.errors import LabError

DAY, QUARTER, HOUR = 86_400, 900, 3_600


@dataclass(frozen=True, kw_only=True)
class Account:
    """A Stripe account, and the side of the database that it is compared with.

    Args:
        client: The official client.
        mode: `test` or `live`, by the key's form.
        links: The database's links of prices.
        records: Looks purchases and events up; None without a database.
        site_url: The site's address; None when it is unknown.
        now: Seconds since 1970.
        days: How far back checkouts and events are read; Stripe keeps events for 30.
        most: How many objects of a kind are read at most.
        restricted: Whether the key is a restricted one.
    """

    client: stripe.StripeClient = field(repr=False)
    mode: str
    links: tuple[PurchaseLink, ...]
    records: PurchaseRecords | None
    site_url: str | None
    now: float
    days: int
    most: int
    restricted: bool

    def since(self, days: int) -> dict[str, int]:
        """Return the filter for objects of the last so many days."""
        return {"gte": int(self.now) - days * DAY}


@dataclass(frozen=True)
class Inspection:
    """One part of the check: its name, the permission that it needs, and the function that runs it."""

    what: str
    permission: str
    read: Callable[[Account], Iterator[Finding | Unknown]]


class Unreachable(LabError):
    """Stripe cannot be used any further; says why."""


def read_list(account: Account, service: Any, what: str, **query: Any) -> tuple[list[Thing], list[Unknown]]:
    """Read a list to its end, or up to `most` objects, and report when that is not all.

    Args:
        account: The account.
        service: The client's service for what is listed.
        what: The name of the rest, when there is more.
        query: Stripe's own filters.
    """
    page = service.list({"limit": 100, **query})
    things = [plain(thing) for thing in itertools.islice(page.auto_paging_iter(), account.most + 1)]
    left = Unknown(what=what, why=f"There are more than {account.most:,}; only the newest were read.")
    return things[: account.most], [left] if len(things) > account.most else []


def run_inspection(account: Account, inspection: Inspection) -> list[Finding | Unknown]:
    """Run one part; a refusal of Stripe or the database becomes an unknown with the reason.

    Raises:
        Unreachable: Stripe cannot be used any further.
    """
    parts: list[Finding | Unknown] = []
    try:
        parts.extend(inspection.read(account))
    except (stripe.AuthenticationError, stripe.APIConnectionError) as error:
        raise Unreachable(found=_explain(error, inspection)) from None
    except stripe.StripeError as error:
        parts.append(Unknown(what=inspection.what, why=_explain(error, inspection)))
    except psycopg.Error as error:
        why = f"The database could not be checked for its side: error {error.sqlstate or 'of a broken connection'}."
        parts.append(Unknown(what=inspection.what, why=why))
    return parts


def _explain(error: stripe.StripeError, inspection: Inspection) -> str:
    """Explain a failure; Stripe's words are not passed on, because they quote the key."""
    if isinstance(error, stripe.AuthenticationError):
        return "Stripe refused the key."
    if isinstance(error, stripe.PermissionError):
        return f"The key may not read this: give it the permission “{inspection.permission}” in the Stripe dashboard."
    if isinstance(error, stripe.APIConnectionError):
        return "Stripe could not be reached, or did not answer in time. Check the network, and status.stripe.com."
    if isinstance(error, stripe.RateLimitError):
        return "Stripe limits the rate of requests. Try again in a minute."
    if isinstance(error, stripe.InvalidRequestError):
        return f"Stripe did not accept the request ({_code(error)})."
    return f"Stripe answered with an error of its own ({error.http_status or 'no status'}). Try again later."


def _code(error: stripe.StripeError) -> str:
    return f"{error.http_status or 'no status'} {error.code or ''}".strip()


def refused(mode: str) -> Finding:
    """Return the finding that Stripe does not accept the key."""
    return make_finding(key_refused, "STRIPE_SECRET_KEY", f"a {mode} key that Stripe refused")


def counted(criterion: Criterion, subject: str, offenders: Iterable[object], of: int, period: str) -> Iterator[Finding]:
    """Yield a finding with the count of offending objects, if there are any."""
    if count := len(list(offenders)):
        yield make_finding(criterion, subject, f"{count} of {of} {period}")
