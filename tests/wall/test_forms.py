"""Whatever operators, logs and strangers may see takes no free text, whoever writes it."""

import base64
from typing import Any

import pytest

from lab.rules import RULES
from lab.rules.laws.privacy import FREE_TYPES
from lab.rules.model import Column, PrivacyClass
from tests.wall.actors import AI, OWNER, SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import make_world
from tests.wall.violations import Violation, write

QUESTION = "Will my mother survive the operation on Friday, asks Ada Lovelace?"
PRIVATE = (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
ATTACKS = {
    "a question": QUESTION,
    "a short question": "Will I die?",
    "a question in Chinese": "我母親會活下來嗎",
    "a question in Cyrillic": "Выживет ли моя мать?",
    "an address": "ada.lovelace@example.test",
    "a name": "Ada Lovelace",
    "a name with an accent": "José",
    "a name in other letters": "\u0410da",
    "a name in full width": "\uff21\uff44\uff41",
    "hidden characters": "a\u200bda",
    "a line more": "en\nWill I die?",
    "base64": base64.b64encode(QUESTION.encode()).decode(),
    "hexadecimal": QUESTION.encode().hex(),
    "words with hyphens": "will-my-mother-survive-the-operation-on-friday-asks-ada-lovelace",
    "words with underscores": "will_my_mother_survive_the_operation_on_friday_asks_ada_lovelace",
    "a novel": "a" * 5000,
}
SET = {f"{table.id}.{column.name}" for table in RULES.tables for column in table.columns if column.set_by}
FILLED_IN = {*SET, "privacy_requests.extension_reason"}  # by the database, whatever was sent
OPEN = [
    (table, column)
    for table in RULES.tables
    if not table.by_migration
    for column in table.columns
    if column.type in FREE_TYPES and column.privacy not in PRIVATE
]


def test_the_attack_is_about_something() -> None:
    named = {f"{table.id}.{column.name}" for table, column in OPEN}
    assert named >= {"oracle_scrolls.locale", "delivery_jobs.worker", "ai_runs.model", "stripe_events.api_version",
                     "purchases.payment_intent_id", "stripe_events.type", "stripe_events.payload",
                     "products.title", "admin_audit_events.details", "share_cards.one_line"}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_column_takes_free_text(scene: Scene, attack: str) -> None:
    world = make_world(scene)
    let_through = [
        f"{actor.id} {command} {table.id}.{column.name}"
        for table, column in OPEN
        for value in _shapes(column, ATTACKS[attack])
        for actor in (OWNER, SERVICE, world.actor, AI)
        for command in ("insert", "update")
        if write(scene, actor, command, Violation(table, column.name, {column.name: value})) == 1
        and f"{table.id}.{column.name}" not in FILLED_IN
    ]
    assert let_through == []


def test_what_a_writer_sends_as_the_wording_is_replaced(scene: Scene) -> None:
    world = make_world(scene)
    sent = (
        "insert into public.consent_events (request_id, subject_id, purpose, action, locale, wording_version)"
        " values (gen_random_uuid(), %s, 'email_delivery', 'withdrawn', 'Will I die?', 7)"
        " returning locale, wording_version"
    )
    assert scene.rows(OWNER, sent, world.subject) == [(None, None)]


def _shapes(column: Column, text: str) -> list[Any]:
    if column.type == "text[]":
        return [[text], ["question", text]]
    if column.type != "jsonb":
        return [text]
    return [
        text,
        [text],
        {text: 1},
        {"status": text},
        {"status": [text]},
        {"id": {"object": text}},
        {"items": [{text: 1}]},
    ]


GOOD = {
    "oracle_scrolls.locale": ["en", "de-AT", "zh-Hant-TW", "es-419", "x-0a1b2c3d"],
    "delivery_jobs.worker": ["worker-1", "web-7f9c.shop.internal:4121"],
    "ai_runs.model": ["model-1", "openai/gpt-5.1-mini", "claude-opus-4-5", "llama3:70b"],
    "stripe_events.api_version": ["2026-10-28.endive", "2020-08-27"],
    "purchases.payment_intent_id": ["pi_3MtwBwLkdIwHu7ix28a3tqPa"],
    "stripe_events.object_id": ["cs_test_a1b2C3", "pi_3MtwBwLkdIwHu7ix28a3tqPa", "ch_1", "dp_1", "re_1", "prv_1"],
    "delivery_attempts.error_class": ["smtp.5_1_1", "lease.expired", "render.failed"],
}


@pytest.mark.parametrize("place", GOOD)
def test_what_is_meant_fits(scene: Scene, place: str) -> None:
    make_world(scene)
    id, name = place.split(".")
    table = RULES.table(id)
    for value in GOOD[place]:
        with scene.past_every_trigger() as connection, connection.transaction(force_rollback=True):
            one = f"ctid = (select min(ctid) from {table.qualified})"
            connection.execute(f"update {table.qualified} set {name} = %s where {one}", [value])
