"""What is stored of an event: the database accepts whatever was reduced, and nothing outside of the list is left."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.forms import STRIPE_EVENT
from lab.rules.stripe_payload import EVENT_ENDINGS, EVENT_FAMILIES, EVENT_FIELDS, EVENT_PARTS, OBJECT_FIELDS
from lab.services.billing.payload import keep_form, known_or_unknown, reduce_payload
from lab.sql.stripe_bodies import MOST_BYTES, MOST_NODES
from tests.billing.samples import OLDER, OTHERS, make_event, make_session

ABOUT = "data.object"
LISTED = {field.path for field in EVENT_FIELDS} | {f"{ABOUT}.{field.path}" for field in OBJECT_FIELDS}
ID = "pi_" + "a" * 70

# What a listed key may hold: what fits, what nearly fits, and what somebody else would put there.
TEXTS = st.sampled_from(
    ["cs_test_1", ID, ID + "a", "pi_1\n", "eur", "EUR", "usd\n", "paid", "checkout.session", "payment", "", "a_" * 20,
     "charge.refunded", "charge.refunded\n", "2026-10-28.endive", "2020-08-27\n", "٣", "π_1", "Ada Lovelace"]
)  # fmt: skip
NUMBERS = st.integers() | st.sampled_from([0, -1, 10**15 - 1, 10**15, -(10**15), 2**63]) | st.floats(allow_nan=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS | st.text(st.characters(exclude_characters="\0", codec="utf-8"))
KEYS = st.sampled_from(
    [field.path.rpartition(".")[2] for field in OBJECT_FIELDS]
    + ["customer", "email", "metadata", "ID", "items[]", "items[].price", ".id"]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20
)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "id": TEXTS,
        "price": TEXTS,
        "quantity": NUMBERS,
        "amount_total": NUMBERS,
        "currency": TEXTS,
        "name": TEXTS,
    },
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=20) | st.fixed_dictionaries(
    {"items": st.integers(0, 120).flatmap(lambda count: st.just([{"id": ID, "price": ID, "quantity": 1}] * count))}
)
EVENTS = st.fixed_dictionaries(
    {"data": st.fixed_dictionaries({"object": OBJECTS | ITEM.map(lambda item: {"items": [item, 1, None, [item]]})})},
    optional={
        "type": VALUES,
        "api_version": VALUES,
        "id": VALUES,
        "object": VALUES,
        "account": VALUES,
        "data.object": OBJECTS,
        "data.object.id": TEXTS,
    },
)


@pytest.fixture(scope="module")
def asking(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[Callable[..., Any]]:
    """Ask the database: `asking("select ...", value)`."""
    with psycopg.connect(shared_database(server).url, autocommit=True) as connection:

        def ask(query: str, *values: object) -> Any:
            (answer,) = connection.execute(query.encode(), values).fetchone() or (None,)
            return answer

        yield ask


def paths(value: Any, at: str = "") -> Iterator[str]:
    """Yield the path of every value, as the list writes it."""
    if at:
        yield at
    for key, part in value.items() if isinstance(value, dict) else ():
        yield from paths(part, f"{at}.{key}".lstrip("."))
    for part in value if isinstance(value, list) else ():
        yield from paths(part, f"{at}[]")


@given(event=EVENTS)
@example(event={"data": {"object": {"items[]": None}}, "data.object": {"id": "pi_1"}, "data.object.id": "pi_1"})
@settings(max_examples=120)
def test_whatever_is_reduced_is_accepted(asking: Callable[..., Any], event: dict[str, Any]) -> None:
    kept = reduce_payload(event)
    assert asking("select wall.is_stripe_payload(%s)", Jsonb(kept)) is True
    assert set(paths(kept)) <= LISTED
    assert reduce_payload(kept) == kept


@pytest.mark.parametrize("event", [make_event(), *OLDER.values(), *OTHERS], ids=lambda event: event["id"])
def test_real_shapes_keep_every_listed_value(asking: Callable[..., Any], event: dict[str, Any]) -> None:
    kept = reduce_payload(event)
    assert asking("select wall.is_stripe_payload(%s)", Jsonb(kept)) is True
    about, given_about = kept["data"]["object"], event["data"]["object"]
    listed = {key for key in given_about if f"{ABOUT}.{key}" in LISTED and not isinstance(given_about[key], dict)}
    lost = {key for key in listed if about.get(key) != given_about[key]}
    assert lost == ({"object"} if given_about["object"] == "radar.early_fraud_warning" else set())  # of no listed form


def test_expanded_objects_become_their_ids() -> None:
    session = make_session(payment_intent={"id": "pi_1", "object": "payment_intent", "receipt_email": "a@example.test"})
    lines = [{"id": "li_1", "price": {"id": "price_1", "product": {"id": "prod_1"}}, "quantity": 2, "description": "x"}]
    kept = reduce_payload(make_event(about={**session, "items": lines}))["data"]["object"]
    assert kept["payment_intent"] == "pi_1"
    assert kept["items"] == [{"id": "li_1", "price": "price_1", "quantity": 2}]


@pytest.mark.parametrize("count", [1, 20, 35, 60, 90, 2000])
def test_a_list_is_kept_as_a_whole_or_not_at_all(asking: Callable[..., Any], count: int) -> None:
    lines = [
        {"id": f"li_{turn}", "price": ID, "quantity": 1, "amount_total": 1, "currency": "eur"} for turn in range(count)
    ]
    kept = reduce_payload(make_event(about=make_session(items=lines)))
    assert kept["data"]["object"].get("items", lines) == lines
    assert ("items" in kept["data"]["object"]) == (count <= 35)
    assert len(json.dumps(kept)) <= MOST_BYTES
    assert sum(1 for _ in paths(kept)) < MOST_NODES
    assert asking("select wall.is_stripe_payload(%s)", Jsonb(kept)) is True


WORDS = st.sampled_from([*EVENT_FAMILIES, *EVENT_PARTS, *EVENT_ENDINGS, "Charge", "x", ""])


@given(kind=st.lists(WORDS, min_size=1, max_size=4).map(".".join) | TEXTS)
@example(kind="charge.refunded\n")
@example(kind="unknown")
@settings(max_examples=100)
def test_types_are_known_as_the_database_knows_them(asking: Callable[..., Any], kind: str) -> None:
    assert known_or_unknown(kind) == asking("select wall.stripe_type(%s)", kind)


@given(text=st.from_regex(STRIPE_EVENT) | TEXTS)
@example(text="evt_1\n")
@settings(max_examples=60)
def test_forms_are_matched_as_the_database_matches_them(asking: Callable[..., Any], text: str) -> None:
    assert (keep_form(text, STRIPE_EVENT) == text) is asking("select %s ~ %s", text, STRIPE_EVENT)
