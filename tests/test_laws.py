"""The laws of the rules: each catches its fault."""

from collections.abc import Callable

import pytest

from lab.rules import RULES, Rules
from lab.rules.consents import email_delivery
from lab.rules.laws import LAWS, BrokenRules, check_laws
from lab.rules.laws.product import offers_fit_their_tables
from lab.rules.laws.withdrawal import offers_answer_for_withdrawal
from lab.rules.model import (
    Command,
    EraseAction,
    Grant,
    MessageField,
    Policy,
    PrivacyClass,
    Table,
)
from lab.rules.roles import anon, authenticated, service_role
from lab.rules.withdrawal import waiver, withdrawal_statement

# One fault for each law: what is changed, and what the law then says.


def with_table(id: str, **changes: object) -> Rules:
    table = RULES.table(id).model_copy(update=changes)
    return RULES.model_copy(update={"tables": tuple(table if t.id == id else t for t in RULES.tables)})


def with_column(table: str, name: str, **changes: object) -> Rules:
    columns = RULES.table(table).columns
    return with_table(table, columns=tuple(c.model_copy(update=changes) if c.name == name else c for c in columns))


def with_first(kind: str, **changes: object) -> Rules:
    first, *others = getattr(RULES, kind)
    return RULES.model_copy(update={kind: (first.model_copy(update=changes), *others)})


def without_first(kind: str) -> Rules:
    return RULES.model_copy(update={kind: getattr(RULES, kind)[1:]})


def a_policy(role: object, using: str) -> Policy:
    return Policy(name="extra", command=Command.SELECT, role=role, using=using, why="for the test")


def a_grant(role: object, command: Command) -> Grant:
    return Grant(role=role, commands=(command,), why="for the test")


def a_field(name: str) -> MessageField:
    return MessageField(name=name, privacy=PrivacyClass.SECRET, shape="name", why="for the test")


scrolls: Table = RULES.table("oracle_scrolls")

