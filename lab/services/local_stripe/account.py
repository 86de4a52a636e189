"""The account itself, its balance, its events and its webhook endpoints."""

from typing import get_args

import stripe

from lab.services.local_stripe.errors import ApiError, Thing, invalid_parameter, missing_object
from lab.services.local_stripe.operations import PAGE, Operation, in_span, listing, make_page, retrieve
from lab.services.local_stripe.parameters import Reader, flag, many, merge_metadata, metadata, moment, text
from lab.services.local_stripe.refunds import HELD
from lab.services.local_stripe.store import Event, Secret, Store

_EVENT_DAYS = 30  # source: docs.stripe.com/api/events
_MOST_TYPES = 20  # source: stripe 16.1.0, EventListParams
_MOST_ENDPOINTS = 16  # source: docs.stripe.com/webhooks
_TYPES = {"*", *get_args(stripe.Event.__annotations__["type"])}
_OVERLAP_SECONDS = 86_400.0
_ENDPOINT: dict[str, Reader] = {
    "url": text, "enabled_events": many(text, 300), "description": text, "metadata": metadata,
}  # fmt: skip


def _show_account(store: Store, params: Thing, id: str) -> Thing:
    requirements: Thing = {
        name: [] for name in ("alternatives", "currently_due", "errors", "eventually_due", "past_due")
    }
    return {
        "id": "acct_local_stripe", "object": "account", "business_type": "company", "charges_enabled": True,
        "country": "DE", "created": 0, "default_currency": "eur", "details_submitted": True, "email": None,
        "metadata": {}, "payouts_enabled": True, "type": "standard",
        "requirements": {**requirements, "current_deadline": None, "disabled_reason": None, "pending_verification": []},
        "settings": {"dashboard": {"display_name": "Local Stripe. No money moves.", "timezone": "Etc/UTC"}},
    }  # fmt: skip


def _show_balance(store: Store, params: Thing, id: str) -> Thing:
    """Return what was taken, less what went back or was disputed; there are no fees, and nothing is paid out."""
    sums: dict[str, int] = {"eur": 0}
    gone = [one for one in store.objects["refunds"].values() if one["status"] in HELD]
    gone += [one for one in store.objects["disputes"].values() if _has_taken(one)]
    for sign, name, things in ((1, "amount_captured", store.objects["charges"].values()), (-1, "amount", gone)):
        for one in things:
            sums[one["currency"]] = sums.get(one["currency"], 0) + sign * one[name]
    shown = [{"amount": amount, "currency": code, "source_types": {"card": amount}} for code, amount in sums.items()]
    nothing = [{"amount": 0, "currency": code, "source_types": {"card": 0}} for code in sums]
    return {"object": "balance", "available": shown, "livemode": False, "pending": nothing}


def _has_taken(dispute: Thing) -> bool:
    """Tell whether a dispute holds or has taken money; an inquiry does not."""
    return dispute["status"] != "won" and not dispute["status"].startswith("warning_")


def _recent(store: Store) -> list[Event]:
    """Return the events that Stripe still has, newest first."""
    oldest = store.now() - _EVENT_DAYS * 86_400
    return [event for event in reversed(store.events.values()) if event.created >= oldest]


def _list_events(store: Store, params: Thing, id: str) -> Thing:
    types = [*(params.get("types") or []), *([params["type"]] if params.get("type") else [])]
    if len(types) > _MOST_TYPES:
        raise invalid_parameter("types", f"You may list at most {_MOST_TYPES} types.")
    wanted, delivered = params.get("created") or {}, params.get("delivery_success")
    found = [event for event in _recent(store) if in_span(event.created, wanted) and _has_type(event.type, types)]
    shown = [event.write(store.pending(event)) for event in found]
    if delivered is not None:
        shown = [one for one in shown if (one["pending_webhooks"] == 0) is delivered]
    return make_page(shown, params, "/v1/events")


def _has_type(type: str, wanted: list[str]) -> bool:
    """Tell whether a type is wanted; `charge.*` means all that begin so."""
    begins = tuple(name[:-1] for name in wanted if name.endswith("*"))
    return not wanted or type in wanted or (bool(begins) and type.startswith(begins))


