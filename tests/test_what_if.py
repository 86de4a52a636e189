"""What if: each circumstance changes plans by a rule with source and date, and the laws of plans still hold."""

import datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import RULES, Scenario, Verdict, make_plan
from lab.plan.make import Plan
from lab.plan.scenario import CHANNEL_IDS, CONSENT_IDS, LAYER_IDS, WHAT_IF_IDS
from lab.rules.laws.product import circumstances_change_scenarios
from lab.rules.model import Refusal
from tests.test_plan import names

scenarios = st.builds(
    Scenario,
    layer=st.sampled_from(LAYER_IDS),
    channels=st.sets(st.sampled_from(CHANNEL_IDS)).map(tuple),
    consents=st.sets(st.sampled_from(CONSENT_IDS)).map(tuple),
    what_if=st.sets(st.sampled_from(WHAT_IF_IDS)).map(tuple),
)


def plan_of(layer: str, *what_if: str, channels: tuple[str, ...] = (), consents: tuple[str, ...] = ()) -> Plan:
    return make_plan(Scenario(layer=layer, channels=channels, consents=consents, what_if=what_if))


@pytest.mark.parametrize("circumstance", RULES.circumstances, ids=lambda one: one.id)
def test_each_circumstance_changes_risks_and_says_where_it_comes_from(circumstance: object) -> None:
    id = circumstance.id  # type: ignore[attr-defined]
    before, after = plan_of("artifacts", channels=("email",)), plan_of("artifacts", id, channels=("email",))
    assert set(names(after.risks)) - set(names(before.risks))
    (line,) = after.what_if
    assert (line.name, bool(line.source)) == (id, True)
    assert datetime.date(2010, 1, 1) < line.date < datetime.date(2026, 12, 31)
    assert before.what_if == ()


def test_an_eu_buyer_brings_the_tables_of_the_right_of_withdrawal() -> None:
    plan = plan_of("scroll", "eu_buyer")
    assert {"public.withdrawal_waivers", "public.withdrawals", "public.withdrawal_documents"} <= set(names(plan.tables))
    assert names(plan.risks) == ["sale_without_right"]
    assert plan.verdict is Verdict.READY


def test_a_minor_cannot_have_what_rests_on_consent() -> None:
    everything = CONSENT_IDS
    for channel, verdict in (
        ("email", Verdict.NOT_OFFERED),
        ("share_card", Verdict.NOT_OFFERED),
        ("pdf", Verdict.READY),
    ):
        assert plan_of("artifacts", "minor", channels=(channel,), consents=everything).verdict is verdict
    plan = plan_of("artifacts", "minor", channels=("email", "pdf"))
    assert names(plan.smallest_change) == ["drop email"]
    assert "E-mail is ruled out by “Minor”." in names(plan.refusals)
    assert "under 16" in plan.refusals[0].why
    council = plan_of("council", "minor", consents=everything)
    assert (council.verdict, council.smallest_change) == (Verdict.NOT_OFFERED, ())


def test_an_anonymous_visitor_gets_no_e_mail_and_no_passport() -> None:
    assert plan_of("passport", "anonymous_visitor", consents=("passport_write",)).verdict is Verdict.NOT_OFFERED
    for channel in ("email", "recovery"):
        plan = plan_of("scroll", "anonymous_visitor", channels=(channel,), consents=("email_delivery",))
        assert plan.verdict is Verdict.NOT_OFFERED
        assert channel not in names(plan.jobs)
    assert plan_of("scroll", "anonymous_visitor", channels=("pdf",)).verdict is Verdict.READY


def test_a_gift_brings_its_channel_which_cannot_be_dropped() -> None:
    plan = plan_of("artifacts", "gift")
    assert plan.verdict is Verdict.MISSING_CONSENT
    assert names(plan.missing_consents) == ["email_delivery", "gift_recipient"]
    assert "public.gift_recipients" in names(plan.tables)
    assert names(plan.smallest_change) == ["give email_delivery and give gift_recipient"]
    assert "comes with it" in plan.jobs[0].why
    refused = plan_of("scroll", "gift")
    assert (refused.verdict, refused.smallest_change) == (Verdict.NOT_OFFERED, ())


def test_an_ai_writes_only_with_consent_and_its_own_variables() -> None:
    plan = plan_of("scroll", "ai_written")
    assert names(plan.missing_consents) == ["ai_processing"]
    assert plan.missing_consents[0].needed_by == ("circumstance ai_written",)
    assert "public.ai_runs" in names(plan.tables)
    assert {variable.id for variable in RULES.circumstances[-1].env} <= set(names(plan.env))
    assert plan_of("scroll", "ai_written", consents=("ai_processing",)).verdict is Verdict.READY
    assert names(plan_of("scroll", "ai_written", "minor").refusals) == ["AI-written is ruled out by “Minor”."]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": ""}, "has no source or no date"),
        ({"date": None}, "has no source or no date"),
        ({"tables": (), "risks": ()}, "changes nothing"),
        ({"refuses": (Refusal(part=RULES.layer("echo").model_copy(), why="For the test."),)}, "echo is not listed"),
    ],
)
def test_a_circumstance_says_where_it_comes_from_and_changes_something(change: dict[str, object], said: str) -> None:
    first, *others = RULES.circumstances
    rules = RULES.model_copy(update={"circumstances": (first.model_copy(update=change), *others)})
    assert [fault for fault in circumstances_change_scenarios(rules) if said in fault]
    assert list(circumstances_change_scenarios(RULES)) == []


@given(scenarios)
def test_every_change_makes_ready_and_none_is_offered_in_vain(scenario: Scenario) -> None:
    plan = make_plan(scenario)
    for change in plan.ways_to_ready:
        assert make_plan(plan.after(change)).verdict is Verdict.READY
        assert plan.after(change).what_if == scenario.what_if
    if plan.verdict is not Verdict.READY and not plan.smallest_change:
        free = [c for count in range(3) for c in combinations(scenario.channels, count)]
        reached = [plan_of(scenario.layer, *scenario.what_if, channels=c, consents=CONSENT_IDS) for c in free]
        assert all(other.verdict is Verdict.NOT_OFFERED for other in reached)


@given(scenarios)
def test_a_circumstance_never_takes_a_risk_of_the_layer_away(scenario: Scenario) -> None:
    alone = make_plan(scenario.model_copy(update={"what_if": (), "channels": ()}))
    supposed = make_plan(scenario.model_copy(update={"channels": ()}))
    assert set(names(alone.risks)) <= set(names(supposed.risks))
    assert set(names(alone.tables)) <= set(names(supposed.tables))


@given(scenarios)
def test_the_first_way_to_ready_keeps_every_channel_that_is_offered(scenario: Scenario) -> None:
    plan = make_plan(scenario)
    if plan.verdict is Verdict.MISSING_CONSENT:
        first = plan.ways_to_ready[0]
        assert (first.give, first.drop) == (tuple(names(plan.missing_consents)), ())


def test_an_unknown_circumstance_is_named_with_the_valid_ones() -> None:
    with pytest.raises(ValueError, match="unknown what-if alien; choose from eu_buyer, minor"):
        plan_of("scroll", "alien")
