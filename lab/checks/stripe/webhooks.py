"""Checks the webhook endpoints at Stripe: they lead to the site, are enabled, and send what purchases need."""

from collections import Counter
from collections.abc import Iterator

import stripe

from lab.checks.criterion import make_finding
from lab.checks.finding import Finding, Unknown
from lab.checks.stripe.reader import Account, read_list
from lab.rules.criteria.stripe import webhook_disabled, webhook_events, webhook_missing, webhook_twice, webhook_version
from lab.services.billing.stripe_client import Thing
from lab.text.urls import find_host

# A checkout is paid when it is completed, or later.
PAYMENT_TYPES = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
# The events that purchases need: paid, paid later, failed later, expired, refunded, disputed.
# Source: docs.stripe.com/checkout/fulfillment; changelog 2024-10-28 on refund events.
EVENT_TYPES = (
    *PAYMENT_TYPES,
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
)


def check_webhooks(account: Account) -> Iterator[Finding | Unknown]:
    """Compare the endpoints with the site's address and with the events that purchases depend on."""
    endpoints, left = read_list(account, account.client.v1.webhook_endpoints, "Further webhook endpoints.")
    yield from left
    host = find_host(account.site_url or "")
    if host is None:
        yield Unknown(what="Whether Stripe sends its events to the site.", why="The site's address is not known.")
        return
    live = account.mode == "live"
    # An endpoint with an application gets events of connected accounts.
    mine = [endpoint for endpoint in endpoints if endpoint.get("livemode") is live and not endpoint.get("application")]
    ours = [endpoint for endpoint in mine if _is_same_site(find_host(str(endpoint.get("url"))), host)]
    enabled = [endpoint for endpoint in ours if endpoint.get("status") == "enabled"]
    if not ours and (elsewhere := [endpoint for endpoint in mine if _may_be_ours(endpoint)]):
        why = f"None leads to {host}; {len(elsewhere)} to another host send these events. Find out whose it is."
        yield Unknown(what="Whether Stripe sends its events to the site.", why=why)
    elif not ours:
        yield make_finding(webhook_missing, host, f"none of {len(mine)} endpoints leads to it")
    elif not enabled:
        yield make_finding(webhook_disabled, host, f"{len(ours)} disabled, none enabled")
    else:
        yield from _check_enabled(host, enabled)


def _is_same_site(host: str | None, site: str) -> bool:
    """Tell whether a host is the site's, with or without www, or a subdomain of it, such as api."""
    bare = site.removeprefix("www.")
    return host is not None and (host.removeprefix("www.") == bare or host.endswith(f".{bare}"))


def _may_be_ours(endpoint: Thing) -> bool:
    """Tell whether an endpoint of another host, such as a server function's, gets events of payments."""
    return endpoint.get("status") == "enabled" and bool(
        {"*", PAYMENT_TYPES[0]} & set(endpoint.get("enabled_events") or [])
    )


def _check_enabled(host: str, enabled: list[Thing]) -> Iterator[Finding]:
    addresses = Counter(str(endpoint.get("url")).rstrip("/") for endpoint in enabled)
    if twice := sum(count for count in addresses.values() if count > 1):
        yield make_finding(webhook_twice, host, f"{twice} endpoints with the same address")
    sent = {name for endpoint in enabled for name in endpoint.get("enabled_events") or []}
    missing = [] if "*" in sent else [name for name in EVENT_TYPES if name not in sent]
    if missing:
        yield make_finding(webhook_events, host, f"not sent: {', '.join(missing)}")
    versions = {str(endpoint.get("api_version") or "the account's default") for endpoint in enabled}
    if others := sorted(versions - {stripe.api_version}):
        yield make_finding(webhook_version, host, f"{', '.join(others)} instead of {stripe.api_version}")
