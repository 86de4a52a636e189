"""The plan: the golden case, the product's tables, and laws over every scenario there is."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lab import RULES, Scenario, Verdict, all_scenarios, make_plan
from lab.plan.make import Plan
from lab.plan.scenario import CHANNEL_IDS, CONSENT_IDS, LAYER_IDS

GOLDEN = json.loads((Path(__file__).parents[1] / "fixtures" / "golden.json").read_text())

# The product's two tables, written out by hand: layer or channel -> what it brings.
LAYERS = {
    "scroll": "oracle_scrolls delivery_jobs",
    "artifacts": "oracle_artifacts delivery_jobs",
    "echo": "echo_entries ai_runs delivery_jobs",
    "council": "council_sessions ai_runs delivery_jobs",
    "passport": "passport_records oracle_scrolls oracle_artifacts",
    "shop": "products purchase_links purchases delivery_jobs",
    "stripe": "stripe_events purchases purchase_links",
}
OFFERS = {
    "scroll": "email pdf print_view receipt recovery",
    "artifacts": "email pdf share_card gift print_view receipt recovery",
    "echo": "email echo receipt recovery",
    "council": "email pdf share_card print_view receipt recovery",
    "passport": "email pdf share_card print_view recovery",
    "shop": "email gift receipt recovery",
    "stripe": "receipt recovery",
}
LAYER_CONSENTS = {"echo": "ai_processing", "council": "ai_processing", "passport": "passport_write"}
CONSENT_TABLES = "consents consent_events consent_notices"
CHANNELS = {
    "email": f"{CONSENT_TABLES} email_suppressions delivery_attempts",
    "pdf": "oracle_artifacts delivery_attempts",
    "share_card": f"oracle_artifacts share_cards card_phrases delivery_attempts {CONSENT_TABLES}",
    "gift": f"gift_recipients oracle_artifacts {CONSENT_TABLES} delivery_attempts",
    "print_view": "oracle_artifacts",
    "receipt": "purchases delivery_attempts",
    "echo": f"echo_entries {CONSENT_TABLES} delivery_attempts",
    "recovery": "purchases delivery_attempts",
}
CHANNEL_CONSENTS = {
    "email": "email_delivery",
    "share_card": "public_share",
    "gift": "gift_recipient email_delivery",
    "echo": "echo_followup email_delivery",
}
TRACKED = {"email", "pdf", "share_card", "gift", "receipt", "echo", "recovery"}

scenarios = st.builds(
    Scenario,
    layer=st.sampled_from(LAYER_IDS),
    channels=st.sets(st.sampled_from(CHANNEL_IDS)).map(tuple),
    consents=st.sets(st.sampled_from(CONSENT_IDS)).map(tuple),
)


class Named(Protocol):
    @property
    def name(self) -> str: ...


def names(lines: Iterable[Named]) -> list[str]:
    return [line.name for line in lines]


def test_golden_case_holds_to_the_letter() -> None:
    plan = make_plan(Scenario(layer="artifacts", channels=[], consents=[]))
    assert plan.verdict == GOLDEN["verdict"]
    assert names(plan.notes) == GOLDEN["notes"]
    assert names(plan.tables) == GOLDEN["tables"]
    assert names(plan.env) == GOLDEN["env"]
    assert names(plan.standing_rules) == GOLDEN["standing_rules"]
    assert (plan.jobs, plan.missing_consents, plan.risks, plan.smallest_change) == ((), (), (), ())
    described = {line.name: line.description for line in plan.tables}
    assert described | GOLDEN["descriptions"] == described


def test_plan_json_has_the_promised_keys() -> None:
    plan = json.loads(make_plan(Scenario(layer="artifacts", channels=["gift"], what_if=["eu_buyer"])).model_dump_json())
    assert list(plan) == [
        "scenario", "verdict", "notes", "what_if", "tables", "jobs", "env", "policies",
        "missing_consents", "risks", "prices", "standing_rules", "smallest_change",
    ]  # fmt: skip
    for key, value in plan.items():
        if isinstance(value, list):
            assert value, f"{key}: this scenario should show at least one line"
            assert all(line["name"] and line["why"] for line in value), key


@pytest.mark.parametrize("layer", LAYER_IDS)
def test_layers_are_those_of_the_product(layer: str) -> None:
    plan = make_plan(Scenario(layer=layer))
    assert names(plan.tables) == [f"public.{t}" for t in (*LAYERS[layer].split(), "admin_audit_events")]
    assert names(plan.missing_consents) == LAYER_CONSENTS.get(layer, "").split()
    assert [channel.id for channel in RULES.layer(layer).channels] == OFFERS[layer].split()


@pytest.mark.parametrize("channel", CHANNEL_IDS)
def test_channels_are_those_of_the_product(channel: str) -> None:
    layer = next(layer for layer in LAYER_IDS if channel in OFFERS[layer].split())
    plan = make_plan(Scenario(layer=layer, channels=[channel]))
    wanted = {*LAYERS[layer].split(), *CHANNELS[channel].split(), "admin_audit_events"}
    wanted |= {"delivery_jobs"} if channel in TRACKED else set()
    assert set(names(plan.tables)) == {f"public.{table}" for table in wanted}
    assert names(plan.jobs) == ([channel] if channel in TRACKED else [])
    consents = {*CHANNEL_CONSENTS.get(channel, "").split(), *LAYER_CONSENTS.get(layer, "").split()}
    assert set(names(plan.missing_consents)) == consents


def test_a_receipt_waits_for_email_as_a_risk_not_as_a_missing_consent() -> None:
    waiting = make_plan(Scenario(layer="scroll", channels=["receipt"]))
    mailed = make_plan(Scenario(layer="scroll", channels=["receipt"], consents=["email_delivery"]))
    assert waiting.verdict is mailed.verdict is Verdict.READY
    assert names(waiting.risks) == ["receipt_waits"]
    assert mailed.risks == ()


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"layer": "tarot"}, "unknown layer tarot; choose from scroll"),
        ({"layer": "scroll", "channels": ["fax", "email"]}, "unknown channel fax; choose from email"),
        ({"layer": "scroll", "consents": ["all"]}, "unknown consent all; choose from passport_write"),
    ],
)
def test_unknown_ids_are_named_with_the_valid_ones(fault: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Scenario(**fault)


@given(scenarios)
def test_order_and_repetition_do_not_matter(scenario: Scenario) -> None:
    twice = Scenario(layer=scenario.layer, channels=scenario.channels[::-1] * 2, consents=scenario.consents[::-1] * 2)
    assert make_plan(twice) == make_plan(scenario)


@given(scenarios)
def test_plan_survives_its_own_json(scenario: Scenario) -> None:
    plan = make_plan(scenario)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


BETTER = {Verdict.NOT_OFFERED: 0, Verdict.MISSING_CONSENT: 1, Verdict.READY: 2}
KNOWN = {
    "tables": {table.qualified for table in RULES.tables},
    "jobs": {job.id for job in RULES.jobs},
    "env": {variable.id for variable in RULES.env},
    "policies": {policy.name for table in RULES.tables for policy in table.policies},
    "missing_consents": set(CONSENT_IDS),
    "risks": {risk.id for risk in RULES.risks},
}


def faults_of(scenario: Scenario, plan: Plan) -> list[str]:
    """Return every law that the plan of one scenario breaks."""
    missing = names(plan.missing_consents)
    chosen = {f"layer {scenario.layer}", *(f"channel {id}" for id in scenario.channels)}
    offered = set(OFFERS[scenario.layer].split())
    listed = [getattr(plan, key) for key in KNOWN]
    ready = plan.verdict is Verdict.READY
    laws = {
        "names only what the rules know": all(
            known.issuperset(line.name for line in getattr(plan, key)) for key, known in KNOWN.items()
        ),
        "names each thing once": all(len(lines) == len({line.name for line in lines}) for lines in listed),
        "missing consents are not given": not set(missing) & set(scenario.consents),
        "missing consents are needed by something chosen": all(
            line.needed_by and chosen.issuperset(line.needed_by) for line in plan.missing_consents
        ),
        "not offered if and only if a channel is not": (plan.verdict is Verdict.NOT_OFFERED)
        == (not offered.issuperset(scenario.channels)),
        "ready if and only if nothing is missing": ready
        == (not missing and offered.issuperset(scenario.channels)),
        "a change is offered if and only if one is needed": bool(plan.smallest_change) != ready,
        "a job brings the queue": not plan.jobs or "public.delivery_jobs" in names(plan.tables),
    }  # fmt: skip
    return [law for law, kept in laws.items() if not kept]


def test_laws_hold_over_every_scenario() -> None:
    """Also that more consent never makes a verdict worse: each consent set is compared with those one smaller."""
    seen: dict[tuple[str, tuple[str, ...], tuple[str, ...]], int] = {}
    broken: list[str] = []
    for scenario in all_scenarios():
        plan = make_plan(scenario)
        broken += [f"{scenario}: {law}" for law in faults_of(scenario, plan)]
        for change in plan.smallest_change:
            if make_plan(plan.after(change)).verdict is not Verdict.READY:
                broken.append(f"{scenario}: {change.name} does not make it ready")
        rank = BETTER[plan.verdict]
        seen[scenario.layer, scenario.channels, scenario.consents] = rank
        for left_out in scenario.consents:
            fewer = tuple(id for id in scenario.consents if id != left_out)
            if seen[scenario.layer, scenario.channels, fewer] > rank:
                broken.append(f"{scenario}: worse than without {left_out}")
    assert len(seen) == 7 * 256 * 64
    assert broken == []


def test_no_smaller_change_makes_ready() -> None:
    """No step of a smallest change is idle: over every layer and channel set, with no consent and with each alone."""
    for layer in LAYER_IDS:
        for channels in {scenario.channels for scenario in all_scenarios() if scenario.layer == layer}:
            for consents in ((), *((id,) for id in CONSENT_IDS)):
                plan = make_plan(Scenario.model_construct(layer=layer, channels=channels, consents=consents))
                for change in plan.smallest_change:
                    for step in (*change.give, *change.drop):
                        lazier = change.model_copy(
                            update={
                                "give": tuple(id for id in change.give if id != step),
                                "drop": tuple(id for id in change.drop if id != step),
                            }
                        )
                        assert make_plan(plan.after(lazier)).verdict is not Verdict.READY, (plan.scenario, step)


def test_alternatives_are_offered_together() -> None:
    plan = make_plan(Scenario(layer="artifacts", channels=["email"]))
    assert names(plan.smallest_change) == ["give email_delivery", "drop email"]
