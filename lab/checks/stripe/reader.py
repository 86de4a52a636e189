"""Reads a Stripe account with the official client, and says what it means when Stripe does not answer."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
import stripe

from lab.checks.criterion import Criterion
from lab.checks.finding import Finding, Unknown
from lab.checks.stripe.criteria import key_refused
from lab.checks.stripe.records import PurchaseLink, PurchaseRecords
from lab.text.errors import LabError
from lab.text.secret_patterns import stripe_mode

Thing = dict[str, Any]
CONNECT_SECONDS, ANSWER_SECONDS, RETRIES = 3.0, 10.0, 2
DAY, QUARTER, HOUR = 86_400, 900, 3_600


@dataclass(frozen=True, kw_only=True)
class Account:
    """A Stripe account to look at, and what it is compared with.

    Args:
        client: The official client.
        mode: `test` or `live`, by the key's form.
        links: What the database connects with prices.
        records: Looks purchases and events up; None when there is no database to ask.
        site_url: The site's address; None when it is not known.
        now: Seconds since 1970.
        days: How far back checkouts and events are looked at; Stripe keeps events for 30.
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
        """Return the filter for what was created in the last so many days."""
        return {"gte": int(self.now) - days * DAY}


@dataclass(frozen=True)
class Question:
    """Something that is asked of Stripe, the permission that its key needs, and what the answer means."""

    what: str
    permission: str
    ask: Callable[[Account], Iterator[Finding | Unknown]]


class Unreachable(LabError):
    """Nothing more can be asked; says why."""


def open_stripe(key: str, base_addresses: Mapping[str, str] | None = None) -> stripe.StripeClient:
    """Open the official client with time limits and retries, both of which it lacks by itself.

    Source: stripe 16.1.0: a StripeClient makes one try and waits 80 seconds unless told otherwise.
    """
    addresses: Any = dict(base_addresses or {})
    limits = stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
    return stripe.StripeClient(key, max_network_retries=RETRIES, http_client=limits, base_addresses=addresses)


def key_mode(key: str) -> str | None:
    """Return `test` or `live`, None when the key is no server key of Stripe."""
    return None if key.startswith("pk_") else stripe_mode(key)


def plain(thing: Any) -> Thing:
    """Return a Stripe object as a plain dictionary, at the border of the client."""
    found: Thing = json.loads(str(thing))
    return found


def read_list(account: Account, service: Any, what: str, **query: Any) -> tuple[list[Thing], list[Unknown]]:
    """Read a list to its end, or to the most that is read, and say when that is not all.

    Args:
        account: The account.
        service: The client's service for what is listed.
        what: What is not looked at when there is more.
        query: Stripe's own filters.
    """
    page = service.list({"limit": 100, **query})
    things = [plain(thing) for thing in itertools.islice(page.auto_paging_iter(), account.most + 1)]
    left = Unknown(what=what, why=f"There are more than {account.most:,}; only the newest were read.")
    return things[: account.most], [left] if len(things) > account.most else []


def ask(account: Account, question: Question) -> list[Finding | Unknown]:
    """Ask one question; what Stripe or the database refuses becomes an Unknown that says why.

    Raises:
        Unreachable: Nothing more can be asked.
    """
    parts: list[Finding | Unknown] = []
    try:
        parts.extend(question.ask(account))
    except (stripe.AuthenticationError, stripe.APIConnectionError) as error:
        raise Unreachable(found=_explain(error, question)) from None
    except stripe.StripeError as error:
        parts.append(Unknown(what=question.what, why=_explain(error, question)))
    except psycopg.Error as error:
        why = f"The database could not be checked for its side: error {error.sqlstate or 'of a broken connection'}."
        parts.append(Unknown(what=question.what, why=why))
    return parts


def _explain(error: stripe.StripeError, question: Question) -> str:
    """Say why a question has no answer; Stripe's words are not passed on, as they quote the key."""
    if isinstance(error, stripe.AuthenticationError):
        return "Stripe refused the key."
    if isinstance(error, stripe.PermissionError):
        return f"The key may not read this: give it the permission “{question.permission}” in the Stripe dashboard."
    if isinstance(error, stripe.APIConnectionError):
        return "Stripe could not be reached, or did not answer in time. Check the network, and status.stripe.com."
    if isinstance(error, stripe.RateLimitError):
        return "Stripe asked for fewer questions at a time. Try again in a minute."
    if isinstance(error, stripe.InvalidRequestError):
        return f"Stripe did not understand the question ({_code(error)})."
    return f"Stripe answered with an error of its own ({error.http_status or 'no status'}). Try again later."


def _code(error: stripe.StripeError) -> str:
    return f"{error.http_status or 'no status'} {error.code or ''}".strip()


def is_missing(error: stripe.InvalidRequestError) -> bool:
    """Tell whether Stripe says that there is no such object in this account and mode."""
    return error.http_status == 404 or error.code == "resource_missing"


def refused(mode: str) -> Finding:
    """Return the finding that Stripe does not accept the key."""
    return key_refused.broken("STRIPE_SECRET_KEY", f"a {mode} key that Stripe refused")


def counted(criterion: Criterion, subject: str, offenders: Iterable[object], of: int, period: str) -> Iterator[Finding]:
    """Yield a finding that says how many, when there are any."""
    if count := len(list(offenders)):
        yield criterion.broken(subject, f"{count} of {of} {period}")