def _get_event(store: Store, params: Thing, id: str) -> Thing:
    event = next((one for one in _recent(store) if one.id == id), None)
    if event is None:
        raise missing_object("event", id)
    return event.write(store.pending(event))


def _create_endpoint(store: Store, params: Thing, id: str) -> Thing:
    """Make a webhook endpoint; its secret is shown this once."""
    _check_endpoint(params)
    if len(store.objects["webhook_endpoints"]) >= _MOST_ENDPOINTS:
        raise ApiError(400, f"You have reached the maximum of {_MOST_ENDPOINTS} test webhook endpoints.")
    made = store.add(
        "webhook_endpoints", api_version=params.get("api_version"), application=None,
        description=params.get("description"), enabled_events=params["enabled_events"],
        metadata=merge_metadata({}, params.get("metadata") or {}), status="enabled", url=params["url"],
    )  # fmt: skip
    store.secrets[made["id"]] = [Secret(text=store.draw_id("whsec_", 32))]
    return {**made, "secret": store.secrets[made["id"]][0].text}


def _check_endpoint(params: Thing) -> None:
    """Refuse an address that is none, an empty list of types, and a type that Stripe does not have."""
    if "url" in params and not (params["url"] or "").startswith(("http://", "https://")):
        raise invalid_parameter("url", "Invalid URL: An explicit scheme (such as https) must be provided.")
    if "enabled_events" in params and not params["enabled_events"]:
        raise invalid_parameter("enabled_events", "You must enable at least one event.")
    for type in params.get("enabled_events", ()):
        if type not in _TYPES:
            raise invalid_parameter("enabled_events", f"Invalid enabled_events: Stripe has no type {str(type)[:60]}")


def _update_endpoint(store: Store, params: Thing, id: str) -> Thing:
    _check_endpoint(params)
    endpoint = store.get("webhook_endpoints", id)
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        endpoint["metadata"] = merge_metadata(endpoint["metadata"], params["metadata"])
    endpoint |= {name: params[name] for name in ("url", "enabled_events", "description") if name in params}
    return endpoint


def _delete_endpoint(store: Store, params: Thing, id: str) -> Thing:
    store.get("webhook_endpoints", id)
    del store.objects["webhook_endpoints"][id], store.secrets[id]
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


def roll_secret(store: Store, endpoint: str, overlap_seconds: float = _OVERLAP_SECONDS) -> str:
    """Give an endpoint a new secret; deliveries are signed with the old one as well until the overlap ends.

    Stripe does this in its dashboard alone.
    """
    store.get("webhook_endpoints", endpoint)
    until = store.clock() + overlap_seconds
    for one in store.secrets[endpoint]:
        one.until = until if one.until is None else one.until
    store.secrets[endpoint].append(Secret(text=store.draw_id("whsec_", 32)))
    return store.secrets[endpoint][-1].text


_EVENTS: dict[str, Reader] = {
    **PAGE, "created": moment, "type": text, "types": many(text, 100), "delivery_success": flag,
}  # fmt: skip
_PATH = "/v1/webhook_endpoints"
OPERATIONS = (
    Operation(method="GET", path="/v1/account", run=_show_account),
    Operation(method="GET", path="/v1/balance", run=_show_balance),
    Operation(method="GET", path="/v1/events", run=_list_events, accepts=_EVENTS),
    Operation(method="GET", path="/v1/events/{id}", run=_get_event),
    Operation(
        method="POST",
        path=_PATH,
        run=_create_endpoint,
        accepts={**_ENDPOINT, "api_version": text},
        required=("url", "enabled_events"),
    ),
    retrieve("webhook_endpoints"),
    Operation(method="POST", path=f"{_PATH}/{{id}}", run=_update_endpoint, accepts={**_ENDPOINT, "disabled": flag}),
    Operation(method="DELETE", path=f"{_PATH}/{{id}}", run=_delete_endpoint),
    listing("webhook_endpoints"),
)
