"""What one call of the API is: its method and path, what it accepts, and what it does."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lab.services.local_stripe.errors import Thing, invalid_parameter, missing_parameter
from lab.services.local_stripe.parameters import Reader, group, many, moment, text, whole
from lab.services.local_stripe.store import Store

Run = Callable[[Store, Thing, str], Thing]
_EXPAND = {"expand": many(text, most=20)}
PAGE: Mapping[str, Reader] = {"limit": whole(1, 100), "starting_after": text, "ending_before": text}
"""The parameters of every list."""
_MOST_LISTED = 10  # without a limit
_MOST_LEVELS = 4  # source: docs.stripe.com/api/expanding_objects


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One call.

    Args:
        method: GET, POST or DELETE.
        path: Its path; `{id}` stands for an id.
        run: Does the work with the store, the parameters and the id.
        accepts: Parameters with their readers; any other is refused.
        required: Parameters that a call needs.
    """

    method: str
    path: str
    run: Run
    accepts: Mapping[str, Reader] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Match the paths of this call, with the id as its group."""
        return re.compile(self.path.replace("{id}", "([^/]+)"))

    @property
    def resource(self) -> str:
        """Return what a restricted key may or may not reach, such as `checkout/sessions`."""
        parts = self.path.removeprefix("/v1/").split("/")
        return "/".join(parts[: 2 if parts[0] in ("checkout", "radar") else 1])

    def read(self, tree: Thing) -> Thing:
        """Return the parameters in their types.

        Raises:
            ApiError: One is unknown, missing or not allowed.
        """
        read: Thing = group({**self.accepts, **_EXPAND}, self.required)(tree, "")
        return read


def retrieve(kind: str) -> Operation:
    """Return the call that reads one object."""
    return Operation(method="GET", path=f"/v1/{kind}/{{id}}", run=lambda store, _, id: store.get(kind, id))


def listing(kind: str, **filters: Reader) -> Operation:
    """Return the call that lists a kind, newest first, filtered by its fields and by when they were created."""

    def run(store: Store, params: Thing, id: str) -> Thing:
        kept = [one for one in store.objects[kind].values() if _matches(one, params)]
        return make_page(kept[::-1], params, f"/v1/{kind}")

    accepts = {"created": moment, **filters, **PAGE}
    return Operation(method="GET", path=f"/v1/{kind}", run=run, accepts=accepts)


# Filters that are not simply the field of their name.
_PICKS: dict[str, Callable[[Thing, Any], bool]] = {
    "ids": lambda one, wanted: one["id"] in wanted,
    "lookup_keys": lambda one, wanted: one["lookup_key"] in wanted,
    "created": lambda one, wanted: in_span(one["created"], wanted),
    "coupon": lambda one, wanted: one["promotion"]["coupon"] == wanted,
    "customer_details": lambda one, wanted: (one["customer_details"] or {}).get("email") == wanted["email"],
}


def _matches(one: Thing, params: Thing) -> bool:
    """Tell whether an object passes every filter; deleted ones are never listed."""
    filters = {name: value for name, value in params.items() if name not in (*PAGE, "expand")}
    passed = (_PICKS[name](one, value) if name in _PICKS else one.get(name) == value for name, value in filters.items())
    return "deleted" not in one and all(passed)


def in_span(at: int, span: Mapping[str, int]) -> bool:
    """Tell whether a time is within limits."""
    compare = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
    return all(compare[name](at, limit) for name, limit in span.items())


def make_page(things: list[Thing], params: Thing, url: str) -> Thing:
    """Return a page of a list, as Stripe pages it: by the id after or before which it lies.

    Raises:
        ApiError: Both ends are given, or one is not in the list.
    """
    after, before, limit = (params.get(name) for name in ("starting_after", "ending_before", "limit"))
    limit = limit or _MOST_LISTED
    if after and before:
        raise invalid_parameter("ending_before", "Use starting_after or ending_before, and not both.")
    if before:
        earlier = things[: _place_of(things, before, "ending_before")]
        page, more = earlier[-limit:], len(earlier) > limit
    else:
        later = things[_place_of(things, after, "starting_after") + 1 :] if after else things
        page, more = later[:limit], len(later) > limit
    return {"object": "list", "url": url, "has_more": more, "data": page}


def _place_of(things: list[Thing], id: str, param: str) -> int:
    """Return where an id is in a list."""
    place = next((place for place, one in enumerate(things) if one["id"] == id), None)
    if place is None:
        raise invalid_parameter(param, f"No such object in this list: '{id}'", "resource_missing")
    return place


def expand(store: Store, answer: Thing, paths: list[str]) -> Thing:
    """Return an answer with the objects that its paths name in place of their ids. The store keeps the ids.

    Without a path it is the answer itself, which the next call may change.

    Raises:
        ApiError: A path names nothing that can be expanded.
    """
    answer = copy_thing(answer) if paths else answer
    for path in paths:
        _expand_path(store, [answer], path.split("."), path)
    return answer


def _expand_path(store: Store, things: list[Thing], steps: list[str], path: str) -> None:
    """Follow one path from each of some objects."""
    if len(steps) > _MOST_LEVELS:
        raise invalid_parameter("expand", f"You cannot expand more than {_MOST_LEVELS} levels of a property ({path}).")
    for step in steps:
        things = [part for one in things for part in _expand_step(store, one, step, path)]


def _expand_step(store: Store, thing: Thing, step: str, path: str) -> list[Thing]:
    """Expand one field of an object in place, and return what stands there now."""
    if step == "line_items" and thing.get("object") == "checkout.session":
        thing[step] = list_lines(store, thing["id"], {})
    if step == "refunds" and thing.get("object") == "charge":
        found = store.where("refunds", charge=thing["id"])[::-1]
        thing[step] = make_page(found, {}, f"/v1/charges/{thing['id']}/refunds")
    if step not in thing:
        raise invalid_parameter("expand", f"This property cannot be expanded ({path}).")
    if isinstance(thing[step], str):
        found_here = store.find(thing[step])
        if found_here is None:
            raise invalid_parameter("expand", f"This property cannot be expanded ({path}).")
        thing[step] = copy_thing(found_here)
    value = thing[step]
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def list_lines(store: Store, session: str, params: Thing) -> Thing:
    """Return a page of what a Checkout session sells."""
    return make_page(copy_thing(store.lines[session]), params, f"/v1/checkout/sessions/{session}/line_items")


def copy_thing(thing: Any) -> Any:
    """Return a copy that shares nothing."""
    if isinstance(thing, dict):
        return {key: copy_thing(value) for key, value in thing.items()}
    return [copy_thing(value) for value in thing] if isinstance(thing, list) else thing


def require(params: Thing, *names: str) -> None:
    """Refuse a call that lacks a parameter which others made necessary."""
    for name in names:
        if params.get(name) is None:
            raise missing_parameter(name)