FAULTS: dict[str, tuple[Callable[[], Rules], str]] = {
    "messages_fit_their_jobs": (
        lambda: without_first("messages"),
        "message email: there is none for its job's e-mail leg",
    ),
    "messages_hold_nothing_private": (
        lambda: with_first("messages", fields=(a_field("question"),)),
        "message email: its field question is secret",
    ),
    "providers_can_be_repeated": (
        lambda: with_first("mail_providers", window_seconds=60),
        "provider smtp: is blind, with window_seconds 60",
    ),
    "ids_are_unique": (lambda: with_first("consents", id="email_delivery"), "used more than once"),
    "texts_are_restricted": (lambda: with_column("ai_runs", "model", form=None), "ai_runs.model: can hold free text"),
    "migration_tables_are_read_only": (
        lambda: with_table("card_phrases", grants=(a_grant(service_role, Command.INSERT),)),
        "only migrations write it",
    ),
    "references_are_registered": (lambda: without_first("risks"), "is not in RISKS"),
    "listed_rules_are_used": (
        lambda: RULES.model_copy(
            update={"risks": (*RULES.risks, RULES.risks[0].model_copy(update={"id": "idle_risk"}))}
        ),
        "risk idle_risk: no layer, channel or circumstance uses it",
    ),
    "subjects_can_be_erased": (
        lambda: with_column("oracle_scrolls", "question", erase=EraseAction.KEEP),
        "public.oracle_scrolls.question: keeps personal data",
    ),
    "erased_rows_have_a_subject": (
        lambda: with_table("oracle_scrolls", columns=tuple(c for c in scrolls.columns if c.name != "subject_id")),
        "no column leads to a person",
    ),
    "shared_rows_cover_both_people": (
        lambda: with_column("gift_recipients", "subject_id", shared=None),
        "public.gift_recipients.subject_id: does not declare what stays for the other person",
    ),
    "legal_holds_cover_every_row": (
        lambda: with_column("legal_holds", "table_name", allowed=("oracle_scrolls",)),
        "legal_holds.table_name: lacks purchases",
    ),
    "erased_subjects_stay_null": (
        lambda: with_column("oracle_scrolls", "subject_id", filled_later=True),
        "public.oracle_scrolls.subject_id: has filled_later",
    ),
    "storage_paths_are_unique": (
        lambda: with_table("oracle_artifacts", indexes=()),
        "public.oracle_artifacts.storage_path: give it a unique index",
    ),
    "public_fields_are_apart": (
        lambda: with_column("oracle_scrolls", "answer", privacy=PrivacyClass.PUBLIC),
        "has secret and public columns",
    ),
    "tables_have_required_columns": (
        lambda: with_table("oracle_scrolls", columns=tuple(c for c in scrolls.columns if c.name != "created_at")),
        "has no created_at",
    ),
    "anon_has_no_grants": (
        lambda: with_table("oracle_scrolls", grants=(*scrolls.grants, a_grant(anon, Command.SELECT))),
        "grants to anon",
    ),
    "policies_match_grants": (
        lambda: with_table("oracle_scrolls", grants=(a_grant(authenticated, Command.INSERT), *scrolls.grants)),
        "no policy says which rows",
    ),
    "policies_wrap_auth_functions": (
        lambda: with_table("products", policies=(a_policy(authenticated, "auth.uid() is not null"),)),
        "for every row",
    ),
    "quoted_rows_are_not_private": (
        lambda: with_table("oracle_scrolls", quotes_no_text=True),
        "public.oracle_scrolls: has quotes_no_text",
    ),
    "policies_call_foundation_functions": (
        lambda: with_table("products", policies=(a_policy(authenticated, "wall.consent_is_valid(id, 'x', null)"),)),
        "public.products: the policy extra calls wall.consent_is_valid; set its stage to foundation",
    ),
    "foreign_keys_are_indexed": (
        lambda: with_table("oracle_scrolls", indexes=()),
        "public.oracle_scrolls.subject_id: no index starts",
    ),
    "tables_follow_their_references": (
        lambda: RULES.model_copy(update={"tables": RULES.tables[::-1]}),
        "which comes later in TABLES",
    ),
    "states_can_be_reached": (
        lambda: with_column("echo_entries", "status", moves=(("scheduled", "returned"),)),
        "the state cancelled can never be reached",
    ),
    "state_columns_are_nullable": (
        lambda: with_column("echo_entries", "returned_at", needed_in=("gone",)),
        "public.echo_entries.returned_at: gone is not a state",
    ),
    "amounts_have_a_currency": (
        lambda: with_column("purchases", "currency", allowed=("eur",)),
        "public.purchases.currency: allows other currencies",
    ),
    "answers_fit_their_layers": (
        lambda: with_column("ai_runs", "layer", allowed=("echo", "council", "shop")),
        "public.ai_runs.layer: shop has no answer",
    ),
    "secret_texts_are_indexed": (
        lambda: with_table("oracle_scrolls", indexes=tuple(i for i in scrolls.indexes if not i.expression)),
        "public.oracle_scrolls.question: is secret, but AI answers are not searched for it",
    ),
    "exposed_functions_have_a_reason": (
        lambda: RULES.model_copy(
            update={
                "functions": tuple(
                    f.model_copy(update={"exposed_because": None}) if f.id == "open_share_card" else f
                    for f in RULES.functions
                )
            }
        ),
        "public.open_share_card: runs as its owner for anon",
    ),
    "triggers_run_registered_functions": (
        lambda: RULES.model_copy(update={"functions": tuple(f for f in RULES.functions if f.id != "seal_row")}),
        "trigger function seal_row: is not in FUNCTIONS",
    ),
    "named_objects_exist": (
        lambda: with_first("standing_rules", enforced_by=("good_will",)),
        "good_will does not exist",
    ),
    "proofs_have_one_source": (
        lambda: RULES.model_copy(
            update={
                "chapters": tuple(
                    c.model_copy(update={"proofs": tuple(p.model_copy(update={"asks": None}) for p in c.proofs)})
                    for c in RULES.chapters
                )
            }
        ),
        "needs one of asks, ledger, rehearsed, unknown_because",
    ),
    "findings_name_one_rule": (
        lambda: with_first("criteria", id="paid_not_unlocked"),
        "paid_not_unlocked: is used in invariants and criteria",
    ),
    "examples_fit_their_form": (lambda: with_first("env", example="ftp://nowhere"), "does not match its form"),
    "jobs_and_channels_agree": (
        lambda: RULES.model_copy(
            update={
                "channels": tuple(
                    c.model_copy(update={"job": c.job.model_copy(update={"consents": (email_delivery,)})})
                    if c.id == "pdf" and c.job
                    else c
                    for c in RULES.channels
                )
            }
        ),
        "channel pdf: needs",
    ),
    "functions_pin_search_path": (
        lambda: with_first("functions", search_path=("pg_catalog",)),
        "its search_path is pg_catalog; set it to pg_catalog, pg_temp",
    ),
    "stamped_tables_are_ledgers": (
        lambda: with_table("admin_audit_events", triggers=()),
        "public.admin_audit_events: is in LEDGERS",
    ),
    "tables_refuse_deletes": (
        lambda: with_table(
            "oracle_scrolls", triggers=(scrolls.triggers[0].model_copy(update={"name": "oracle_scrolls_kept"}),)
        ),
        "two triggers are called oracle_scrolls_kept",
    ),
    "circumstances_change_scenarios": (
        lambda: with_first("circumstances", tables=(), risks=()),
        "circumstance eu_buyer: changes nothing",
    ),
    "refunds_are_answered": (
        lambda: with_first("layers", keeps=None),
        "layer scroll: says nothing about refunds",
    ),
    "sold_layers_exist": (
        lambda: with_column("products", "layer", allowed=("scroll", "tarot")),
        "public.products.layer: there is no layer tarot",
    ),
    "operators_can_act": (lambda: with_first("waiting", acts=()), "an operator can do nothing about it; give it acts"),
    "offers_fit_their_tables": (lambda: with_first("offers", title="Tarot"), "products.title does not allow Tarot"),
    "offers_answer_for_withdrawal": (lambda: with_first("offers", waiver=None), "name the waiver"),
    "notices_fit_their_table": (lambda: with_first("notices", body="As {somebody} said."), "has somebody in braces"),
}


