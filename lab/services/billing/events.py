"""Reads an event out of the bytes of a delivery: strict JSON, of the form that Stripe documents."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

from lab.rules.forms import STRIPE_EVENT, STRIPE_OBJECT, STRIPE_SESSION, STRIPE_VERSION
from lab.services.billing.payload import keep_form, known_or_unknown, reduce_payload
from lab.services.billing.refusal import Refused

MOST_DEPTH = 100
MOST_DIGITS = 19  # of an integer: more are beyond 64 bits
EARLIEST, LATEST = 1_262_304_000, 4_102_444_800  # the years 2010 to 2099, in seconds since 1970
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # Postgres stores neither NUL nor half a character


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event as it is stored; nothing in it is personal.

    Args:
        id: Stripe's id of the event.
        type: Its type, or `unknown`.
        created_at: When Stripe created it, in whole seconds. It gives no reliable order.
        livemode: False for test money.
        api_version: Stripe's API version of the payload; None when Stripe sent none, or one of another form.
        object_id: Id of the object that it is about.
        checkout_session_id: Id of the checkout session, when it is about one.
        payload: The payload, reduced.
    """

    id: str
    type: str
    created_at: datetime
    livemode: bool
    api_version: str | None
    object_id: str | None
    checkout_session_id: str | None
    payload: Mapping[str, Any] = field(repr=False)


def read_event(body: bytes) -> Event:
    """Read an event.

    Raises:
        Refused: It is not strict JSON (`not_json`), or not an event (`not_an_event`).
    """
    given = _read_json(body)
    if not (isinstance(given, dict) and given.get("object") == "event" and isinstance(given.get("data"), dict)):
        raise Refused("not_an_event")
    event_id, kind, created = keep_form(given.get("id"), STRIPE_EVENT), given.get("type"), given.get("created")
    about, livemode = given["data"].get("object"), given.get("livemode")
    if event_id is None or not isinstance(kind, str) or not isinstance(livemode, bool) or not isinstance(about, dict):
        raise Refused("not_an_event")
    if type(created) is not int or not EARLIEST <= created <= LATEST:
        raise Refused("not_an_event")
    is_session = about.get("object") == "checkout.session"
    return Event(
        id=event_id,
        type=known_or_unknown(kind),
        created_at=datetime.fromtimestamp(created, UTC),
        livemode=livemode,
        api_version=keep_form(given.get("api_version"), STRIPE_VERSION),
        object_id=keep_form(about.get("id"), STRIPE_OBJECT),
        checkout_session_id=keep_form(about.get("id"), STRIPE_SESSION) if is_session else None,
        payload=reduce_payload(given),
    )


def _read_json(body: bytes) -> Any:
    """Read JSON without what readers understand differently: repeated keys, NaN, numbers without end."""
    try:
        text = body.decode()
        given = json.loads(
            text,
            object_pairs_hook=_read_object,
            parse_int=_read_integer,
            parse_float=_read_float,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError):
        raise Refused("not_json") from None
    _check_texts(given)
    return given


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _refuse()


def _read_integer(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else _refuse()


def _read_float(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse()


def _refuse(_: object = None) -> NoReturn:
    raise Refused("not_json")


def _check_texts(given: Any) -> None:
    """Refuse texts that Postgres cannot store, and values inside too many others."""
    waiting = [(given, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MOST_DEPTH or (isinstance(value, str) and _UNSTORABLE.search(value)):
            _refuse()
        waiting += [(part, depth + 1) for part in _parts(value)]


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else ()