def test_every_law_has_a_fault() -> None:
    assert {law.__name__ for law in LAWS} == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_each_law_catches_its_fault(name: str) -> None:
    law = next(law for law in LAWS if law.__name__ == name)
    make, said = FAULTS[name]
    assert list(law(RULES)) == []
    assert any(said in fault for fault in law(make())), list(law(make()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"layer": RULES.layer("stripe")}, "products.layer does not allow stripe"),
        ({"layer": RULES.layer("echo").model_copy(update={"id": "scroll"})}, "the layer scroll is not in LAYERS"),
        ({"currency": "xxx"}, "does not accept the currency xxx"),
        ({"currency": "isk", "amount_minor": 1950}, "1950 is not a multiple of 100"),
        ({"currency": "kwd", "amount_minor": 1905}, "1905 is not a multiple of 10"),
        ({"currency": "isk", "amount_minor": 1900}, None),
        ({"unlock_route": "https://elsewhere.example/"}, "does not match"),
        ({"unlock_route": "/reading/scroll/private"}, "does not match"),
        ({"unlock_route": "/passport"}, None),
        ({"title": "Gift", "amount_minor": 1}, None),
    ],
)
def test_an_offer_fits_its_tables(change: dict[str, object], said: str | None) -> None:
    faults = list(offers_fit_their_tables(with_first("offers", **change)))
    assert [fault for fault in faults if said is None or said not in fault] == []
    assert bool(faults) == (said is not None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"delivered": "later"}, "keeps the right of withdrawal; remove the waiver"),
        ({"delivered": "later", "waiver": None}, None),
        ({"waiver": withdrawal_statement}, "the notice withdrawal_statement is no waiver"),
        ({"waiver": waiver.model_copy()}, "is not in NOTICES"),
        ({"delivered": "later", "waiver": None, "layer": RULES.layer("council")}, "the database knows layers"),
    ],
)
def test_an_offer_answers_for_withdrawal(change: dict[str, object], said: str | None) -> None:
    faults = list(offers_answer_for_withdrawal(with_first("offers", **change)))
    assert [fault for fault in faults if said is None or said not in fault] == []
    assert bool(faults) == (said is not None)


@pytest.mark.parametrize(
    ("table", "column", "trigger"),
    [
        ("consent_events", "locale", "consent_takes_effect"),  # after the row is written
        ("consent_events", "locale", "consent_events_keep"),  # at updates alone
        ("consent_events", "locale", "no_such_trigger"),
        ("delivery_jobs", "worker", "jobs_need_consent"),  # its rows change
    ],
)
def test_only_a_trigger_of_new_rows_that_never_change_sets_a_column(table: str, column: str, trigger: str) -> None:
    with pytest.raises(BrokenRules, match=f"{table}.{column}: names {trigger} in set_by"):
        check_laws(with_column(table, column, form=None, set_by=trigger))


@pytest.mark.parametrize(
    ("table", "column", "trigger"),
    [
        ("consents", "purpose", "no_such_trigger"),
        ("consent_events", "purpose", "consent_events_a_stamp"),  # at inserts alone
        ("delivery_jobs", "channel", "jobs_need_consent"),  # at inserts and at updates of another column
        ("consent_events", "purpose", "consent_takes_effect"),  # after the row is written
    ],
)
def test_only_a_trigger_before_every_write_compares_a_column(table: str, column: str, trigger: str) -> None:
    with pytest.raises(BrokenRules, match=f"{table}.{column}: names {trigger} in compared_by"):
        check_laws(with_column(table, column, compared_by=trigger))


def test_all_faults_are_reported_together() -> None:
    broken = with_first("env", example="ftp://nowhere").model_copy(
        update={"tables": with_table("oracle_scrolls", indexes=()).tables}
    )
    with pytest.raises(BrokenRules) as raised:
        check_laws(broken)
    assert "does not match its form" in str(raised.value)
    assert "public.oracle_scrolls.subject_id" in str(raised.value)
